// A letter in plain text as pieces to show: nothing of it becomes markup. Quotes can be folded, links be followed.

export type Piece =
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "link"; readonly text: string; readonly href: string };

/** Lines of one depth of quoting, or the signature. */
export interface Block {
    readonly depth: number;
    readonly signature: boolean;
    readonly lines: readonly (readonly Piece[])[];
}

const MOST_DEPTH = 20;
const LONGEST_LINE_WITH_LINKS = 20_000;

// Ends before what belongs to the sentence: points, brackets that were not opened within, Japanese punctuation.
const LINK = /\b(?:https?:\/\/|www\.)[^\s<>"'`{}|\\^\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff5b-\uff65]+|\bmailto:[^\s<>"]+|[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z]{2,}/giu;

/** Takes a text apart. Line ends are CRLF or LF; `flowed` and `delSp` as RFC 3676 says, which joins lines again. */
export function blocks(text: string, flowed = false, delSp = false): Block[] {
    const lines = text.split(/\r\n|\n|\r/).map(unquoted);
    const joined = flowed ? joinFlowed(lines, delSp) : lines;
    const found: { depth: number; signature: boolean; lines: Piece[][] }[] = [];
    let signature = false;
    for (const line of joined) {
        if (line.depth === 0 && line.text === "-- ") signature = true;
        else if (line.depth > 0) signature = false;
        const last = found.at(-1);
        if (last === undefined || last.depth !== line.depth || last.signature !== signature)
            found.push({ depth: line.depth, signature, lines: [pieces(line.text)] });
        else last.lines.push(pieces(line.text));
    }
    return found;
}

interface Line {
    readonly depth: number;
    readonly text: string;
}

/** "> > x" and ">> x" are both of depth 2. RFC 3676 §4.5 */
function unquoted(line: string): Line {
    const marks = /^(?:> ?)+/.exec(line)?.[0] ?? "";
    const depth = marks.replaceAll(" ", "").length;
    return { depth: Math.min(depth, MOST_DEPTH), text: line.slice(marks.length) };
}

/** RFC 3676 §4.1: a line that ends with a blank goes on in the next of the same depth. */
function joinFlowed(lines: readonly Line[], delSp: boolean): Line[] {
    const joined: Line[] = [];
    let open: { depth: number; parts: string[] } | undefined;
    const close = () => {
        if (open !== undefined) joined.push({ depth: open.depth, text: open.parts.join("") });
        open = undefined;
    };
    for (const { depth, text } of lines) {
        const stuffed = depth === 0 && text.startsWith(" ") ? text.slice(1) : text;
        if (open !== undefined && open.depth !== depth) close();
        if (stuffed === "-- ") {
            close();
            joined.push({ depth, text: stuffed });
            continue;
        }
        const goesOn = stuffed.endsWith(" ");
        open ??= { depth, parts: [] };
        open.parts.push(goesOn && delSp ? stuffed.slice(0, -1) : stuffed);
        if (!goesOn) close();
    }
    close();
    return joined;
}

/** The links of a line, and what is between them. */
export function pieces(line: string): Piece[] {
    if (line.length > LONGEST_LINE_WITH_LINKS) return [{ kind: "text", text: line }];
    const found: Piece[] = [];
    let end = 0;
    for (const match of line.matchAll(LINK)) {
        const text = withoutEnd(match[0]);
        const href = address(text);
        if (href === undefined) continue;
        if (match.index > end) found.push({ kind: "text", text: line.slice(end, match.index) });
        found.push({ kind: "link", text, href });
        end = match.index + text.length;
    }
    if (end < line.length || line === "") found.push({ kind: "text", text: line.slice(end) });
    return found;
}

function withoutEnd(link: string): string {
    let end = link.length;
    for (;;) {
        const last = link[end - 1]!;
        if (/[.,;:!?*_~]/.test(last)) end -= 1;
        else if ((last === ")" && !opened(link.slice(0, end - 1), "(", ")")) || (last === "]" && !opened(link.slice(0, end - 1), "[", "]"))) end -= 1;
        else return link.slice(0, end);
    }
}

/** Whether a bracket in a text is still open at its end. */
function opened(text: string, open: string, close: string): boolean {
    return text.split(open).length > text.split(close).length;
}

/** Where a link leads: http, https and mailto only, and only to what is an address. */
function address(text: string): string | undefined {
    const whole = /^(?:https?:|mailto:)/i.test(text) ? text : text.includes("@") && !/^www\./i.test(text) ? `mailto:${text}` : `https://${text}`;
    try {
        const url = new URL(whole);
        if (url.protocol === "mailto:") return url.pathname.includes("@") ? whole : undefined;
        return (url.protocol === "https:" || url.protocol === "http:") && url.username === "" ? url.href : undefined;
    } catch {
        return undefined;
    }
}
