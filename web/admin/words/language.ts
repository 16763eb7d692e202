import { computed, effect, signal } from "@preact/signals";
import { inLanguage } from "../../core/words/language.js";
import { english } from "./en.js";
import { japanese } from "./ja.js";
import { ServerWords, type Tables } from "./server.js";

export const words = computed(() => inLanguage([english, japanese]));

const tables = signal<Tables | undefined>(undefined);

/** Nothing until they are loaded. */
export const serverWords = computed(() => tables.value && new ServerWords(tables.value, words.value.language));

let loading = false;

/** What the server says is in English: for that alone nothing needs to be loaded. */
export function loadServerWords(): void {
    if (loading) return;
    loading = true;
    import("tegami:server-words").then((part) => { tables.value = part.default; }, () => { loading = false; });
}

/** A sentence of the server in the reader's language, as a sentence. */
export function translated(sentence: string): string {
    const said = serverWords.value?.sentence(sentence) ?? sentence;
    if (said === "" || said !== sentence) return said;
    const whole = said[0]!.toUpperCase() + said.slice(1);
    return /[.!?。]$/u.test(whole) ? whole : `${whole}.`;
}

effect(() => { if (words.value.language !== "en") loadServerWords(); });
