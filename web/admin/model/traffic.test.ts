import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf } from "./traffic.js";

const traffic = {
    hours: [{ time: "2026-11-27T10:00:00Z", in: 5, out: 2, junk: 1, refused: 3 }, { time: "2026-11-27T12:00:00Z", in: 1, out: 0, junk: 0, refused: 0 }],
    days: [{ time: "2026-11-26T00:00:00Z", in: 50, out: 20, junk: 10, refused: 30 }],
};

test("hours without mail are there, too, and the last is the one that runs", () => {
    const columns = columnsOf(traffic, "hours", "en", new Date("2026-11-27T12:34:00Z"), "UTC");
    assert.equal(columns.length, 48);
    assert.deepEqual(columns.slice(-3).map(({ values }) => values), [[4, 2, 1, 3], [0, 0, 0, 0], [1, 0, 0, 0]]);
    assert.match(columns.at(-1)!.short, /12:00/);
});

test("days are those of UTC, as the server counts them", () => {
    const columns = columnsOf(traffic, "days", "ja", new Date("2026-11-27T12:34:00Z"), "Asia/Tokyo");
    assert.equal(columns.length, 90);
    assert.deepEqual([columns.at(-2)!.name, columns.at(-2)!.values], ["2026年11月26日", [40, 20, 10, 30]]);
});
