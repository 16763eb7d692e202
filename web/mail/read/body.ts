// Which parts of a letter are its text, and which are attached (RFC 8621 §4.1.4).
import type { Letter, Part } from "../model/types.js";

const MOST_PARTS = 40;

/** Whether any of what is shown is HTML. */
export function isHtml(letter: Letter): boolean {
    return letter.htmlBody.some(({ type }) => type === "text/html");
}

/** The parts to show, one after the other: as HTML where there is any, or as plain text. */
export function shownParts(letter: Letter, asText: boolean): readonly Part[] {
    return (asText ? letter.textBody : letter.htmlBody).slice(0, MOST_PARTS);
}

/** What can be had besides: not the pictures that stand within the letter. */
export function attached(letter: Letter): readonly Part[] {
    const html = letter.htmlBody.map(({ partId }) => letter.bodyValues[partId ?? ""]?.value ?? "").join("\n").toLowerCase();
    const within = ({ cid, disposition }: Part) => cid !== null && disposition !== "attachment" && html.includes(`cid:${cid.toLowerCase()}`);
    return letter.attachments.filter((part) => !within(part));
}

/** The part that a letter's HTML means by `cid:`. */
export function enclosed(letter: Letter, cid: string): Part | undefined {
    const parts = [...letter.attachments, ...letter.htmlBody];
    return parts.find((part) => part.cid === cid && isPicture(part));
}

/** A picture that a browser shows and that holds no scripts. */
export function isPicture({ type }: Pick<Part, "type">): boolean {
    return /^image\/(?:png|jpeg|gif|webp|avif|bmp)$/i.test(type);
}

/** A letter within a letter. */
export function isLetter({ type }: Pick<Part, "type">): boolean {
    return /^message\/(?:rfc822|global)$/i.test(type);
}

/** What can be read as text, as it is: HTML is a stranger's, and stays a file. */
export function isText({ type }: Pick<Part, "type">): boolean {
    return /^text\/(?!html\b)/i.test(type) || /^application\/(?:json|x-yaml|toml)$/i.test(type);
}

/** The text of a file, by its charset if it names one that is known. */
export function textOfFile(octets: ArrayBuffer, charset: string | null | undefined): string {
    try {
        return new TextDecoder(charset ?? "utf-8").decode(octets);
    } catch {
        return new TextDecoder().decode(octets);
    }
}

/** Of a part in plain text: whether its lines are to be joined, and how (RFC 3676). */
export function flow(contentType: string | null): { flowed: boolean; delSp: boolean } {
    return { flowed: /;\s*format\s*=\s*"?flowed/i.test(contentType ?? ""), delSp: /;\s*delsp\s*=\s*"?yes/i.test(contentType ?? "") };
}
