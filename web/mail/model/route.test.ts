import assert from "node:assert/strict";
import { test } from "node:test";
import { folders } from "./folders.js";
import { addressOf, parseRoute, type Route } from "./route.js";
import { rightsOf } from "./rights.js";
import type { Mailbox } from "./types.js";

test("an address says what it was made of", () => {
    const routes: Route[] = [{}, { mailbox: "F3" }, { mailbox: "F3", letter: "M1" }, { search: "花見 from:\"a b\" & c" },
        { search: "", letter: "M1" }, { mailbox: "F3", letter: "M1", compose: "reply:M1" }, { account: "A3" }, { account: "A3", mailbox: "F3", letter: "M1", compose: "reply:A3/M1" },
        { account: "A3", search: "x", letter: "M1" }, { compose: "mailto:a+b@c.test?subject=x&body=y" }];
    for (const route of routes) {
        const url = new URL(addressOf(route), "https://mail.example.test");
        assert.deepEqual(parseRoute(url.pathname, url.search), route);
    }
});

test("an address that nobody made leads to the inbox", () => {
    assert.deepEqual(parseRoute("/mail/%E0%A4%A", ""), {});
    assert.deepEqual(parseRoute("/mail/search", ""), {});
    assert.deepEqual(parseRoute("/elsewhere", ""), {});
});

function mailbox(id: string, name: string, role: string | null = null, parentId: string | null = null): Mailbox {
    return { id, name, role, parentId, sortOrder: 0, totalEmails: 0, unreadEmails: 0, unreadThreads: 0, isSubscribed: true,
        myRights: rightsOf("manage") };
}

test("folders stand by their part, then by their name, each below its parent", () => {
    const listed = folders([mailbox("1", "Trash", "trash"), mailbox("2", "b10"), mailbox("3", "b9"), mailbox("4", "INBOX", "inbox"),
        mailbox("5", "inside", null, "3"), mailbox("6", "orphan", null, "99"), mailbox("7", "loop", null, "8"), mailbox("8", "loop", null, "7")], "en");
    assert.deepEqual(listed.map(({ mailbox: { id }, depth }) => `${id}:${depth}`), ["4:0", "1:0", "3:0", "5:1", "2:0", "6:0"]);
});
