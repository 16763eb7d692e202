import assert from "node:assert/strict";
import { test } from "node:test";
import { unsubscribe } from "./unsubscribe.js";

const ONE_CLICK = "List-Unsubscribe=One-Click";

test("one step where the letter is signed and says so", () => {
    const field = "<mailto:leave@l.test>, <https://l.test/leave?u=1>";
    assert.deepEqual(unsubscribe(field, ONE_CLICK, true), { kind: "one-click", address: "https://l.test/leave?u=1" });
    assert.equal(unsubscribe(field, ONE_CLICK, false)?.kind, "letter");
    assert.equal(unsubscribe(field, null, true)?.kind, "letter");
    assert.equal(unsubscribe("<http://l.test/leave>", ONE_CLICK, true)?.kind, "page"); // RFC 8058 §3.1 wants HTTPS
});

test("a letter has one recipient, and what the address says of subject and text", () => {
    assert.deepEqual(unsubscribe("<mailto:leave@l.test>", null, false), { kind: "letter", to: "leave@l.test", subject: "unsubscribe", body: "" });
    assert.deepEqual(unsubscribe("<mailto:leave@l.test?subject=%E9%80%80%E4%BC%9A&body=a%0D%0Ab&bcc=victim@v.test&cc=x@y.test>", null, false),
        { kind: "letter", to: "leave@l.test", subject: "退会", body: "a\nb" });
    assert.deepEqual(unsubscribe("<mailto:leave@l.test?subject=a%0D%0ABcc:%20v@v.test>", null, false),
        { kind: "letter", to: "leave@l.test", subject: "a Bcc: v@v.test", body: "" });
    for (const way of ["mailto:", "mailto:a@l.test,b@l.test", "mailto:a@l.test%2Cb@l.test", "mailto:%ff@l.test", "mailto:nobody"])
        assert.equal(unsubscribe(`<${way}>`, null, false), undefined, way);
});

test("a page out in the world, or none", () => {
    assert.deepEqual(unsubscribe("<https://l.test/\r\n leave>", null, true), { kind: "page", address: "https://l.test/leave" });
    for (const way of ["javascript:alert(1)", "ftp://l.test/", "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://[::1]/", "https://localhost/",
        "https://printer/", "https://printer.local/", "https://a:b@l.test/", "https://l.test:25/", "nonsense", "", "data:text/html,x", "https://x.localhost./"])
        assert.equal(unsubscribe(`<${way}>`, ONE_CLICK, true), undefined, way);
    assert.equal(unsubscribe(null, ONE_CLICK, true), undefined);
    assert.equal(unsubscribe("https://l.test/ without brackets", null, true), undefined);
});

test("much of it takes no long time", () => {
    assert.equal(unsubscribe("<mailto:".repeat(100_000), null, true), undefined);
});
