import assert from "node:assert/strict";
import { test } from "node:test";
import { isGap, LOG_MOST, newest, withLines } from "./log.js";

const line = (number: number) => JSON.stringify({ number, milliseconds: 0, level: "info", event: "login", fields: [["service", "imap"]] });

test("the newest lines stand first, and no more than the page shows", () => {
    let shown = withLines([], [line(1), line(2)]);
    assert.equal(newest(shown), 2);
    shown = withLines(shown, ['{"left_out":7}']);
    assert.ok(isGap(shown[0]!));
    assert.equal(newest(shown), 2);
    shown = withLines(shown, Array.from({ length: LOG_MOST }, (_, at) => line(10 + at)));
    assert.equal(shown.length, LOG_MOST);
    assert.equal(newest(shown), 9 + LOG_MOST);
    assert.equal(newest([]), undefined);
});
