import assert from "node:assert/strict";
import { test } from "node:test";
import { letterTo, mailto } from "./mailto.js";

test("a link asks for one recipient, a subject and a text, and for nothing else", () => {
    assert.deepEqual(letterTo("MAILTO:a@b.test?Subject=x%0D%0ABcc:y&body=1%0D%0A2%00&cc=z@b.test&attach=/etc/passwd"), { to: "a@b.test", subject: "x Bcc:y", body: "1\n2" });
    assert.deepEqual(letterTo("mailto:a%40b.test"), { to: "a@b.test", subject: "", body: "" });
    for (const link of ["mailto:", "mailto:a@b.test,c@d.test", "mailto:%E0%A4", "https://a@b.test", "mailto:a@b.test%0ABcc:c@d.test"]) assert.equal(letterTo(link), undefined, link);
    const letter = { to: "花@b.test", subject: "a & b", body: "1\n2?" };
    assert.deepEqual(letterTo(mailto(letter)), letter);
});
