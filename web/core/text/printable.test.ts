import assert from "node:assert/strict";
import { test } from "node:test";
import { fileName, printable, visible } from "./printable.js";

test("what is not seen, and what turns the direction, has its number in its place", () => {
    assert.equal(visible("a\tb\r\n\u0000\u007f"), "a⟨0009⟩b⟨000D⟩⟨000A⟩⟨0000⟩⟨007F⟩");
    assert.equal(visible("invoice_\u202egpj.exe"), "invoice_⟨202E⟩gpj.exe");
    assert.equal(visible("zero\u200bwidth\ufeff\u2066\u0085"), "zero⟨200B⟩width⟨FEFF⟩⟨2066⟩⟨0085⟩");
    assert.equal(visible("tag \u{e0041}"), "tag ⟨E0041⟩");
    assert.equal(visible("山田 Ünal <b>&amp;</b> 👩‍👧"), "山田 Ünal <b>&amp;</b> 👩⟨200D⟩👧");
});

test("one line, in one direction", () => {
    assert.equal(printable(" a\r\n b\u0000c\u202egpj.exe\u2066 "), "a b cgpj.exe");
});

test("a file's name is no way to another folder, and not too long", () => {
    for (const [name, kept] of [["plan.pdf", "plan.pdf"], ["../../etc/passwd", "__.._etc_passwd"], ["..\\x", "__x"], [".htaccess", "_htaccess"], ["計画.txt", "計画.txt"], ["a\u202egpj.exe", "agpj.exe"], ["", ""]] as const)
        assert.equal(fileName(name), kept);
    assert.equal(fileName(`${"n".repeat(300)}.png`), `${"n".repeat(146)}.png`);
});
