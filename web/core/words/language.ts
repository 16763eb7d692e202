// The language of the pages: what was chosen in this browser, or else what it prefers. Each page has its own words beside these.
import { computed, signal } from "@preact/signals";
import { keep, kept } from "../page/kept.js";
import { english } from "./en.js";
import { japanese } from "./ja.js";
import type { Words } from "./words.js";

export const LANGUAGES: readonly Words[] = [english, japanese];
const spoken = signal(first());

export const words = computed(() => inLanguage(LANGUAGES));

/** Of the words of a page those in the language that is spoken. */
export function inLanguage<W extends Words>(all: readonly W[]): W {
    return all.find((one) => one.language === spoken.value) ?? all[0]!;
}

export function speak(language: Words): void {
    keep("language", language.language);
    spoken.value = language.language;
}

function first(): string {
    const asked = [kept("language"), ...(globalThis.navigator?.languages ?? [])];
    for (const language of asked) {
        const found = LANGUAGES.find((one) => language?.split("-")[0] === one.language);
        if (found !== undefined) return found.language;
    }
    return english.language;
}
