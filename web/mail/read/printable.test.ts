import assert from "node:assert/strict";
import { test } from "node:test";
import { fileName, printable } from "./printable.js";

test("one line, in one direction", () => {
    assert.equal(printable(" a\r\n b\u0000c\u202egpj.exe\u2066 "), "a b cgpj.exe");
});

test("a file's name is no way to another folder, and not too long", () => {
    for (const [name, kept] of [["plan.pdf", "plan.pdf"], ["../../etc/passwd", "__.._etc_passwd"], ["..\\x", "__x"], [".htaccess", "_htaccess"], ["計画.txt", "計画.txt"], ["a\u202egpj.exe", "agpj.exe"], ["", ""]] as const)
        assert.equal(fileName(name), kept);
    assert.equal(fileName(`${"n".repeat(300)}.png`), `${"n".repeat(146)}.png`);
});
