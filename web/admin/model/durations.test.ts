import assert from "node:assert/strict";
import { test } from "node:test";
import { timesOf, within } from "./durations.js";

test("within which time a share was done", () => {
    const durations = { what: "commit", buckets: [{ count: 0, milliseconds: 1 }, { count: 90, milliseconds: 5 }, { count: 9, milliseconds: 25 }, { count: 1 }] };
    assert.equal(timesOf(durations), 100);
    assert.equal(within(durations, 0.5), 5);
    assert.equal(within(durations, 0.99), 25);
    assert.equal(within(durations, 1), undefined);
});
