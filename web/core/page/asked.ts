// A question that waits for its answer; the notice line's component shows it.
import { signal } from "@preact/signals";

export interface Asked {
    readonly title: string;
    readonly text: string;
    readonly yes: string;
    answered(sure: boolean): void;
}

export const asked = signal<Asked | undefined>(undefined);

/** One question at a time: one that stands there already is answered with no. */
export function ask(title: string, text: string, yes: string): Promise<boolean> {
    asked.peek()?.answered(false);
    return new Promise((resolve) => {
        asked.value = { title, text, yes, answered: (sure) => { asked.value = undefined; resolve(sure); } };
    });
}
