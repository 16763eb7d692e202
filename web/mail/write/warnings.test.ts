import assert from "node:assert/strict";
import { test } from "node:test";
import { looksLike, promisesFile } from "./warnings.js";

test("a promise of a file is seen in several languages", () => {
    for (const text of ["The report is attached.", "Please see the attachment", "資料を添付いたします。", "Anbei die Rechnung", "Vous trouverez ci-joint", "Te envío adjunto el informe",
        "als bijlage", "Die Datei ist angehängt"])
        assert.ok(promisesFile("", text), text);
    assert.ok(promisesFile("添付の件", ""));
    for (const text of ["", "She is fond of him", "no adjuntemos", "detachment", "reattached"])
        assert.ok(!promisesFile("Hello", text), text);
});

test("a domain that looks like a known one is named", () => {
    const known = new Set(["example.com", "paypal.com", "muenchen.de", "wells.example", "a.test", "host1.example.com"]);
    const cases: [string, string | undefined][] = [
        ["bob@example.com", undefined],
        ["bob@EXAMPLE.com", undefined],
        ["bob@exarnple.com", "example.com"],
        ["bob@exаmple.com", "example.com"], // Cyrillic
        ["bob@ｅｘａｍｐｌｅ.com", "example.com"], // full width
        ["bob@paypa1.com", "paypal.com"],
        ["bob@paypai.com", "paypal.com"],
        ["bob@vvells.example", "wells.example"],
        ["bob@exmaple.com", "example.com"],
        ["bob@example.co", "example.com"],
        ["bob@examples.com", "example.com"],
        ["bob@exámple.com", "example.com"],
        ["bob@b.test", undefined], // short names are many
        ["bob@host2.example.com", undefined], // a number is another host's
        ["bob@other.example", undefined],
        ["bob", undefined],
        ["bob@", undefined],
    ];
    for (const [address, expected] of cases) assert.equal(looksLike(address, known), expected, address);
});
