import assert from "node:assert/strict";
import { test } from "node:test";
import { misleads, shownName } from "./leads.js";

test("a link whose words are another address says where it leads", () => {
    for (const words of ["bank.example", "https://www.bank.example/login", " http://user@bank.example:443/x ", "ｂａｎｋ．example"])
        assert.equal(misleads(words, "https://evil.test/a"), "evil.test", words);
    assert.equal(misleads("bänk.example", "https://bank.example/"), "bank.example");
    assert.equal(misleads("bank.example", "https://bаnk.example/"), "xn--bnk-6cd.example"); // a Cyrillic а
});

test("one that leads where it says, or says nothing of it, is left as it is", () => {
    for (const [words, address] of [["bank.example", "https://www.bank.example/x"], ["www.bank.example/y", "https://bank.example/"], ["Click here", "https://a.test/"],
        ["bücher.example", "https://xn--bcher-kva.example/"], ["readme.txt", "https://a.test/readme.txt"], ["see bank.example now", "https://a.test/"], ["", "https://a.test/"],
        ["v1.2.3", "https://a.test/"], ["bank.example", "mailto:a@b.test"], ["bank.example", "nonsense"]] as const)
        assert.equal(misleads(words, address), undefined, words);
});

test("an address of another is no name", () => {
    assert.equal(shownName({ name: "Bob", email: "bob@b.test" }), "Bob");
    assert.equal(shownName({ name: "Bob@B.test", email: "bob@b.test" }), "Bob@B.test");
    for (const name of ["boss@bank.test", "The Boss (boss@bank.test)", "boss＠bank.test"]) assert.equal(shownName({ name, email: "x@evil.test" }), "", name);
    assert.equal(shownName({ name: "at@home", email: "x@evil.test" }), "at@home");
    assert.equal(shownName({ name: null, email: "x@evil.test" }), "");
});
