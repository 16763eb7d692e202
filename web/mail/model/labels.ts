// Labels of letters: keywords that every program shares (RFC 8621 §4.1.1). Five have a name and a colour in all programs ($label1 to
// $label5); of any other its keyword is its name, written so that it may be one, and its colour follows from it.
import type { Keywords } from "./types.js";

const MOST_OCTETS = 100; // of a keyword, by the server
const COMMON = ["$label1", "$label2", "$label3", "$label4", "$label5"];
const PLAIN = /^[a-z0-9._-]$/;
// What programs say of a letter, or of what it is; nobody gives it these as labels.
const NO_LABEL = /^(?:\$|nonjunk$|junk$|notjunk$|forwarded$|redirected$|old$|mdnsent$)/;

/** Which of the keywords are labels, in a steady order: the common ones first. */
export function labelsOf(keywords: Keywords): string[] {
    return Object.keys(keywords).filter(isLabel).sort((a, b) => (a.startsWith("$") === b.startsWith("$") ? (a < b ? -1 : 1) : a.startsWith("$") ? -1 : 1));
}

export function isLabel(keyword: string): boolean {
    return COMMON.includes(keyword) || !NO_LABEL.test(keyword);
}

/** The keyword of a name; nothing where it is empty or too long. Case counts for nothing, as in keywords. */
export function keywordFor(name: string): string | undefined {
    const plain = name.normalize("NFC").trim().toLowerCase().replaceAll(/\s+/gu, "_");
    const keyword = [...plain].map((character) => (PLAIN.test(character) ? character : `+${character.codePointAt(0)!.toString(16)}-`)).join("");
    return keyword === "" || keyword.length > MOST_OCTETS || !isLabel(keyword) ? undefined : keyword;
}

/** What a label is called; `common` has the names of those that all programs share. */
export function nameOf(keyword: string, common: readonly string[]): string {
    const at = COMMON.indexOf(keyword);
    if (at >= 0) return common[at]!;
    return keyword.replaceAll(/\+([0-9a-f]{1,6})-/g, (whole, hex: string) => {
        const code = Number.parseInt(hex, 16);
        return code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? whole : String.fromCodePoint(code);
    }).replaceAll("_", " ");
}

/** The label that a name means, also one of the common names. */
export function labelNamed(name: string, common: readonly string[]): string | undefined {
    const at = common.findIndex((one) => one.toLowerCase() === name.trim().toLowerCase());
    return at >= 0 ? COMMON[at] : keywordFor(name);
}

/** One of eight colours, the same for the same label: those of the common ones are the ones that other programs give them. */
export function toneOf(keyword: string): number {
    const at = COMMON.indexOf(keyword);
    if (at >= 0) return at;
    let sum = 0;
    for (const letter of keyword) sum = (sum * 31 + letter.codePointAt(0)!) % 9973;
    return sum % 8;
}

/** Those to choose from: the common ones, those of these letters, and those known from before. */
export function choices(known: readonly string[], letters: readonly { readonly keywords: Keywords }[]): string[] {
    const own = new Set([...known.filter(isLabel), ...letters.flatMap(({ keywords }) => labelsOf(keywords))]);
    for (const one of COMMON) own.delete(one);
    return [...COMMON, ...[...own].sort()];
}
