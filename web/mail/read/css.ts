// The style of a stranger's letter, with only what is known to do no harm: properties, functions and selectors by list. It is parsed
// and written anew, never searched for patterns. The letter's frame has no scripts and a policy of its own; this is one more layer.
import { followed, tokens, written, type Token } from "./css_tokens.js";

/** Says what stands in place of the address of a picture; nothing: the declaration goes. */
export type Picture = (address: string) => string | undefined;

export const ID_PREFIX = "letter-";
const MOST_RULES = 2_000;
const LONGEST_SELECTOR = 100; // tokens of a rule's
const LONGEST_SHEET = 1_000_000;
const DEEPEST = 8;

const PROPERTIES = new Set(`
background background-color background-image background-position background-repeat background-size border border-bottom
border-bottom-color border-bottom-left-radius border-bottom-right-radius border-bottom-style border-bottom-width border-collapse border-color
border-left border-left-color border-left-style border-left-width border-radius border-right border-right-color border-right-style
border-right-width border-spacing border-style border-top border-top-color border-top-left-radius border-top-right-radius border-top-style
border-top-width border-width box-sizing caption-side clear color direction display empty-cells float font font-family font-size font-stretch
font-style font-variant font-weight height letter-spacing line-break line-height list-style list-style-position list-style-type margin
margin-bottom margin-left margin-right margin-top max-height max-width min-height min-width object-fit opacity overflow overflow-wrap
overflow-x overflow-y padding padding-bottom padding-left padding-right padding-top table-layout text-align text-decoration
text-decoration-color text-decoration-line text-decoration-style text-indent text-overflow text-transform unicode-bidi vertical-align
visibility white-space width word-break word-spacing word-wrap writing-mode`.trim().split(/\s+/));
const WITH_PICTURES = new Set(["background", "background-image"]);
const WITH_STRINGS = new Set(["font", "font-family"]);
const FUNCTIONS = new Set(["rgb", "rgba", "hsl", "hsla", "calc", "min", "max", "clamp", "linear-gradient", "radial-gradient"]);
const PSEUDO_CLASSES = new Set(["active", "first-child", "focus", "hover", "last-child", "link", "only-child", "visited"]);
// None that follows the height of the frame, which follows that of the letter.
const UNITS = new Set(["", "%", "ch", "cm", "deg", "em", "ex", "in", "mm", "pc", "pt", "px", "rad", "rem", "turn", "vw"]);
const MEDIA_WORDS = new Set(["all", "and", "dark", "light", "max-device-width", "max-width", "min-device-width", "min-width", "not", "only", "or", "orientation",
    "landscape", "portrait", "prefers-color-scheme", "print", "screen"]);

/** The declarations of a style attribute. */
export function cleanStyle(css: string, picture: Picture): string {
    return declarations(tokens(css.slice(0, LONGEST_SHEET)), picture);
}

/** The rules of a style element. Names of ids get `letter-` in front, as the attributes do. */
export function cleanSheet(css: string, picture: Picture): string {
    const budget = { rules: MOST_RULES };
    return rules(tokens(css.slice(0, LONGEST_SHEET)), picture, budget, true);
}

function rules(list: readonly Token[], picture: Picture, budget: { rules: number }, mediaToo: boolean): string {
    let kept = "";
    let at = 0;
    while (at < list.length && budget.rules > 0) {
        const start = at;
        const first = list[at]!;
        if (first.kind === "blank") {
            at += 1;
            continue;
        }
        at = endOf(list, at, first.kind === "at" ? ";{" : "{");
        const prelude = list.slice(start, at);
        const open = list[at];
        at += 1;
        if (open === undefined || !isDelim(open, "{")) continue; // an at-rule without a block, or the end
        const end = blockEnd(list, at);
        const block = list.slice(at, end);
        at = end + 1;
        budget.rules -= 1;
        if (first.kind === "at") {
            const media = mediaToo && first.value.toLowerCase() === "media" ? mediaQuery(prelude.slice(1)) : undefined;
            const inner = media === undefined ? "" : rules(block, picture, budget, false);
            if (inner !== "") kept += `@media ${media}{${inner}}`;
            continue;
        }
        const selector = selectors(prelude);
        const body = selector === undefined ? "" : declarations(block, picture);
        if (body !== "") kept += `${selector}{${body}}`;
    }
    return kept;
}

function isDelim(token: Token | undefined, value: string): boolean {
    return token?.kind === "delim" && token.value === value;
}

/** The next of these delimiters outside of brackets, or the end. */
function endOf(list: readonly Token[], from: number, delimiters: string): number {
    let depth = 0;
    for (let at = from; at < list.length; at += 1) {
        const token = list[at]!;
        if (token.kind === "function" || isDelim(token, "(") || isDelim(token, "[")) depth += 1;
        else if (isDelim(token, ")") || isDelim(token, "]")) depth = Math.max(0, depth - 1);
        else if (depth === 0 && token.kind === "delim" && delimiters.includes(token.value)) return at;
    }
    return list.length;
}

