import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, moment } from "./numbers.js";

const now = new Date("2026-11-27T12:00:00Z");
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);

test("how long ago it was, and until it will be", () => {
    assert.deepEqual([-30, -90, -7_300, -86_400, 90_000, 3 * 86_400, -400 * 86_400].map((seconds) => ago("en", at(seconds), now)),
        ["30 seconds ago", "1 minute ago", "2 hours ago", "yesterday", "tomorrow", "in 3 days", "1 year ago"]);
    assert.equal(ago("ja", at(-7_300), now), "2 時間前");
    assert.equal(ago("en", now, now), "now");
});

test("a moment is told to the second", () => {
    assert.match(moment("en-GB", now, "Asia/Tokyo"), /27 Nov 2026.*21:00:00/);
});
