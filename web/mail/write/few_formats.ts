// The few formats of a letter that is written here: a tree is built anew of those alone, element by element and without any style. What an
// editor is given, what is pasted into it and what it has at the end all goes through here.

/** What of a node is read. */
export interface Source {
    readonly nodeType: number;
    readonly nodeName: string;
    readonly nodeValue: string | null;
    readonly childNodes: Iterable<Source>;
    getAttribute?(name: string): string | null;
}

const ELEMENT = 1;
const TEXT = 3;
const DEEPEST = 60;
const KEPT: { readonly [name: string]: string } = { A: "a", B: "b", STRONG: "b", I: "i", EM: "i", U: "u", INS: "u", S: "s", STRIKE: "s", DEL: "s", SUB: "sub", SUP: "sup", CODE: "code", PRE: "pre",
    UL: "ul", OL: "ol", LI: "li", BLOCKQUOTE: "blockquote", BR: "br", IMG: "img", TABLE: "table", TBODY: "tbody", THEAD: "tbody", TFOOT: "tbody", TR: "tr", TD: "td", TH: "td",
    P: "p", DIV: "div", SECTION: "div", ARTICLE: "div", HEADER: "div", FOOTER: "div", MAIN: "div", ADDRESS: "div", CENTER: "div", DL: "div", DT: "div", DD: "div", FIGURE: "div", HR: "br" };
const HEADINGS = /^H[1-6]$/;
const NOTHING = new Set(["STYLE", "SCRIPT", "TITLE", "HEAD", "TEMPLATE"]);

/** What is in `from`, in few formats, as nodes of `document`. `picture` says where a picture is to be found; nothing: it is left out. */
export function fewFormats(from: Source, document: Document, picture: (source: string) => string | undefined): DocumentFragment {
    const made = document.createDocumentFragment();
    add(from, made, 0);
    return made;

    function add(parent: Source, to: Node, depth: number): void {
        for (const child of parent.childNodes) {
            if (child.nodeType === TEXT) to.appendChild(document.createTextNode(child.nodeValue ?? ""));
            if (child.nodeType !== ELEMENT) continue;
            const name = child.nodeName.toUpperCase();
            if (NOTHING.has(name)) continue;
            if (HEADINGS.test(name)) {
                const block = to.appendChild(document.createElement("div"));
                add(child, block.appendChild(document.createElement("b")), depth + 2);
                continue;
            }
            const kept = depth < DEEPEST ? KEPT[name] : undefined;
            const element = kept === undefined ? undefined : document.createElement(kept);
            if (element === undefined || !attributes(child, element)) {
                add(child, to, depth);
                continue;
            }
            to.appendChild(element);
            add(child, element, depth + 1);
        }
    }

    /** False: the element is worth nothing without them. */
    function attributes(source: Source, element: HTMLElement): boolean {
        if (element.localName === "a") {
            const address = source.getAttribute?.("href")?.trim() ?? "";
            if (!/^(?:https?|mailto):/i.test(address)) return false;
            element.setAttribute("href", address);
        } else if (element.localName === "img") {
            const own = picture(source.getAttribute?.("src") ?? "");
            if (own === undefined) return false;
            element.setAttribute("src", own);
            element.setAttribute("alt", source.getAttribute?.("alt") ?? "");
        }
        return true;
    }
}

/** The same as plain text: quotes with `>`, lists with their signs, links with their address. */
export function plainTextOf(from: Source): string {
    const said = lines(from).map((line) => line.replaceAll("\u00a0", " ").replaceAll(/[\u200b\ufeff]/gu, ""));
    return said.map((line) => (line === "-- " ? line : line.trimEnd())).join("\n").replace(/\n+$/, "");
}

const BLOCKS = new Set(["DIV", "P", "UL", "OL", "LI", "BLOCKQUOTE", "PRE", "TABLE", "TBODY", "TR"]);

function lines(parent: Source): string[] {
    const all: string[] = [];
    let line: string | undefined;
    let number = 0;
    const end = () => {
        if (line !== undefined) all.push(line);
        line = undefined;
    };
    for (const child of parent.childNodes) {
        const name = child.nodeName.toUpperCase();
        if (child.nodeType === TEXT) line = (line ?? "") + (child.nodeValue ?? "").replaceAll(/[\t\n\r ]+/g, parent.nodeName.toUpperCase() === "PRE" ? "$&" : " ");
        if (child.nodeType !== ELEMENT) continue;
        if (name === "BR") {
            all.push(line ?? "");
            line = undefined;
        } else if (name === "LI") {
            end();
            number += 1;
            const sign = parent.nodeName.toUpperCase() === "OL" ? `${number}. ` : "- ";
            all.push(...lines(child).filter((one, at, list) => one !== "" || at < list.length - 1).map((one, at) => (at === 0 ? sign : " ".repeat(sign.length)) + one));
        } else if (BLOCKS.has(name)) {
            end();
            const inner = lines(child);
            while (name === "BLOCKQUOTE" && inner.at(-1) === "") inner.pop();
            if (name === "P") inner.push(""); // a paragraph has room below it
            all.push(...(name === "BLOCKQUOTE" ? inner.map((one) => (one.startsWith(">") ? `>${one}` : `> ${one}`)) : inner.length === 0 && name !== "TABLE" ? [""] : inner));
        } else if (name === "TD") {
            line = `${line === undefined ? "" : `${line}\t`}${lines(child).join(" ")}`;
        } else {
            const words = lines(child).join("\n");
            const address = name === "A" ? child.getAttribute?.("href") ?? "" : "";
            line = (line ?? "") + words + (address === "" || address.replace(/^mailto:|\/$/g, "") === words.trim().replace(/\/$/, "") ? "" : ` <${address}>`);
        }
    }
    end();
    return all;
}

/** Plain text as nodes, a block for each line. */
export function blocksOf(text: string, document: Document): DocumentFragment {
    const made = document.createDocumentFragment();
    for (const line of text.split("\n")) {
        const block = made.appendChild(document.createElement("div"));
        block.appendChild(line === "" ? document.createElement("br") : document.createTextNode(line.replaceAll(/ (?= )|^ | $/g, "\u00a0")));
    }
    return made;
}

/** Plain text as HTML. */
export function escaped(text: string): string {
    return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\n", "<br>");
}
