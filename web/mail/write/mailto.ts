// A letter that a link asks for (RFC 6068): one recipient, a subject and a text; whatever else it asks for is left out.

export interface LetterTo {
    readonly to: string;
    readonly subject: string;
    readonly body: string;
}

/** Nothing where it is no such link, or names none or several. */
export function letterTo(link: string): LetterTo | undefined {
    const match = /^mailto:([^?]*)(?:\?(.*))?$/is.exec(link);
    if (match === null) return undefined;
    const to = decoded(match[1]!);
    if (to === undefined || !/^[^\s@,;<>"]+@[^\s@,;<>"]+$/.test(to)) return undefined;
    const fields = new Map<string, string>();
    for (const pair of (match[2] ?? "").split("&")) {
        const [name = "", value = ""] = pair.split(/=(.*)/s);
        const text = decoded(value);
        if (text !== undefined && !fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), text);
    }
    const subject = (fields.get("subject") ?? "").replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").trim().slice(0, 500);
    const body = (fields.get("body") ?? "").replaceAll(/\r\n?/g, "\n").replaceAll(/[^\P{Cc}\n\t]/gu, "").slice(0, 2_000);
    return { to, subject, body };
}

/** The link that asks for a letter. */
export function mailto({ to, subject, body }: LetterTo): string {
    return `mailto:${encodeURIComponent(to)}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`;
}

function decoded(text: string): string | undefined {
    try {
        return decodeURIComponent(text);
    } catch {
        return undefined;
    }
}
