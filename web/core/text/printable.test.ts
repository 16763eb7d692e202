import assert from "node:assert/strict";
import { test } from "node:test";
import { visible } from "./printable.js";

test("what is not seen, and what turns the direction, has its number in its place", () => {
    assert.equal(visible("a\tb\r\n\u0000\u007f"), "a⟨0009⟩b⟨000D⟩⟨000A⟩⟨0000⟩⟨007F⟩");
    assert.equal(visible("invoice_\u202egpj.exe"), "invoice_⟨202E⟩gpj.exe");
    assert.equal(visible("zero\u200bwidth\ufeff\u2066\u0085"), "zero⟨200B⟩width⟨FEFF⟩⟨2066⟩⟨0085⟩");
    assert.equal(visible("tag \u{e0041}"), "tag ⟨E0041⟩");
    assert.equal(visible("山田 Ünal <b>&amp;</b> 👩‍👧"), "山田 Ünal <b>&amp;</b> 👩⟨200D⟩👧");
});
