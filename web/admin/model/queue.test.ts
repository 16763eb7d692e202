import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueueEntry, QueueItem } from "./answers.js";
import { byDestination, holdOf } from "./queue.js";

const item = (destination: string, next_due: string, reply: string, last_attempt: string | null, being_sent = false): QueueItem => ({
    number: 1, destination, local: false, next_due, attempts: 1, being_sent,
    recipients: [{ address: `x@${destination}`, state: "deferred", attempts: 1, last_server: "mx", last_reply: reply, last_attempt }] });
const entry = (id: number, created: string, ...items: QueueItem[]): QueueEntry =>
    ({ id, sender: "anna@a.test", items, bytes: 1, created, expires: "", submitter: "", journey: "" });

test("letters stand by their destination, with the newest word and the next time", () => {
    const [first, second] = byDestination([
        entry(1, "2026-11-27T10:00:00Z", item("b.test", "2026-11-27T13:00:00Z", "450 old", "2026-11-27T10:01:00Z"), item("c.test", "2026-11-27T12:00:00Z", "", null)),
        entry(2, "2026-11-27T09:00:00Z", item("b.test", "2026-11-27T12:30:00Z", "451 new", "2026-11-27T11:00:00Z")),
        entry(3, "2026-11-27T11:00:00Z", item("b.test", "2026-11-27T11:30:00Z", "", null, true)),
    ]);
    assert.deepEqual([first!.name, first!.waiting.length, first!.oldest, first!.next, first!.reply, first!.sending],
        ["b.test", 3, "2026-11-27T09:00:00Z", "2026-11-27T12:30:00Z", "451 new", 1]);
    assert.deepEqual([second!.name, second!.reply], ["c.test", ""]);
    assert.deepEqual(byDestination([]), []);
});

test("what is on hold has no next try", () => {
    const hold = { since: "2026-11-27T10:00:00Z", by: "local root", reason: "odd" };
    const waits = item("b.test", "2026-11-27T12:00:00Z", "", null);
    const stopped = { ...waits, recipients: waits.recipients.map((each) => ({ ...each, hold })) };
    assert.equal(holdOf(waits), undefined);
    assert.equal(holdOf({ ...waits, hold }), hold);
    assert.equal(holdOf({ ...stopped, recipients: [...stopped.recipients, waits.recipients[0]!] }), undefined, "one of two goes on");
    const [all] = byDestination([entry(1, "2026-11-27T10:00:00Z", stopped)]);
    assert.deepEqual([all!.hold, all!.next], [hold, undefined]);
    const [some] = byDestination([entry(1, "2026-11-27T10:00:00Z", stopped), entry(2, "2026-11-27T10:00:00Z", waits)]);
    assert.deepEqual([some!.hold, some!.next], [undefined, "2026-11-27T12:00:00Z"]);
});
