// CSS as its tokens, after CSS Syntax Module Level 3 §4, and back. What is written is always one token for one that was read.

export type Token =
    | { readonly kind: "ident" | "function" | "at" | "hash" | "string" | "url"; readonly value: string }
    | { readonly kind: "number"; readonly value: number; readonly unit: string }
    | { readonly kind: "delim"; readonly value: string }
    | { readonly kind: "blank" }
    | { readonly kind: "bad" };

const NAME_START = /[A-Za-z_\u0080-\u{10ffff}]/u;
const NAME = /[\w\-\u0080-\u{10ffff}]/u;
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy;
const LARGEST = 10_000_000;

/** Reads a text into tokens, at most `most` of them. Never fails: what is no token is a bad one. */
export function tokens(css: string, most = 100_000): Token[] {
    const reader = new Reader(css);
    const found: Token[] = [];
    for (let token = reader.next(); token !== undefined && found.length < most; token = reader.next()) found.push(token);
    return found;
}

class Reader {
    private at = 0;
    private readonly text: string;

    constructor(css: string) {
        this.text = css.replaceAll(/\r\n?|\f/g, "\n").replaceAll("\0", "\ufffd"); // §3.3
    }

    next(): Token | undefined {
        while (this.text.startsWith("/*", this.at)) {
            const end = this.text.indexOf("*/", this.at + 2);
            this.at = end < 0 ? this.text.length : end + 2;
        }
        const first = this.text[this.at];
        if (first === undefined) return undefined;
        if (/\s/.test(first)) {
            while (/\s/.test(this.text[this.at] ?? "x")) this.at += 1;
            return { kind: "blank" };
        }
        if (first === '"' || first === "'") return this.string(first);
        if (first === "#" && this.isName(this.at + 1)) {
            this.at += 1;
            return { kind: "hash", value: this.name() };
        }
        if (first === "@" && this.startsName(this.at + 1)) {
            this.at += 1;
            return { kind: "at", value: this.name() };
        }
        const number = this.number();
        if (number !== undefined) return number;
        if (this.startsName(this.at)) return this.word();
        if (this.text.startsWith("<!--", this.at) || this.text.startsWith("-->", this.at)) { // of a page that hides its style
            this.at += first === "<" ? 4 : 3;
            return { kind: "blank" };
        }
        this.at += 1;
        return first === "\\" ? { kind: "bad" } : { kind: "delim", value: first };
    }

    private character(at: number): string | undefined {
        const code = this.text.codePointAt(at);
        return code === undefined ? undefined : String.fromCodePoint(code);
    }

    private isEscape(at: number): boolean {
        return this.text[at] === "\\" && this.text[at + 1] !== undefined && this.text[at + 1] !== "\n";
    }

    private isName(at: number): boolean {
        return NAME.test(this.character(at) ?? " ") || this.isEscape(at);
    }

    private startsName(at: number): boolean {
        if (this.text[at] === "-") return this.text[at + 1] === "-" || NAME_START.test(this.character(at + 1) ?? " ") || this.isEscape(at + 1);
        return NAME_START.test(this.character(at) ?? " ") || this.isEscape(at);
    }

    private name(): string {
        let name = "";
        while (this.isName(this.at)) name += this.text[this.at] === "\\" ? this.escaped() : this.take();
        return name;
    }

    private take(): string {
        const character = this.character(this.at)!;
        this.at += character.length;
        return character;
    }

    /** §4.3.7 */
    private escaped(): string {
        this.at += 1;
        const hex = /[0-9a-f]{1,6}/iy;
        hex.lastIndex = this.at;
        const digits = hex.exec(this.text)?.[0];
        if (digits === undefined) return this.take();
        this.at += digits.length;
        if (/\s/.test(this.text[this.at] ?? "x")) this.at += 1;
        const code = Number.parseInt(digits, 16);
        return code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? "\ufffd" : String.fromCodePoint(code);
    }

    private string(quote: string): Token {
        this.at += 1;
        let value = "";
        for (;;) {
            const character = this.text[this.at];
            if (character === undefined) return { kind: "string", value };
            if (character === quote) {
                this.at += 1;
                return { kind: "string", value };
            }
            if (character === "\n") return { kind: "bad" };
            if (character !== "\\") value += this.take();
            else if (this.text[this.at + 1] === "\n") this.at += 2;
            else if (this.text[this.at + 1] === undefined) this.at += 1;
            else value += this.escaped();
        }
    }

