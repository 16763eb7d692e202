import assert from "node:assert/strict";
import { test } from "node:test";
import { accountsOf } from "./push.js";

test("a change names the accounts that it is about, whichever they are", () => {
    assert.deepEqual(accountsOf('{"@type":"StateChange","changed":{"A1":{"Email":"s1"},"A3":{"Mailbox":"s2"}}}'), ["A1", "A3"]);
    assert.equal(accountsOf("no JSON"), undefined);
    assert.equal(accountsOf("{}"), undefined);
});
