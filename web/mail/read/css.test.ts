import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanSheet, cleanStyle } from "./css.js";
import { tokens, written } from "./css_tokens.js";

const blocked = () => undefined;
const proxied = (address: string) => (address.startsWith("https:") ? `/picture?${encodeURIComponent(address)}` : undefined);

function style(css: string): string {
    return cleanStyle(css, blocked);
}

function sheet(css: string): string {
    return cleanSheet(css, blocked);
}

test("what letters are laid out with stays", () => {
    const cases: [string, string][] = [
        ["color:red", "color:red"],
        [" Color : #FF0000 !important ; margin: 0 auto", "color:#FF0000 !important;margin:0 auto"],
        ["font:bold 12px/1.5 'Helvetica Neue', Arial", 'font:bold 12px/1.5 "Helvetica Neue", Arial'],
        ["width:calc(100% - 20px)", "width:calc(100% - 20px)"],
        ["background:linear-gradient(to right, rgba(0,0,0,.5), #fff)", "background:linear-gradient(to right, rgba(0,0,0,0.5), #fff)"],
        ["margin:-1px +2px", "margin:-1px 2px"],
        ["color:red;;color:blue;", "color:red;color:blue"],
    ];
    for (const [css, expected] of cases) assert.equal(style(css), expected, css);
});

test("what could do harm goes, and takes nothing else with it", () => {
    const cases = [
        "position:fixed", "position:absolute;top:0", "z-index:9999", "behavior:url(x.htc)", "-moz-binding:url(x)", "content:'x'", "filter:blur(1px)",
        "cursor:url(https://evil.test/x)", "list-style-image:url(https://evil.test/x)", "width:expression(alert(1))", "color:var(--x)", "--x:url(https://evil.test)",
        "background:image-set('https://evil.test/x' 1x)", "background:u\\72l(https://evil.test/x)", "background:url(javascript:alert(1))", "animation:x 1s", "pointer-events:none",
        "color:attr(data-x)", "background:url('https://evil.test/x' x)", "color:red}body{color:blue", "color:\"</style><script>\"", "transform:scale(99)", "color:env(x)",
        "background:element(#x)", "color:red<", "width:calc(((((((((1px)))))))))", "mask:url(#x)", "color:[red]",
    ];
    for (const css of cases) {
        assert.equal(style(css), "", css);
        if (!css.includes("}")) assert.equal(style(`${css};color:green`), "color:green", css);
    }
});

test("no height follows that of the frame, which follows that of the letter", () => {
    assert.equal(style("min-height:100vh;height:calc(1vmax + 2px);width:50vw"), "width:50vw");
});

test("comments and escapes hide nothing", () => {
    assert.equal(style("po/**/sition:fixed"), "");
    assert.equal(style("p\\6fsition:fixed"), "");
    assert.equal(style("c\\6f lor:red"), "color:red");
    assert.equal(style("color/**/:/**/red"), "color:red");
    assert.equal(style("/* color:red"), "");
    assert.equal(style("color:r\\65 d"), "color:red");
});

test("pictures only by what the caller gives", () => {
    assert.equal(cleanStyle("background:url(https://a.test/x.png) no-repeat", proxied), 'background:url("/picture?https%3A%2F%2Fa.test%2Fx.png") no-repeat');
    assert.equal(cleanStyle("background-image:url( 'https://a.test/\\'x' )", proxied), 'background-image:url("/picture?https%3A%2F%2Fa.test%2F\\27 x")');
    assert.equal(cleanStyle("background:url(http://a.test/x.png);color:red", proxied), "color:red");
    assert.equal(cleanStyle("background:url(https://a.test/x y);color:red", proxied), "color:red");
});

test("rules by what they select", () => {
    const cases: [string, string][] = [
        ["p.note > a:hover, #head { color: red }", "p.note > a:hover, #letter-head{color:red}"],
        ["* { color: red; position: fixed }", "*{color:red}"],
        ["p { position: fixed }", ""],
        ["a[href^='https://bank'] { color: red } p { color: blue }", "p{color:blue}"],
        ["p::after { color: red } b { color: blue }", "b{color:blue}"],
        [":host { color: red } :root { color: red } p:has(a) { color: red }", ""],
        ["<!-- p { color: red } -->", "p{color:red}"],
        ["@import url(https://evil.test/x); p { color: red }", "p{color:red}"],
        ["@import 'x' screen; @charset 'utf-8'; p { color: red }", "p{color:red}"],
        ["@font-face { font-family: x; src: url(https://evil.test/x) } p { color: red }", "p{color:red}"],
        ["@keyframes x { from { color: red } } p { color: red }", "p{color:red}"],
        ["@media only screen and (max-width: 600px) { .c { width: 100% !important } }", "@media only screen and (max-width: 600px){.c{width:100% !important}}"],
        ["@media (prefers-color-scheme: dark) { @media print { p { color: red } } p { color: blue } }", "@media (prefers-color-scheme: dark){p{color:blue}}"],
        ["@media (x: url(https://evil.test)) { p { color: red } }", ""],
        ["p { color: red", "p{color:red}"],
        ["p { color: { x: y } ; color: red }", "p{color:red}"],
        ["} p { color: red }", ""],
    ];
    for (const [css, expected] of cases) assert.equal(sheet(css), expected, css);
});

test("nothing that is written ends the element that it stands in", () => {
    const hostile = ["font-family:'</style><script>alert(1)</script>'", "font-family:\\3c/style\\3e", "font-family:'\\22 ;}x'", "font-family:'a\\\nb'"];
    for (const css of hostile) assert.doesNotMatch(style(css), /[<>&]/, css);
    assert.doesNotMatch(sheet(".\\3c \\2f style\\3e { color: red }"), /<\/style/);
});

test("what is written is read as it was, by any tokens", () => {
    const pieces = ["a", "-", "--", "1", "1e3", "1px", "#1", "#", "\\", "\\31 ", "'x", '"', "(", ")", "url(", "url('", "{", "}", ";", ":", "/", "/*", "*/", "@media", "\n", " ", "<!--", "!", ".", "é", "😀", "\0", "%"];
    let seed = 7;
    for (let round = 0; round < 3000; round += 1) {
        let css = "";
        for (let piece = 0; piece < 8; piece += 1) {
            seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
            css += pieces[seed % pieces.length]!;
        }
        for (const cleanedOnce of [style(css), style(`color:${css}`), sheet(css), sheet(`p{${css}`)]) {
            assert.doesNotMatch(cleanedOnce, /<|\\0/);
            const again = cleanedOnce.includes("{") ? sheet(cleanedOnce) : style(cleanedOnce);
            assert.equal(again.replaceAll("letter-letter-", "letter-"), cleanedOnce, JSON.stringify(css));
        }
        for (const token of tokens(css))
            if (token.kind === "ident" || token.kind === "string" || token.kind === "url")
                assert.deepEqual(tokens(written(token)), [token], JSON.stringify(css));
    }
});

test("what is much takes no long time", () => {
    assert.equal(sheet("(".repeat(500_000)), "");
    assert.equal(style("color:".concat("calc(".repeat(100_000))), "");
    assert.ok(sheet("p{color:red}".repeat(50_000)).length <= 2_000 * 12);
    assert.equal(sheet("@media screen{".repeat(50_000)), "");
    assert.equal(style("/*".repeat(300_000)), "");
});