    private number(): Token | undefined {
        NUMBER.lastIndex = this.at;
        const digits = NUMBER.exec(this.text)?.[0];
        if (digits === undefined) return undefined;
        this.at += digits.length;
        const value = Math.min(Math.max(Number(digits), -LARGEST), LARGEST);
        if (this.text[this.at] === "%") {
            this.at += 1;
            return { kind: "number", value, unit: "%" };
        }
        return { kind: "number", value, unit: this.startsName(this.at) ? this.name().toLowerCase() : "" };
    }

    private word(): Token {
        const name = this.name();
        if (this.text[this.at] !== "(") return { kind: "ident", value: name };
        this.at += 1;
        if (name.toLowerCase() !== "url") return { kind: "function", value: name.toLowerCase() };
        const start = this.at;
        while (/\s/.test(this.text[this.at] ?? "x")) this.at += 1;
        const quote = this.text[this.at];
        if (quote === '"' || quote === "'") {
            this.at = start;
            return this.quotedUrl();
        }
        return this.bareUrl();
    }

    /** url("…"): one token here, since nothing else may stand in it. */
    private quotedUrl(): Token {
        while (/\s/.test(this.text[this.at]!)) this.at += 1;
        const inner = this.string(this.text[this.at]!);
        while (/\s/.test(this.text[this.at] ?? "x")) this.at += 1;
        if (this.text[this.at] === ")") this.at += 1;
        else if (this.text[this.at] !== undefined) return this.badUrl();
        return inner.kind === "string" ? { kind: "url", value: inner.value } : this.badUrl();
    }

    private bareUrl(): Token {
        let value = "";
        for (;;) {
            const character = this.text[this.at];
            if (character === undefined || character === ")") {
                this.at += 1;
                return { kind: "url", value };
            }
            if (/\s/.test(character)) {
                while (/\s/.test(this.text[this.at] ?? "x")) this.at += 1;
                if (this.text[this.at] === ")" || this.text[this.at] === undefined) continue;
                return this.badUrl();
            }
            if (/["'(]/.test(character) || character < " " || character === "\x7f") return this.badUrl();
            if (character !== "\\") value += this.take();
            else if (this.isEscape(this.at)) value += this.escaped();
            else return this.badUrl();
        }
    }

    private badUrl(): Token {
        while (this.at < this.text.length && this.text[this.at] !== ")") this.at += this.isEscape(this.at) ? 2 : 1;
        this.at += 1;
        return { kind: "bad" };
    }
}

/** A token as text that is read as just this token, wherever it stands, and never ends an element of HTML. */
export function written(token: Token): string {
    switch (token.kind) {
        case "ident": return name(token.value);
        case "function": return `${name(token.value)}(`;
        case "at": return `@${name(token.value)}`;
        case "hash": return `#${[...token.value].map(plain).join("")}`;
        case "string": return string(token.value);
        case "url": return `url(${string(token.value)})`;
        case "number": return decimal(token.value) + (token.unit === "%" ? "%" : name(token.unit));
        case "delim": return /[<\\"'&]/.test(token.value) ? " " : token.value;
        case "blank":
        case "bad": return " ";
    }
}

/** A text with a further token, apart from the one before it where both would be read as one. */
export function followed(text: string, token: Token): string {
    const next = written(token);
    if (next === " " && text.endsWith(" ")) return text;
    const joins = /[\w\u00a0-\u{10ffff}+-]$/u.test(text) && /^[\w\u00a0-\u{10ffff}.\\+-]/u.test(next);
    return joins ? `${text} ${next}` : text + next;
}

/** In CSS an exponent and a unit "e…" are easily confused: numbers are written without one. */
function decimal(value: number): string {
    return Number(value.toFixed(5)).toString().replace(/e.*$/, "");
}

function name(value: string): string {
    const characters = [...value];
    return characters.map((character, index) => (/\d/.test(character) && (index === 0 || (index === 1 && characters[0] === "-"))
        ? hex(character) : character === "-" && characters.length === 1 ? "\\-" : plain(character))).join("");
}

function plain(character: string): string {
    return /[\w-]/.test(character) || character >= "\u00a0" ? character : hex(character);
}

function string(value: string): string {
    return `"${[...value].map((character) => (/[\w !#$%()*+,./:;=?@[\]^{|}~-]/.test(character) || character >= "\u00a0" ? character : hex(character))).join("")}"`;
}

function hex(character: string): string {
    return `\\${character.codePointAt(0)!.toString(16)} `;
}
