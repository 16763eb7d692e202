import assert from "node:assert/strict";
import { test } from "node:test";
import { filtered, PAGE_ROWS, pageOf, sorted } from "./rows.js";

test("a filter has all the words, in any order and width", () => {
    const rows = ["anna@example.org", "Ｂｅｎ@example.org", "桜@例え.jp"];
    assert.deepEqual(filtered(rows, " ORG ann", (row) => [row]), ["anna@example.org"]);
    assert.deepEqual(filtered(rows, "ben", (row) => [row]), ["Ｂｅｎ@example.org"]);
    assert.deepEqual(filtered(rows, "桜", (row) => [row]), ["桜@例え.jp"]);
    assert.equal(filtered(rows, "  ", (row) => [row]), rows);
});

test("numbers are sorted as numbers, and what is not known stands last", () => {
    const rows = [10, 9, undefined, 100];
    assert.deepEqual(sorted(rows, (row) => row, false, "en"), [9, 10, 100, undefined]);
    assert.deepEqual(sorted(rows, (row) => row, true, "en"), [100, 10, 9, undefined]);
    assert.deepEqual(sorted(["b10", "B9", "a"], (row) => row, false, "en"), ["a", "B9", "b10"]);
});

test("pages have all rows once", () => {
    const rows = Array.from({ length: PAGE_ROWS * 2 + 1 }, (_, at) => at);
    assert.deepEqual([0, 1, 2, 3].flatMap((page) => pageOf(rows, page)), rows);
});
