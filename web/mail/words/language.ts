// The language of the pages: what was chosen in this browser, or else what it prefers.
import { signal } from "@preact/signals";
import { keep, kept } from "../../core/page/kept.js";
import { english } from "./en.js";
import { japanese } from "./ja.js";
import type { MailWords } from "./words.js";

export const LANGUAGES: readonly MailWords[] = [english, japanese];
export const words = signal<MailWords>(first());

function first(): MailWords {
    const asked = [kept("language"), ...(globalThis.navigator?.languages ?? [])];
    for (const language of asked) {
        const found = LANGUAGES.find((one) => language?.split("-")[0] === one.language);
        if (found !== undefined) return found;
    }
    return english;
}

export function speak(language: MailWords): void {
    keep("language", language.language);
    words.value = language;
}
