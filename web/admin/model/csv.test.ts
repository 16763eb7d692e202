import assert from "node:assert/strict";
import { test } from "node:test";
import { csv } from "./csv.js";

test("cells keep what is in them", () => {
    assert.equal(csv(["Address", "Use"], [["anna@a.test", 7], ['say "a, b"', undefined], ["two\nlines", -1]]),
        'Address,Use\r\nanna@a.test,7\r\n"say ""a, b""",\r\n"two\nlines",-1\r\n');
});

test("nothing is a formula", () => {
    assert.equal(csv(["a"], [["=1+1"], ["+1"], ["-1"], ["@SUM(A1)"], ["\t=1"]]), "a\r\n'=1+1\r\n'+1\r\n'-1\r\n'@SUM(A1)\r\n'\t=1\r\n");
});
