import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { emptyDraft } from "./draft.js";
import { forgetDrafts, forgetHere, savedHere, saveHere } from "./saved.js";

const store = new Map<string, string>();

beforeEach(() => {
    store.clear();
    const storage = { getItem: (name: string) => store.get(name) ?? null, setItem: (name: string, value: string) => void store.set(name, value),
        removeItem: (name: string) => void store.delete(name) };
    Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true });
});

const save = (account: string, what: string, text: string) => saveHere({ account, what, older: undefined,
    draft: { ...emptyDraft({ id: "I1", name: "", email: account, replyTo: null, bcc: null }), text } });

test("each letter has its own, and the last is found first", () => {
    save("a@a.test", "new", "1");
    save("a@a.test", "reply:M1", "2");
    save("a@a.test", "new", "3");
    save("b@a.test", "new", "4");
    assert.equal(savedHere("a@a.test")?.draft.text, "3");
    assert.equal(savedHere("a@a.test", "reply:M1")?.draft.text, "2");
    forgetHere("a@a.test", "new");
    assert.equal(savedHere("a@a.test")?.draft.text, "2");
    assert.equal(savedHere("b@a.test")?.draft.text, "4");
    forgetDrafts();
    assert.equal(store.size, 0);
});

test("what is kept is bounded, and what is no draft does no harm", () => {
    for (let number = 0; number < 20; number += 1) save("a@a.test", `reply:M${number}`, "x");
    assert.equal(savedHere("a@a.test", "reply:M14"), undefined);
    assert.equal(savedHere("a@a.test", "reply:M15")?.draft.text, "x");
    store.set("tegami.drafts", "{");
    assert.equal(savedHere("a@a.test"), undefined);
});
