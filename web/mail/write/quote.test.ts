import assert from "node:assert/strict";
import { test } from "node:test";
import { english } from "../../core/words/en.js";
import { japanese } from "../../core/words/ja.js";
import { octets, when } from "../../core/words/numbers.js";
import { attribution, quoted } from "./quote.js";

const sent = new Date("2026-11-27T01:00:00Z");

test("who wrote, and when, in the reader's language", () => {
    const anna = [{ name: "Anna", email: "anna@a.test" }];
    assert.equal(attribution(anna, sent, english, "Asia/Tokyo").replaceAll("\u202f", " "), "On November 27, 2026 at 10:00 AM, Anna wrote:");
    assert.equal(attribution(anna, sent, japanese, "Asia/Tokyo"), "2026年11月27日 10:00、Anna さんからのメッセージ:");
    assert.equal(attribution([{ name: " ", email: "anna@a.test" }], null, english), "anna@a.test wrote:");
    assert.equal(attribution([], new Date("no date"), english), "somebody wrote:");
});

test("a quote has its depth, and no signature", () => {
    assert.equal(quoted("Hi\r\n\r\n> before\r\n-- \r\nAnna\r\n"), "> Hi\n>\n>> before");
    assert.equal(quoted("a\n-- \nAnna\n> an answer below it"), "> a\n> -- \n> Anna\n>> an answer below it");
    assert.equal(quoted("\n\n"), "");
});

test("dates as short as a list can have them", () => {
    const now = new Date("2026-11-27T15:30:00Z"); // the 28th in Tokyo
    const told = (date: string, zone: string) => when(new Date(date), now, english, zone).replaceAll("\u202f", " ");
    assert.equal(told("2026-11-27T15:00:00Z", "Asia/Tokyo"), "12:00 AM");
    assert.equal(told("2026-11-27T14:59:00Z", "Asia/Tokyo"), "yesterday");
    assert.equal(told("2026-11-27T00:10:00Z", "UTC"), "12:10 AM");
    assert.equal(told("2026-03-01T12:00:00Z", "UTC"), "Mar 1");
    assert.equal(told("2025-03-01T12:00:00Z", "UTC"), "03/01/2025");
    assert.equal(when(new Date("2026-03-01T12:00:00Z"), now, japanese, "UTC"), "3月1日");
});

test("counts and sizes", () => {
    assert.equal(english.letters(1), "1 letter");
    assert.equal(english.chosen(1_000_000), "1,000,000 letters chosen");
    assert.equal(japanese.chosen(3), "3 通を選択中");
    assert.deepEqual([0, 999, 1000, 9_949, 9_999, 999_600, 34_000_000].map((count) => octets("en", count)),
        ["0 bytes", "999 bytes", "1 kB", "9.9 kB", "10 kB", "1 MB", "34 MB"]);
});
