import assert from "node:assert/strict";
import { test } from "node:test";
import { invitations } from "./calendar.js";

const event = (lines: string, method = "REQUEST") => `BEGIN:VCALENDAR\r\nMETHOD:${method}\r\nBEGIN:VTIMEZONE\r\nTZID:x\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\n${lines.trim().replaceAll("\n", "\r\n")}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;
const one = (lines: string, method?: string) => invitations(event(lines, method), "Asia/Tokyo")[0]!;

test("what, when, where, who", () => {
    const found = one(`
SUMMARY:Plum tree\\, a walk
DTSTART;TZID=Europe/Berlin:20260401T093000
DTEND;TZID=Europe/Berlin:20260401T103000
LOCATION:River\\nbank
DESCRIPTION:Bring
  boots\\nand a hat
ORGANIZER;CN="Weber; Markus":mailto:markus@weber.test
ATTENDEE;ROLE=REQ-PARTICIPANT;CN=Alice:MAILTO:alice@a.test
ATTENDEE:mailto:bob@b.test
BEGIN:VALARM
DESCRIPTION:beep
END:VALARM`);
    assert.deepEqual(found, { method: "request", title: "Plum tree, a walk", begins: { at: Date.UTC(2026, 3, 1, 7, 30), wholeDay: false }, ends: { at: Date.UTC(2026, 3, 1, 8, 30), wholeDay: false },
        foreignZone: undefined, place: "River bank", text: "Bring boots\nand a hat", organizer: "Weber; Markus <markus@weber.test>", guests: ["Alice <alice@a.test>", "bob@b.test"],
        repeats: undefined, cancelled: false, answer: undefined });
});

test("times: in UTC, of the reader, of a zone that is not known, of whole days, with a length", () => {
    assert.equal(one("DTSTART:20260101T120000Z").begins?.at, Date.UTC(2026, 0, 1, 12));
    assert.equal(one("DTSTART:20260101T120000").begins?.at, Date.UTC(2026, 0, 1, 3));
    const foreign = one("DTSTART;TZID=Tokyo Standard Time:20260101T120000");
    assert.deepEqual([foreign.begins?.at, foreign.foreignZone], [Date.UTC(2026, 0, 1, 3), "Tokyo Standard Time"]);
    assert.deepEqual(one("DTSTART;VALUE=DATE:20260101").begins, { at: Date.UTC(2025, 11, 31, 15), wholeDay: true });
    assert.equal(one("DTSTART:20260101T120000Z\nDURATION:PT1H30M").ends?.at, Date.UTC(2026, 0, 1, 13, 30));
    assert.equal(one("DTSTART;TZID=America/New_York:20260308T023000").begins?.at, Date.UTC(2026, 2, 8, 7, 30)); // is skipped there
    for (const bad of ["", "20261301T000000Z", "tomorrow", "99999999999"]) assert.equal(one(`DTSTART:${bad}`).begins, undefined, bad);
});

test("how often, where it can be said in words", () => {
    assert.deepEqual(one("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=10").repeats, { every: "week", interval: 2, days: [1, 3], count: 10, until: undefined });
    assert.equal(one("RRULE:FREQ=DAILY;UNTIL=20261231T235959Z").repeats?.until?.at, Date.UTC(2026, 11, 31, 23, 59, 59));
    for (const odd of ["FREQ=SECONDLY;COUNT=999999999", "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO", "nonsense"]) assert.equal(one(`RRULE:${odd}`).repeats, undefined, odd);
});

test("taken back, and what is none", () => {
    assert.equal(one("SUMMARY:x", "CANCEL").cancelled, true);
    assert.equal(one("STATUS:CANCELLED").cancelled, true);
    assert.equal(one("ORGANIZER;CN=x:javascript:alert(1)").organizer, "x");
    assert.equal(one("SUMMARY:a\u202eb\u0000c").title, "ab c");
    for (const none of ["", "BEGIN:VEVENT", "END:VEVENT\nEND:VEVENT", "<html>", "BEGIN:VCALENDAR\nBEGIN:VTODO\nEND:VTODO", "\0".repeat(1000)]) assert.deepEqual(invitations(none), [], none.slice(0, 20));
    assert.equal(invitations(event("SUMMARY:x").repeat(100)).length, 20);
    assert.ok(invitations(`BEGIN:VEVENT\nSUMMARY${";A=b".repeat(50_000)}:x\nEND:VEVENT`).length <= 1);
});

test("what an answer repeats: which one of a series, in UTC; nothing where it could not be understood", () => {
    const asked = (lines: string, method?: string) => one(`UID:u-1@weber.test\nORGANIZER:mailto:markus@weber.test\nATTENDEE;RSVP=TRUE:mailto:anna@a.test\nATTENDEE:mailto:b b@c.test\nSEQUENCE:3\n${lines}`, method).answer;
    assert.deepEqual(asked("SUMMARY:Walk\\, again\nDTSTART;TZID=Europe/Berlin:20260401T093000\nDTEND;VALUE=DATE:20260402\nRECURRENCE-ID;TZID=Europe/Berlin:20260401T080000"),
        { uid: "u-1@weber.test", sequence: 3, organizer: "markus@weber.test", invited: ["anna@a.test"], title: "Walk, again",
            lines: ["RECURRENCE-ID:20260401T060000Z", "DTSTART:20260401T073000Z", "DTEND;VALUE=DATE:20260402"] });
    assert.equal(asked("RECURRENCE-ID;TZID=Nowhere:20260401T080000"), undefined);
    assert.equal(asked("SUMMARY:x", "CANCEL"), undefined);
    assert.equal(one("UID:u\nORGANIZER:mailto:a@b.test>\nATTENDEE:mailto:anna@a.test").answer, undefined);
});
