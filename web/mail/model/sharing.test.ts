import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { signal } from "@preact/signals";
import { MAIL, PRINCIPALS, type Arguments, type Request, type Session } from "../../core/jmap/types.js";
import { Account } from "./account.js";
import type { AccountMail } from "./account_mail.js";
import { FolderError } from "./folder_work.js";
import { allows, levelOf, rightsOf } from "./rights.js";
import { sharedAccounts } from "./shared_mail.js";
import { Sharing } from "./sharing.js";
import type { Mailbox, Rights } from "./types.js";

let asked: (readonly [string, Arguments])[] = [];
let answers: Arguments[] = [];

const session = { apiUrl: "https://a.test/", primaryAccounts: { [MAIL]: "A1", [PRINCIPALS]: "A1" }, capabilities: { [PRINCIPALS]: {} }, state: "s",
    accounts: { A1: { name: "me@a.test", isPersonal: true }, A3: { name: "team@a.test", isPersonal: false } } } as unknown as Session;

function mailbox(id: string, myRights: Rights, shareWith: Mailbox["shareWith"] = null): Mailbox {
    return { id, name: id, role: null, parentId: null, sortOrder: 0, totalEmails: 0, unreadEmails: 0, unreadThreads: 0, isSubscribed: true, myRights, shareWith };
}

function sharing(): Sharing {
    return new Sharing({ account: new Account(session, undefined, "A3"), mailboxes: signal(new Map()), loadMailboxes: () => Promise.resolve() } as unknown as AccountMail);
}

beforeEach(() => {
    asked = [];
    globalThis.fetch = (_, options) => {
        const { methodCalls } = JSON.parse(String(options?.body)) as Request;
        asked.push(...methodCalls.map(([name, args]) => [name, args] as const));
        return Promise.resolve(new Response(JSON.stringify({ methodResponses: methodCalls.map(([name, , id]) => [name, answers.shift(), id]), sessionState: "s" })));
    };
});

test("rights have levels, and what another program chose is none of them", () => {
    for (const level of ["read", "change", "manage"] as const) assert.equal(levelOf(rightsOf(level)), level);
    assert.equal(levelOf({ mayReadItems: true, maySetSeen: true }), undefined);
    assert.equal(levelOf({ ...rightsOf("read"), maySetSeen: false }), "read");
});

test("a right is there in the mailbox that is looked at, or in all that can be read", () => {
    const nothing = Object.fromEntries(Object.keys(rightsOf("read")).map((right) => [right, false])) as unknown as Rights;
    const all = [mailbox("way", nothing), mailbox("read", rightsOf("read")), mailbox("change", rightsOf("change"))];
    assert.equal(allows(all, "change", "mayRemoveItems"), true);
    assert.equal(allows(all, "read", "mayRemoveItems"), false);
    assert.equal(allows(all, undefined, "mayRemoveItems"), false);
    assert.equal(allows([all[0]!, all[2]!], undefined, "mayRemoveItems"), true);
    assert.equal(allows(all, "gone", "mayReadItems"), false);
    assert.equal(allows([], undefined, "mayReadItems"), false);
});

test("the accounts of others are those that are not personal", () => {
    assert.deepEqual(sharedAccounts(session), ["A3"]);
    assert.deepEqual(new Account(session, undefined, "A3").place, { account: "A3" });
    assert.deepEqual(new Account(session).place, {});
});

test("somebody is found by the whole address, in one's own account", async () => {
    answers = [{ ids: ["P1", "P2"] }, { list: [{ id: "P1", email: "anna@a.test.example" }, { id: "P2", email: "anna@a.test" }] }];
    assert.deepEqual(await sharing().find(" Anna@A.test "), { id: "P2", email: "anna@a.test" });
    assert.deepEqual(asked[0], ["Principal/query", { accountId: "A1", filter: { email: "anna@a.test" } }]);
    answers = [{ ids: [] }, { list: [] }];
    assert.equal(await sharing().find("nobody@a.test"), undefined);
});

test("the first right is given in a whole list, others one by one, and a refusal is told", async () => {
    answers = [{ updated: { F1: null } }, { updated: { F1: null } }, { updated: {}, notUpdated: { F1: { type: "forbidden" } } }];
    await sharing().give(mailbox("F1", rightsOf("manage")), "P2", "read");
    await sharing().give(mailbox("F1", rightsOf("manage"), { P2: rightsOf("read") }), "P2", undefined);
    await assert.rejects(sharing().give(mailbox("F1", rightsOf("manage")), "P2", "read"), (error) => error instanceof FolderError && error.type === "forbidden");
    assert.deepEqual(asked[0], ["Mailbox/set", { accountId: "A3", update: { F1: { shareWith: { P2: rightsOf("read") } } } }]);
    assert.deepEqual(asked[1], ["Mailbox/set", { accountId: "A3", update: { F1: { "shareWith/P2": null } } }]);
});
