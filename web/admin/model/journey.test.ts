import assert from "node:assert/strict";
import { test } from "node:test";
import type { JourneyEvent } from "./answers.js";
import { devices, journeys } from "./journey.js";

let second = 0;
const event = (journey: string, kind: string, fields: [string, string][] = [], message_id = ""): JourneyEvent =>
    ({ journey, time: `2026-11-27T12:00:${String(second++).padStart(2, "0")}Z`, kind, fields, message_id });

test("a letter from elsewhere that was put into a mailbox and fetched", () => {
    const [one] = journeys([
        event("a", "received", [["from", "bob@b.test"], ["to", "anna@a.test"], ["helo", "mx.b.test"], ["client", "192.0.2.1"], ["subject", "Hello"]], "1@b.test"),
        event("a", "checked", [["spf", "pass"], ["dmarc", "pass"]]),
        event("a", "stored", [["account", "anna@a.test"], ["mailbox", "INBOX"]]),
        event("a", "retrieved", [["account", "anna@a.test"], ["service", "imap"]]),
    ]);
    assert.deepEqual(one!.origin, { kind: "server", name: "mx.b.test", client: "192.0.2.1" });
    assert.deepEqual([one!.from, one!.to, one!.subject, one!.verdict, one!.messageId, one!.standing],
        ["bob@b.test", ["anna@a.test"], "Hello", "pass", "1@b.test", "arrived"]);
    assert.deepEqual(one!.branches.map(({ who, place }) => [who, place]), [["anna@a.test", "INBOX"]]);
    assert.ok(one!.branches[0]!.fetched! > one!.branches[0]!.time);
});

test("what counts is how it ended, and the worst end is that of the letter", () => {
    const [one] = journeys([
        event("a", "submitted", [["account", "anna@a.test"], ["to", "x@b.test"], ["to", "y@c.test"], ["to", "z@d.test"]]),
        event("a", "queued", [["id", "7"]]),
        event("a", "deferred", [["to", "x@b.test"], ["server", "mx.b.test"], ["reply", "450 later"]]),
        event("a", "relayed", [["to", "x@b.test"], ["server", "mx.b.test"], ["reply", "250 ok"]]),
        event("a", "refused", [["to", "y@c.test"], ["server", "mx.c.test"], ["reply", "550 no"]]),
    ]);
    assert.deepEqual(one!.branches.map(({ who, standing, words }) => [who, standing, words]),
        [["x@b.test", "handed", "250 ok"], ["y@c.test", "refused", "550 no"], ["z@d.test", "waits", ""]]);
    assert.equal(one!.standing, "refused");
    assert.equal(one!.origin.kind, "account");
});

test("turned away at the door; removed by an operator; an alias", () => {
    const [removed, alias, rejected] = journeys([
        event("a", "rejected", [["from", "bob@b.test"], ["to", "nobody@a.test"], ["client", "192.0.2.1"], ["reply", "550 no such user"]]),
        event("b", "received", [["to", "office@a.test"], ["helo", "mx.b.test"]]),
        event("b", "stored", [["account", "anna@a.test"], ["mailbox", "Junk"]]),
        event("c", "submitted", [["to", "x@b.test"]]),
        event("c", "deferred", [["to", "x@b.test"], ["reply", "450 later"]]),
        event("c", "removed", [["by", "root"]]),
    ]);
    assert.equal(rejected!.standing, "refused");
    assert.deepEqual(rejected!.branches.map(({ who, words }) => [who, words]), [["nobody@a.test", "550 no such user"]]);
    assert.deepEqual(alias!.branches.map(({ who }) => who), ["anna@a.test"], "the recipient has arrived by another name");
    assert.equal(removed!.standing, "ended");
});

test("the devices of an account are those that fetched for it", () => {
    const fetched = (account: string, client: string) => event("a", "retrieved", [["account", account], ["service", "imap"], ["client", client]]);
    const found = devices([fetched("anna@a.test", "192.0.2.1"), fetched("bo@a.test", "192.0.2.9"), fetched("anna@a.test", "192.0.2.2"), fetched("anna@a.test", "192.0.2.1")], "anna@a.test");
    assert.deepEqual(found.map(({ client, letters }) => [client, letters]), [["192.0.2.1", 2], ["192.0.2.2", 1]]);
});
