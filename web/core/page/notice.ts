// One line that says what was done or what went wrong, with one thing to do about it.
import { signal } from "@preact/signals";

export interface Notice {
    readonly text: string;
    readonly action?: { readonly label: string; run(): void };
    readonly bad?: boolean;
}

export const notice = signal<Notice | undefined>(undefined);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Shows a notice in place of the one before. */
export function tell(said: Notice, milliseconds = said.bad === true ? 10_000 : 7_000): void {
    clearTimeout(timer);
    notice.value = said;
    timer = setTimeout(() => { notice.value = undefined; }, milliseconds);
}

export function tellNothing(): void {
    clearTimeout(timer);
    notice.value = undefined;
}
