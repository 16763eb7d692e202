import assert from "node:assert/strict";
import { test } from "node:test";
import { newPassword } from "./password.js";

test("a password is of signs that do not look alike, each as likely as the others", () => {
    assert.match(newPassword(), /^([a-km-np-z2-9]{4}-){4}[a-km-np-z2-9]{4}$/);
    assert.notEqual(newPassword(), newPassword());
    const counts = new Map<string, number>();
    for (let octet = 0; octet < 256; octet += 1) {
        const sign = newPassword((octets) => octets.fill(octet))[0]!;
        counts.set(sign, (counts.get(sign) ?? 0) + 1);
    }
    assert.deepEqual([...new Set(counts.values())], [8]);
    assert.equal(counts.size, 32);
});
