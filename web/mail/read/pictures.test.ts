import assert from "node:assert/strict";
import { test } from "node:test";
import { allow, fetched, forgetAllowed, isAllowed } from "./pictures.js";

const stored = new Map<string, string>();
globalThis.localStorage = { getItem: (name: string) => stored.get(name) ?? null, setItem: (name: string, value: string) => stored.set(name, value),
    removeItem: (name: string) => stored.delete(name) } as unknown as Storage;

test("an address is asked of our own server, and of nothing but the web", () => {
    assert.equal(fetched(" https://a.test/x?a=1&b=%20#c", "M1"), "/picture?url=https%3A%2F%2Fa.test%2Fx%3Fa%3D1%26b%3D%2520%23c&email=M1");
    assert.equal(fetched("//a.test/x", "M1"), "/picture?url=https%3A%2F%2Fa.test%2Fx&email=M1");
    assert.equal(fetched("HTTP://A.test:80/a b", "M1"), "/picture?url=http%3A%2F%2Fa.test%2Fa%2520b&email=M1"); // as browsers write it
    for (const address of ["", "/x", "ftp://a.test/x", "javascript:1", "data:image/png;base64,aa", `https://a.test/${"x".repeat(4_000)}`])
        assert.equal(fetched(address, "M1"), undefined, address.slice(0, 30));
});

test("a sender is allowed for one account, and no more after signing out", () => {
    allow("anna@a.test", "News@B.test");
    assert.equal(isAllowed("anna@a.test", "news@b.test"), true);
    assert.equal(isAllowed("bob@a.test", "news@b.test"), false);
    assert.equal(isAllowed("anna@a.test", "other@b.test"), false);
    for (let number = 0; number < 500; number += 1) allow("anna@a.test", `n${number}@b.test`);
    assert.equal(isAllowed("anna@a.test", "news@b.test"), false);
    forgetAllowed();
    assert.equal(isAllowed("anna@a.test", "n499@b.test"), false);
});
