import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { signal } from "@preact/signals";
import { MAIL, type Arguments, type Request, type Session } from "../../core/jmap/types.js";
import { Account } from "./account.js";
import { FolderError, FolderWork, refusalOf } from "./folder_work.js";
import type { AccountMail } from "./account_mail.js";
import { rightsOf } from "./rights.js";
import type { Mailbox } from "./types.js";

let asked: Arguments[] = [];
let answers: Arguments[] = [];
let moved: string[] = [];

function mailbox(id: string, name: string, parentId: string | null = null, role: string | null = null): Mailbox {
    return { id, name, role, parentId, sortOrder: 0, totalEmails: 1, unreadEmails: 0, unreadThreads: 0, isSubscribed: true,
        myRights: rightsOf("manage") };
}

// Trash T with X in it; A with B and C in it, and D in C.
const all = [mailbox("T", "Trash", null, "trash"), mailbox("X", "x", "T"), mailbox("A", "a"), mailbox("B", "b", "A"), mailbox("C", "c", "A"), mailbox("D", "d", "C"), mailbox("E", "e")];

function work(): FolderWork {
    const account = new Account({ apiUrl: "https://a.test/", primaryAccounts: { [MAIL]: "A1" }, capabilities: {}, state: "s" } as unknown as Session);
    return new FolderWork({ account, mailboxes: signal(new Map(all.map((one) => [one.id, one]))), byRole: () => all[0], loadMailboxes: () => Promise.resolve(),
        actions: { mailbox: () => Promise.resolve("T"), moveAll: (from: string, to: string) => { moved.push(`${from}>${to}`); return Promise.resolve(); } } } as unknown as AccountMail);
}

beforeEach(() => {
    asked = [];
    moved = [];
    globalThis.fetch = (_, options) => {
        const { methodCalls } = JSON.parse(String(options?.body)) as Request;
        asked.push(...methodCalls.map(([, { accountId: _a, ...args }]) => args));
        return Promise.resolve(new Response(JSON.stringify({ methodResponses: methodCalls.map(([name, , id]) => [name, answers.shift(), id]), sessionState: "s" })));
    };
});

test("a folder is made, renamed and moved; what is the same is not sent", async () => {
    answers = [{ created: { made: { id: "N" } } }, { updated: { B: null } }];
    assert.equal(await work().make({ name: "n", parentId: "A", isSubscribed: true }), "N");
    await work().change(all[3]!, { name: "b", parentId: "E", isSubscribed: true });
    await work().change(all[3]!, { name: "b", parentId: "A" });
    assert.deepEqual(asked, [{ create: { made: { name: "n", parentId: "A", isSubscribed: true } } }, { update: { B: { parentId: "E" } } }]);
});

test("why it was refused", async () => {
    answers = [{ notCreated: { made: { type: "invalidProperties", properties: ["name"] } } }, { updated: null, notUpdated: { B: { type: "forbidden" } } }];
    await assert.rejects(work().make({ name: "a/b", parentId: null, isSubscribed: true }), (error: FolderError) => error.type === "invalid-name");
    await assert.rejects(work().change(all[3]!, { name: "c" }), (error) => refusalOf(error) === "forbidden");
    assert.equal(refusalOf(new Error()), "serverFail");
});

test("one that is deleted leaves its letters in Trash, the deepest first", async () => {
    answers = ["D", "C", "B", "A"].map((id) => ({ destroyed: [id] }));
    await work().remove(all[2]!);
    assert.deepEqual(moved, ["D>T", "C>T", "B>T", "A>T"]);
    assert.deepEqual(asked[0], { destroy: ["D"], onDestroyRemoveEmails: false });
});

test("a letter that comes meanwhile goes to Trash, too", async () => {
    answers = [{ destroyed: null, notDestroyed: { E: { type: "mailboxHasEmail" } } }, { destroyed: ["E"] }];
    await work().remove(all[6]!);
    assert.deepEqual(moved, ["E>T", "E>T"]);
    answers = Array.from({ length: 6 }, () => ({ notDestroyed: { E: { type: "mailboxHasEmail" } } }));
    await assert.rejects(work().remove(all[6]!), FolderError);
});

test("what is deleted in Trash is gone for ever", async () => {
    answers = [{ destroyed: ["X"] }];
    await work().remove(all[1]!);
    assert.deepEqual(moved, []);
    assert.deepEqual(asked, [{ destroy: ["X"], onDestroyRemoveEmails: true }]);
});
