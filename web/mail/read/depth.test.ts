import assert from "node:assert/strict";
import { test } from "node:test";
import { isTooDeep, roughText } from "./depth.js";

test("what browsers fail at is known", () => {
    for (const html of ["<table><tr><td>".repeat(30_000), `<style>${"p{".repeat(50_000)}</style>`, `<style>${"p{<!--".repeat(50_000)}</style>`, `<style>${":is(".repeat(50_000)}</style>`, `<style>@supports ${"(".repeat(500)}{}</style>`,
        `<p style="width:${"calc&#40;".repeat(20_000)}">`, `<p style="width:${"calc&#x28;".repeat(20_000)}">`, `<p style="width:${"calc&lpar;".repeat(20_000)}">`, "<B>".repeat(2_000), `<style>${"[".repeat(500)}`])
        assert.equal(isTooDeep(html), true, html.slice(0, 40));
});

test("what people write is not", () => {
    for (const html of ["<p>".repeat(50_000), "<b>x</b>".repeat(50_000), "<table><tr><td>x<td>y</table>".repeat(5_000), ":-( ".repeat(300), `<style>${"@media print{p{color:rgb(1,2,3)}}".repeat(5_000)}</style>`, "<ul><li>a<li>b</ul>".repeat(9_000),
        "<br>".repeat(9_000), "<div>".repeat(300)]) assert.equal(isTooDeep(html), false, html.slice(0, 40));
});

test("its text is told all the same", () => {
    assert.equal(roughText(`<head><title>t</title></head><style>p{}</style>${"<table><tr><td>".repeat(3)}<p>a &lt;b&gt; &amp;&nbsp;c</p>d<br>e &unknown; 1 < 2`), "a <b> & c\nd\ne &unknown; 1 < 2");
});
