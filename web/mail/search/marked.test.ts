import assert from "node:assert/strict";
import { test } from "node:test";
import { marked } from "./marked.js";

test("words are marked, and nothing else is markup", () => {
    assert.deepEqual(marked("a <mark>b &amp;lt;</mark> &lt;img src=x&gt;"),
        [{ text: "a ", mark: false }, { text: "b &lt;", mark: true }, { text: " <img src=x>", mark: false }]);
    assert.deepEqual(marked("<b>x</b>"), [{ text: "<b>x</b>", mark: false }]);
    assert.deepEqual(marked(""), []);
});
