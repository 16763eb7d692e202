// Letters whose markup is nested so deep that a browser fails at it: it counts brackets in style by recursion, and looks through all open
// elements for each new one. They are known by one look at the text, before any parser of the browser has it, and are shown as text.

const MOST_BRACKETS = 400; // open ones of a kind
const MOST_OPEN = 1_500; // elements
const OPENING: { readonly [character: string]: number } = { "(": 0, "[": 1, "{": 2 };
const CLOSING: { readonly [character: string]: number } = { ")": 0, "]": 1, "}": 2 };
// Whose end tag is left out, or that have none.
const UNCLOSED = new Set(`area base br col dd dt embed hr img input li link meta option p param rp rt source tbody td tfoot th thead tr track wbr`.split(" "));
const PIECES = /[()[\]{}]|&(?:#0*(?:40|91|123)(?!\d)|#x0*(?:28|5b|7b)(?![\da-f])|(?:lpar|lsqb|lbrack|lcub|lbrace);)|<(\/?)([a-z][a-z0-9]*)/gi;

/** Whether HTML has more nesting than any letter needs. What closes nothing counts for nothing; what is only text counts, too. */
export function isTooDeep(html: string): boolean {
    const brackets = [0, 0, 0];
    let open = 0;
    for (const [piece, end, name] of html.matchAll(PIECES)) {
        if (name !== undefined) {
            if (UNCLOSED.has(name.toLowerCase())) continue;
            open = end === "/" ? Math.max(0, open - 1) : open + 1;
            if (open > MOST_OPEN) return true;
            continue;
        }
        const closes = CLOSING[piece];
        if (closes !== undefined) brackets[closes] = Math.max(0, brackets[closes]! - 1);
        const opens = OPENING[piece] ?? (closes === undefined ? 0 : undefined); // an entity counts as the first kind
        if (opens !== undefined && (brackets[opens] = brackets[opens]! + 1) > MOST_BRACKETS) return true;
    }
    return false;
}

const ENTITIES: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " ", apos: "'" };

/** The text of such a letter, without a parser: only ever shown as text. */
export function roughText(html: string): string {
    return html.replaceAll(/<(style|script|title|head)\b[^]*?<\/\1[^>]*>/gi, "").replaceAll(/<(?:br|\/?p|\/?div|\/?tr|\/?li|\/?h[1-6])\b[^>]*>/gi, "\n").replaceAll(/<\/?[a-z!][^>]*>/gi, "")
        .replaceAll(/&(\w+);/g, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole).replaceAll(/[ \t]+/g, " ").replaceAll(/\s*\n\s*/g, "\n").trim();
}
