import assert from "node:assert/strict";
import { test } from "node:test";
import { typedFor } from "./form.js";
import { parse } from "./query.js";

test("a form is what a person would have typed", () => {
    const empty = { from: "", to: "", subject: "", words: "", place: "", after: "", before: "", attachment: false, unread: false };
    assert.equal(typedFor(empty), "");
    const typed = typedFor({ ...empty, words: " 花見 -rain ", from: 'Anna "A" B', place: "F3", after: "2026-11-01", attachment: true });
    assert.equal(typed, '花見 -rain from:"Anna  A  B" in:F3 after:2026-11-01 has:attachment');
    const found = parse(typed, { today: new Date(), mailbox: (name) => name, label: (name) => name });
    assert.equal(found.inMailbox, true);
    assert.equal((found.filter as { conditions: unknown[] }).conditions.length, 6);
});
