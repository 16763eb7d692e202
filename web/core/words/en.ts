import { octets, plural } from "./numbers.js";
import type { Words } from "./words.js";

export const english: Words = {
    language: "en",
    somebody: "somebody",
    wrote: (who) => `${who} wrote:`,
    wroteOn: (when, who) => `On ${when}, ${who} wrote:`,
    letters: (count) => plural("en", count, { one: "letter", other: "letters" }),
    chosen: (count) => `${plural("en", count, { one: "letter", other: "letters" })} chosen`,
    yesterday: "yesterday",
    octets: (count) => octets("en", count),
};
