import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf } from "./traffic.js";

const traffic = {
    hours: [{ hour: "2026-11-27T12:00:00Z", received: 5, relayed: 2, junk: 1, rejected: 3 }],
    days: [{ day: "2026-11-26", received: 50, relayed: 20, junk: 60, rejected: 30 }],
};

test("hours are told in the zone of the reader, days as the server counts them", () => {
    const [hour] = columnsOf(traffic, "hours", "en-GB", "Asia/Tokyo");
    assert.deepEqual([hour!.short, hour!.values], ["21:00", [4, 2, 1, 3]]);
    const [day] = columnsOf(traffic, "days", "ja", "America/New_York");
    assert.deepEqual([day!.name, day!.values], ["2026年11月26日", [0, 20, 60, 30]], "junk may be more than what came from elsewhere");
});
