import assert from "node:assert/strict";
import { test } from "node:test";
import { isComposing, keyInField, keyOfPage } from "./keys.js";

const plain = { key: "Enter", isComposing: false, keyCode: 13, ctrlKey: false, metaKey: false, altKey: false };

test("a key of a conversion means nothing, in each browser's order", () => {
    assert.equal(isComposing(plain), false);
    for (const event of [{ ...plain, isComposing: true }, { ...plain, keyCode: 229 }]) {
        assert.equal(isComposing(event), true);
        assert.equal(keyInField(event), "");
        assert.equal(keyInField({ ...event, ctrlKey: true }), "");
        assert.equal(keyOfPage({ ...event, target: null }), "");
    }
});

test("in a field only what is asked for is a command", () => {
    const field = { tagName: "INPUT", type: "text" } as unknown as EventTarget;
    const box = { tagName: "INPUT", type: "checkbox" } as unknown as EventTarget;
    assert.equal(keyInField({ ...plain, metaKey: true }), "Ctrl+Enter");
    assert.equal(keyOfPage({ ...plain, key: "j", target: field }), "");
    assert.equal(keyOfPage({ ...plain, key: "j", target: box }), "j");
    assert.equal(keyOfPage({ ...plain, key: "j", target: null }), "j");
    assert.equal(keyOfPage({ ...plain, key: "r", ctrlKey: true, target: null }), "");
});
