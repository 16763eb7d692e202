import assert from "node:assert/strict";
import { test } from "node:test";
import { blocksOf, fewFormats, plainTextOf, type Source } from "./few_formats.js";

// As much of a tree as is needed here; what is made is read again by the same functions.
class Fake {
    readonly childNodes: Fake[] = [];
    readonly kept = new Map<string, string>();
    constructor(readonly nodeType: number, readonly nodeName: string, readonly nodeValue: string | null = null) {}
    get localName(): string { return this.nodeName.toLowerCase(); }
    getAttribute(name: string): string | null { return this.kept.get(name) ?? null; }
    setAttribute(name: string, value: string): void { this.kept.set(name, value); }
    appendChild(child: Fake): Fake { this.childNodes.push(child); return child; }
    toString(): string {
        if (this.nodeType === 3) return this.nodeValue ?? "";
        const inner = this.childNodes.join("");
        return this.nodeName === "" ? inner : `<${this.localName}${[...this.kept].map(([name, value]) => ` ${name}=${value}`).join("")}>${inner}${inner === "" ? "" : `</${this.localName}>`}`;
    }
}

const page = { createDocumentFragment: () => new Fake(11, ""), createElement: (name: string) => new Fake(1, name.toUpperCase()), createTextNode: (text: string) => new Fake(3, "#text", text) } as unknown as Document;

function e(name: string, ...inside: (Fake | string | { [attribute: string]: string })[]): Fake {
    const made = new Fake(1, name.toUpperCase());
    for (const one of inside) {
        if (one instanceof Fake) made.appendChild(one);
        else if (typeof one === "string") made.appendChild(new Fake(3, "#text", one));
        else for (const [attribute, value] of Object.entries(one)) made.setAttribute(attribute, value);
    }
    return made;
}

const few = (...inside: Parameters<typeof e>[1][]) => String(fewFormats(e("body", ...inside) as unknown as Source, page, (source) => (source.startsWith("cid:") ? `/own/${source.slice(4)}` : undefined)));
const text = (...inside: Parameters<typeof e>[1][]) => plainTextOf(e("body", ...inside) as unknown as Source);

test("only a few formats are left, and no attribute but addresses", () => {
    assert.equal(few(e("h1", { style: "color:red" }, "Title"), e("p", { class: "x", onclick: "y" }, "a ", e("strong", { id: "z" }, "b"), e("font", { color: "red" }, e("span", "c")))), "<div><b>Title</b></div><p>a <b>b</b>c</p>");
    assert.equal(few(e("script", "x"), e("style", "y"), e("svg", e("a", { href: "https://a.test/", onclick: "z" }, "l")), e("a", { href: "javascript:x" }, "no"), e("form", e("input"), "f")), "<a href=https://a.test/>l</a>nof");
    assert.equal(few(e("img", { src: "http://track.test/" }), e("img", { src: "cid:1", onerror: "x" })), "<img src=/own/1 alt=>");
    assert.equal(few(e("table", e("tr", e("th", { style: "x" }, "1"), e("td", "2")))), "<table><tr><td>1</td><td>2</td></tr></table>");
    let deep = e("div", "bottom");
    for (let depth = 0; depth < 500; depth += 1) deep = e("blockquote", deep);
    assert.ok(few(deep).length < 2_000);
    assert.match(few(deep), /bottom/);
});

test("as plain text: lines, quotes, lists, links", () => {
    assert.equal(text(e("div", "a ", e("b", "b")), e("div", e("br")), e("div", "c", e("br"), "d")), "a b\n\nc\nd");
    assert.equal(text(e("div", "I:"), e("blockquote", e("div", "x"), e("blockquote", e("div", "y")))), "I:\n> x\n>> y");
    assert.equal(text(e("ul", e("li", "a"), e("li", e("div", "b"), e("div", "c"))), e("ol", e("li", "d"), e("li", "e"))), "- a\n- b\n  c\n1. d\n2. e");
    assert.equal(text(e("a", { href: "https://a.test/x" }, "here"), " ", e("a", { href: "https://a.test/" }, "https://a.test"), " ", e("a", { href: "mailto:a@b.test" }, "a@b.test")), "here <https://a.test/x> https://a.test a@b.test");
    assert.equal(text(e("table", e("tr", e("td", "1"), e("td", "2")), e("tr", e("td", "3")))), "1\t2\n3");
    assert.equal(text(e("p", "a"), e("p", "b"), e("blockquote", e("p", "c"), e("p", "d"))), "a\n\nb\n\n> c\n>\n> d");
    assert.equal(text(e("pre", "a\n  b")), "a\n  b");
});

test("plain text as blocks and back is the same", () => {
    for (const said of ["", "a", "a\n\n b  c\n> q\n-- \nx", "花見\n桜"]) assert.equal(plainTextOf(blocksOf(said, page) as unknown as Source), said);
});
