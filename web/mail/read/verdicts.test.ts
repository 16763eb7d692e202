import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVerdicts, senderOf } from "./verdicts.js";

const OURS = "mail.a.test";

function kind(...fields: string[]): string {
    const sender = senderOf(fields, OURS, "B.test");
    return sender.kind === "vouched" ? `vouched ${sender.signers.join(" ")}` : sender.kind;
}

test("a field is read with its comments, quotes and versions", () => {
    const read = parseVerdicts('Mail.A.test 1; spf/1=pass (a; comment (in one)) smtp.mailfrom=b.test; dkim = pass reason="say \\"yes\\"; now" header.d=b.test\r\n header.s=s1; none')!;
    assert.equal(read.server, "mail.a.test");
    assert.deepEqual(read.verdicts.map(({ method, result }) => `${method} ${result}`), ["spf pass", "dkim pass"]);
    assert.equal(read.verdicts[1]!.properties.get("reason"), 'say "yes"; now');
    assert.equal(read.verdicts[1]!.properties.get("header.s"), "s1");
    assert.deepEqual(parseVerdicts("mail.a.test; none"), { server: "mail.a.test", verdicts: [] });
    for (const field of ["", ";", "a b c; spf=pass", "spf=pass"]) assert.equal(parseVerdicts(field), undefined, field);
});

test("whose a letter is", () => {
    assert.equal(kind(`${OURS}; dmarc=pass header.from=b.test`), "proven");
    assert.equal(kind(`${OURS}; dmarc=fail header.from=b.test; dkim=pass header.d=list.test`), "forged");
    assert.equal(kind(`${OURS}; dmarc=none header.from=b.test; dkim=pass header.d=list.test; dkim=pass header.i=@list.test`), "vouched list.test");
    assert.equal(kind(`${OURS}; dkim=pass header.d=b.test`), "proven");
    assert.equal(kind(`${OURS}; dkim=fail header.d=b.test; spf=pass smtp.mailfrom=x@b.test`), "unproven");
    assert.equal(kind(`${OURS}; dmarc=pass header.from=other.test`), "unproven"); // of another From than is shown
    assert.equal(kind(), "unproven");
});

test("only what our server wrote counts, and nobody can write in its name", () => {
    assert.equal(kind("evil.test; dmarc=pass header.from=b.test"), "unproven");
    assert.equal(kind("relay.test; spf=pass", `${OURS}; dmarc=pass header.from=b.test`), "unproven"); // below another's
    assert.equal(kind(`${OURS}; dmarc=fail header.from=b.test`, `${OURS}; dmarc=pass header.from=b.test`), "forged");
    assert.equal(kind(`${OURS}; spf=fail (; dmarc=pass header.from=b.test)`), "unproven");
    assert.equal(kind(`${OURS}; spf=fail smtp.mailfrom="; dmarc=pass header.from=b.test"`), "unproven");
});

test("much of it takes no long time", () => {
    assert.equal(parseVerdicts(`a; ${"(".repeat(1_000_000)}`)!.verdicts.length, 0);
    assert.ok(parseVerdicts(`a${"; spf=pass".repeat(100_000)}`)!.verdicts.length <= 50);
    assert.equal(parseVerdicts(`a; x="${"\\".repeat(19_000)}`)!.verdicts.length, 0);
});
