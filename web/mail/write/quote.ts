// The letter that is answered, quoted in plain text.
import type { Words } from "../../core/words/words.js";
import type { Address } from "./address.js";

/** "On 27 November 2026 at 10:00, Anna wrote:" in the reader's language and zone. */
export function attribution(from: readonly Address[], sent: Date | null, words: Words, zone?: string): string {
    const first = from[0];
    const who = first === undefined ? words.somebody : first.name?.trim() || first.email;
    if (sent === null || Number.isNaN(sent.getTime())) return words.wrote(who);
    const style: Intl.DateTimeFormatOptions = { dateStyle: "long", timeStyle: "short", ...(zone === undefined ? {} : { timeZone: zone }) };
    return words.wroteOn(new Intl.DateTimeFormat(words.language, style).format(sent), who);
}

/** A text with each line quoted once more (RFC 3676 §4.5), without what is blank at its end and without the signature. */
export function quoted(text: string): string {
    const lines = text.split(/\r\n|\n|\r/);
    const signature = lines.lastIndexOf("-- ");
    const kept = (signature >= 0 && !lines.slice(signature + 1).some((line) => line.startsWith(">")) ? lines.slice(0, signature) : lines);
    while (kept.length > 0 && kept.at(-1)!.trim() === "") kept.pop();
    return kept.map((line) => (line.startsWith(">") ? `>${line}` : line === "" ? ">" : `> ${line}`)).join("\n");
}
