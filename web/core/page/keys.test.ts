import assert from "node:assert/strict";
import { test } from "node:test";
import { holdConversion, isComposing, keyInField, keyOfPage } from "./keys.js";

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

test("a form is not sent by the Enter that ends a conversion", () => {
    const sent = (event: typeof plain) => {
        let kept = false;
        holdConversion({ ...event, preventDefault: () => { kept = true; } });
        return !kept;
    };
    assert.equal(sent(plain), true);
    assert.equal(sent({ ...plain, isComposing: true }), false);
    assert.equal(sent({ ...plain, keyCode: 229 }), false);
    assert.equal(sent({ ...plain, key: "a", isComposing: true }), true, "other keys are the conversion's own");
});
