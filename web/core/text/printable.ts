// What strangers wrote as one line of plain text: without control characters and without those that turn the direction of what follows.

const LONGEST_NAME = 150;

export function printable(text: string): string {
    return oneLine(text).trim();
}

/** The same of a piece of a line, with the blanks at its ends. */
export function oneLine(text: string): string {
    return text.replaceAll(/[\p{Cc}\u2028\u2029][\p{Cc}\u2028\u2029 ]*/gu, " ").replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "");
}

/** For those who look for what is wrong: each such character, and each that is not seen, by its number. */
export function visible(text: string): string {
    return text.replaceAll(/[\p{Cc}\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu, (sign) => {
        return `⟨${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}⟩`;
    });
}

/** A file's name that names no folder and is no longer than file systems have it. */
export function fileName(name: string): string {
    const plain = printable(name).replaceAll(/[/\\]/g, "_").replace(/^\.+/, "_");
    const ending = /\.[^.]{1,10}$/u.exec(plain)?.[0] ?? "";
    return plain.length <= LONGEST_NAME ? plain : [...plain].slice(0, LONGEST_NAME - ending.length).join("") + ending;
}
