import assert from "node:assert/strict";
import { test } from "node:test";
import { invitations } from "../read/calendar.js";
import { calendarOf, emailWith, guestOf } from "./invitation_answer.js";
import type { Identity } from "./reply.js";

const anna: Identity = { id: "I1", name: 'Anna "A" Lee', email: "anna@a.test", replyTo: null, bcc: null };
const every: Identity = { id: "I2", name: "", email: "*@c.test", replyTo: null, bcc: null };
const asked = { uid: "u;1", sequence: 2, organizer: "markus@weber.test", invited: ["bob@b.test", "Anna@A.test"], title: "梅の木の下で散歩してお弁当を食べます、みんなで; yes", lines: ["DTSTART:20260401T073000Z"] };

test("the address that was invited answers", () => {
    assert.deepEqual(guestOf(asked, [every, anna]), { identity: anna, from: { name: anna.name, email: "Anna@A.test" } });
    assert.equal(guestOf({ ...asked, invited: ["x@c.test"] }, [anna, every])?.from.email, "x@c.test");
    assert.equal(guestOf({ ...asked, invited: ["bob@b.test"] }, [anna, every]), undefined);
});

test("the calendar says who comes, in folded lines, and is read as an answer", () => {
    const calendar = calendarOf(asked, guestOf(asked, [anna])!, "tentative", "Perhaps,\nlate", Date.UTC(2026, 0, 2, 3, 4, 5));
    for (const line of calendar.split("\r\n")) assert.ok(new TextEncoder().encode(line).length <= 75, line);
    const lines = calendar.replaceAll("\r\n ", "").split("\r\n");
    for (const line of ["METHOD:REPLY", "UID:u;1", "SEQUENCE:2", "DTSTAMP:20260102T030405Z", "ORGANIZER:mailto:markus@weber.test", 'ATTENDEE;PARTSTAT=TENTATIVE;CN="Anna A Lee":mailto:Anna@A.test',
        "DTSTART:20260401T073000Z", "SUMMARY:梅の木の下で散歩してお弁当を食べます、みんなで\\; yes", "COMMENT:Perhaps\\,\\nlate"]) assert.ok(lines.includes(line), line);
    const [read] = invitations(calendar);
    assert.equal(read?.method, "reply");
    assert.equal(read?.title, asked.title);
});

test("the letter goes to the organizer, in the thread of the invitation", () => {
    const email = emailWith({ asked, guest: guestOf(asked, [anna])!, coming: "accepted", subject: "Accepted", text: "Anna comes.", comment: "", about: { id: "M1", messageId: ["m@weber.test"], references: null } }, "F2", 0);
    assert.deepEqual(email["to"], [{ name: null, email: "markus@weber.test" }]);
    assert.deepEqual(email["references"], ["m@weber.test"]);
    assert.match(JSON.stringify(email), /text\/calendar; method=REPLY/);
});
