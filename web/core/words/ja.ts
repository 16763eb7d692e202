import { number, octets } from "./numbers.js";
import type { Words } from "./words.js";

export const japanese: Words = {
    language: "ja",
    somebody: "差出人不明",
    wrote: (who) => `${who} さんからのメッセージ:`,
    wroteOn: (when, who) => `${when}、${who} さんからのメッセージ:`,
    letters: (count) => `${number("ja", count)} 通`,
    chosen: (count) => `${number("ja", count)} 通を選択中`,
    yesterday: "昨日",
    octets: (count) => octets("ja", count),
};
