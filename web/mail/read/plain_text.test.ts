import assert from "node:assert/strict";
import { test } from "node:test";
import { blocks, pieces, type Block } from "./plain_text.js";

function told(block: Block): string {
    const lines = block.lines.map((line) => line.map(({ text }) => text).join("")).join("|");
    return `${block.depth}${block.signature ? "s" : ""}:${lines}`;
}

function links(line: string): string[] {
    return pieces(line).flatMap((piece) => (piece.kind === "link" ? [piece.href] : []));
}

test("quotes by their depth, and the signature", () => {
    assert.deepEqual(blocks("Hi\r\n> one\r\n>> two\r\n> > two\r\nbye\r\n-- \r\nAnna\r\n").map(told),
        ["0:Hi", "1:one", "2:two|two", "0:bye", "0s:-- |Anna|"]);
    assert.deepEqual(blocks("").map(told), ["0:"]);
    assert.equal(blocks(`${">".repeat(5000)} x`)[0]!.depth, 20);
});

test("flowed text is joined again", () => {
    const text = "one \r\ntwo \r\nthree\r\n> quoted \r\n> on\r\n after a stuffed blank\r\n-- \r\nAnna";
    assert.deepEqual(blocks(text, true).map(told), ["0:one two three", "1:quoted on", "0:after a stuffed blank", "0s:-- |Anna"]);
    assert.deepEqual(blocks("手紙を \r\n書く", true, true).map(told), ["0:手紙を書く"]);
    assert.deepEqual(blocks("one \r\n> two", true).map(told), ["0:one ", "1:two"]); // another depth ends a paragraph
});

test("links end where the sentence goes on", () => {
    const cases: [string, string[]][] = [
        ["See https://example.test/a?b=c&d.", ["https://example.test/a?b=c&d"]],
        ["(https://example.test/a_(b))", ["https://example.test/a_(b)"]],
        ["<https://example.test/>", ["https://example.test/"]],
        ["詳細はhttps://example.test/案内。次に", ["https://example.test/%E6%A1%88%E5%86%85"]],
        ["「https://example.test/」を", ["https://example.test/"]],
        ["www.example.test, or write to bob@example.test!", ["https://www.example.test/", "mailto:bob@example.test"]],
        ["mailto:bob@example.test", ["mailto:bob@example.test"]],
        ["https://a.test https://b.test", ["https://a.test/", "https://b.test/"]],
        ["no link: example.test, 10:30, a@b", []],
    ];
    for (const [line, expected] of cases) assert.deepEqual(links(line), expected, line);
});

test("nothing but the web and mail is a link, and no link lies about its host", () => {
    for (const line of ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://", "https://good.test@evil.test/", "mailto:"])
        assert.deepEqual(links(line), [], line);
});

test("every character is there, once", () => {
    for (const line of ["", "a https://b.test. c", "x@y.test", "<b>https://b.test</b>", "https://good.test@evil.test/ x"])
        assert.equal(pieces(line).map(({ text }) => text).join(""), line);
});

test("a long line takes no long time", () => {
    assert.equal(pieces("a@".repeat(10_000)).length, 1);
    assert.equal(pieces("http://".repeat(2_800)).map(({ text }) => text).join("").length, 19_600);
    assert.equal(pieces("(".repeat(19_000)).length, 1);
});
