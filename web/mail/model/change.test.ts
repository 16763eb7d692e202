import assert from "node:assert/strict";
import { test } from "node:test";
import { applied, patchFor, undoing, type Change } from "./change.js";
import type { Marks } from "./types.js";

const letter: Marks = { id: "M1", threadId: "T1", mailboxIds: { F1: true, F2: true }, keywords: { $seen: true } };

test("a letter that is so already is left alone", () => {
    assert.equal(patchFor(letter, { kind: "read", on: true }), undefined);
    assert.equal(patchFor(letter, { kind: "move", from: "F1", to: "F1" }), undefined);
    assert.equal(patchFor({ ...letter, mailboxIds: { F3: true } }, { kind: "move", from: undefined, to: "F3" }), undefined);
});

test("from a mailbox it is moved out of that one alone, from a search out of all", () => {
    assert.deepEqual(patchFor(letter, { kind: "move", from: "F1", to: "F3" }), { "mailboxIds/F1": null, "mailboxIds/F3": true });
    assert.deepEqual(patchFor(letter, { kind: "move", from: undefined, to: "F3" }), { mailboxIds: { F3: true } });
    assert.deepEqual(patchFor(letter, { kind: "move", from: "F9", to: "F3" }), { mailboxIds: { F3: true } });
});

test("every change can be taken back", () => {
    const changes: Change[] = [{ kind: "read", on: false }, { kind: "star", on: true }, { kind: "move", from: "F1", to: "F2" },
        { kind: "move", from: undefined, to: "F3", junk: true }, { kind: "move", from: "F2", to: "F3", junk: false }];
    for (const change of changes) {
        const patch = patchFor(letter, change)!;
        const after = applied(letter, patch);
        assert.notDeepEqual(after, letter);
        assert.deepEqual(applied(after, undoing(letter, patch)), letter);
    }
});
