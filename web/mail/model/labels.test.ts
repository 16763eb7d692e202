import assert from "node:assert/strict";
import { test } from "node:test";
import { choices, keywordFor, labelNamed, labelsOf, nameOf, toneOf } from "./labels.js";

const COMMON = ["Important", "Work", "Personal", "To do", "Later"];

test("a name becomes a keyword and a name again", () => {
    for (const [name, keyword] of [["garden", "garden"], ["Two Words", "two_words"], ["花見", "+82b1-+898b-"], ["a(b)%\\", "a+28-b+29-+25-+5c-"], ["🌸", "+1f338-"], ["a+b", "a+2b-b"]] as const) {
        assert.equal(keywordFor(name), keyword);
        assert.equal(nameOf(keyword, COMMON), name.toLowerCase());
    }
    for (const name of ["", "  ", "x".repeat(101), "Junk"]) assert.equal(keywordFor(name), undefined, name);
    assert.equal(nameOf("+d800-+110000-", COMMON), "+d800-+110000-"); // no characters
});

test("which keywords are labels, and what they are called", () => {
    assert.deepEqual(labelsOf({ $seen: true, zoo: true, $label2: true, $label1: true, nonjunk: true, $mdnsent: true, abc: true }), ["$label1", "$label2", "abc", "zoo"]);
    assert.equal(nameOf("$label4", COMMON), "To do");
    assert.equal(labelNamed("to DO", COMMON), "$label4");
    assert.equal(labelNamed("Garden", COMMON), "garden");
    assert.equal(toneOf("$label3"), 2);
    assert.ok(toneOf("garden") < 8);
});

test("what can be chosen", () => {
    assert.deepEqual(choices(["zoo", "$junk", "$label1"], [{ keywords: { abc: true, $seen: true } }]),
        ["$label1", "$label2", "$label3", "$label4", "$label5", "abc", "zoo"]);
});