function blockEnd(list: readonly Token[], from: number): number {
    let depth = 1;
    for (let at = from; at < list.length; at += 1) {
        if (isDelim(list[at], "{")) depth += 1;
        else if (isDelim(list[at], "}")) depth -= 1;
        if (depth === 0) return at;
    }
    return list.length;
}

/** A list of selectors of elements, classes, ids and a few pseudo-classes; nothing if there is anything else: a selector that is
 *  changed would match what was not meant. */
function selectors(prelude: readonly Token[]): string | undefined {
    if (prelude.length > LONGEST_SELECTOR) return undefined;
    let text = "";
    for (let at = 0; at < prelude.length; at += 1) {
        const token = prelude[at]!;
        const next = prelude[at + 1];
        if (token.kind === "ident" && prelude[at - 1]?.kind === "ident") return undefined; // only a comment is between them
        if (token.kind === "ident" || token.kind === "blank") text += written(token);
        else if (token.kind === "hash") text += written({ kind: "hash", value: ID_PREFIX + token.value });
        else if (token.kind === "delim" && "*>+~,".includes(token.value)) text += token.value;
        else if (isDelim(token, ".") && next?.kind === "ident") text += ".";
        else if (isDelim(token, ":") && next?.kind === "ident" && PSEUDO_CLASSES.has(next.value.toLowerCase())) text += ":";
        else return undefined;
    }
    const trimmed = text.trim();
    return trimmed === "" ? undefined : trimmed;
}

function mediaQuery(prelude: readonly Token[]): string | undefined {
    let text = "";
    for (const token of prelude) {
        const known = token.kind === "ident" ? MEDIA_WORDS.has(token.value.toLowerCase())
            : token.kind === "number" ? UNITS.has(token.unit)
            : token.kind === "blank" || (token.kind === "delim" && "():,".includes(token.value));
        if (!known) return undefined;
        text = followed(text, token);
    }
    const balanced = text.split("(").length === text.split(")").length;
    return balanced && text.trim() !== "" ? text.trim() : undefined;
}

function declarations(list: readonly Token[], picture: Picture): string {
    const kept: string[] = [];
    for (let at = 0; at < list.length; at += 1) {
        const end = declarationEnd(list, at);
        const declaration = cleaned(list.slice(at, end), picture);
        if (declaration !== undefined) kept.push(declaration);
        at = end;
    }
    return kept.join(";");
}

/** A block in braces belongs to its declaration, so that nothing in it is taken for the next one. */
function declarationEnd(list: readonly Token[], from: number): number {
    let depth = 0;
    for (let at = from; at < list.length; at += 1) {
        const token = list[at]!;
        if (token.kind === "function" || (token.kind === "delim" && "([{".includes(token.value))) depth += 1;
        else if (token.kind === "delim" && ")]}".includes(token.value)) depth = Math.max(0, depth - 1);
        else if (depth === 0 && isDelim(token, ";")) return at;
    }
    return list.length;
}

function cleaned(list: readonly Token[], picture: Picture): string | undefined {
    const parts = list.filter((token, index) => token.kind !== "blank" || index > 0);
    const [first, ...rest] = parts;
    const colon = rest.findIndex((token) => token.kind !== "blank");
    if (first?.kind !== "ident" || !isDelim(rest[colon], ":")) return undefined;
    const property = first.value.toLowerCase();
    if (!PROPERTIES.has(property)) return undefined;
    const value = values(property, rest.slice(colon + 1), picture);
    return value === undefined ? undefined : `${property}:${value}`;
}

/** The value of a property; nothing if anything in it is not known to be harmless. */
function values(property: string, list: readonly Token[], picture: Picture): string | undefined {
    let text = "";
    let depth = 0;
    for (const token of list) {
        switch (token.kind) {
            case "number":
                if (!UNITS.has(token.unit)) return undefined;
                text = followed(text, token);
                break;
            case "blank":
            case "hash":
                text = followed(text, token);
                break;
            case "ident":
                if (token.value.startsWith("--")) return undefined;
                text = followed(text, token);
                break;
            case "string":
                if (!WITH_STRINGS.has(property)) return undefined;
                text = followed(text, token);
                break;
            case "function":
                if (!FUNCTIONS.has(token.value)) return undefined;
                if (token.value.endsWith("-gradient") && !WITH_PICTURES.has(property)) return undefined;
                depth += 1;
                if (depth > DEEPEST) return undefined;
                text = followed(text, token);
                break;
            case "url": {
                const address = WITH_PICTURES.has(property) ? picture(token.value) : undefined;
                if (address === undefined) return undefined;
                text = followed(text, { kind: "url", value: address });
                break;
            }
            case "delim":
                if (token.value === "(") depth += 1;
                else if (token.value === ")") depth -= 1;
                else if (!",/!+*-".includes(token.value)) return undefined;
                if (depth < 0 || depth > DEEPEST) return undefined;
                text = followed(text, token);
                break;
            default:
                return undefined;
        }
    }
    return depth === 0 && text.trim() !== "" ? text.trim() : undefined;
}
