import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { signal } from "@preact/signals";
import { MAIL, type Arguments, type Request, type Session } from "../../core/jmap/types.js";
import { Account } from "./account.js";
import { Actions } from "./actions.js";
import { Emails } from "./emails.js";
import type { Mail } from "./mail.js";
import { MessageList } from "./message_list.js";
import type { Row } from "./types.js";

// A mailbox F1 of this many letters, of which some cannot be changed.
let letters: string[] = [];
let stubborn = new Set<string>();
let asked: string[] = [];
let refreshed = 0;

function row(id: string): Row {
    return { id, threadId: `T${id}`, mailboxIds: { F1: true }, keywords: {}, receivedAt: "2026-11-27T00:00:00Z", from: null, to: null, subject: null, preview: "", hasAttachment: false };
}

function answer(name: string, args: Arguments, before: Arguments[]): Arguments {
    asked.push(name);
    if (name === "Email/query") {
        const position = Number(args["position"]);
        return { ids: letters.slice(position, position + Number(args["limit"])), position, total: letters.length, queryState: String(letters.length) };
    }
    if (name === "Email/get") return { list: ((before[0]?.["ids"] ?? args["ids"]) as string[]).map(row) as unknown as Arguments[] };
    const ids = Object.keys(args["update"] as object);
    const refused = ids.filter((id) => stubborn.has(id));
    if (ids.some((id) => `mailboxIds/F1` in (args["update"] as { [id: string]: object })[id]!)) letters = letters.filter((id) => !ids.includes(id) || stubborn.has(id));
    return { notUpdated: Object.fromEntries(refused.map((id) => [id, { type: "forbidden" }])) };
}

function mail(): { mail: Mail; actions: Actions; list: MessageList } {
    const account = new Account({ apiUrl: "https://a.test/", primaryAccounts: { [MAIL]: "A1" }, capabilities: {}, state: "s" } as unknown as Session);
    const emails = new Emails();
    const made = { account, emails, cursor: signal(undefined), trying: async (work: () => Promise<unknown>) => { await work(); return true; },
        refresh: () => { refreshed += 1; return Promise.resolve(); } } as unknown as Mail;
    const list = new MessageList(account, emails, { mailbox: "F1", filter: { inMailbox: "F1" }, collapse: false, searched: false });
    return { mail: made, actions: new Actions(made), list };
}

beforeEach(() => {
    letters = Array.from({ length: 1_203 }, (_, number) => `M${number}`);
    stubborn = new Set();
    asked = [];
    refreshed = 0;
    globalThis.fetch = (_, options) => {
        const { methodCalls } = JSON.parse(String(options?.body)) as Request;
        const given: Arguments[] = [];
        const methodResponses = methodCalls.map(([name, args, id]) => {
            given.push(answer(name, args, given));
            return [name, given.at(-1), id];
        });
        return Promise.resolve(new Response(JSON.stringify({ methodResponses, sessionState: "s" })));
    };
});

test("all but some are moved, also past those that cannot be", async () => {
    const { actions, list } = mail();
    await list.need();
    list.selection.all();
    list.selection.set(["M3", "M700"], false);
    stubborn = new Set(["M0", "M600"]);
    let said = 0;
    await actions.change(list, "found", { kind: "move", from: "F1", to: "F2" }, (count) => { said = count; return ""; });
    assert.deepEqual(letters, ["M0", "M3", "M600", "M700"]);
    assert.equal(said, 1_201);
    assert.equal(list.selection.count(4), 0);
});

test("all are marked, each once", async () => {
    const { actions, list } = mail();
    await list.need();
    list.selection.all();
    asked = [];
    await actions.change(list, "found", { kind: "read", on: true }, String);
    assert.deepEqual(asked.filter((name) => name === "Email/set").length, 3);
    assert.equal(refreshed, 1);
});

test("what is marked and is found no more thereby leaves none out", async () => {
    const { actions } = mail();
    const works = answer;
    const read = new Set<string>();
    globalThis.fetch = (_, options) => {
        const { methodCalls } = JSON.parse(String(options?.body)) as Request;
        const given: Arguments[] = [];
        const methodResponses = methodCalls.map(([name, args, id]) => {
            if (name === "Email/set") for (const one of Object.keys(args["update"] as object)) read.add(one);
            letters = letters.filter((one) => !read.has(one));
            given.push(works(name, args, given));
            return [name, given.at(-1), id];
        });
        return Promise.resolve(new Response(JSON.stringify({ methodResponses, sessionState: "s" })));
    };
    const unread = new MessageList(new Account({ apiUrl: "https://a.test/", primaryAccounts: { [MAIL]: "A1" }, capabilities: {}, state: "s" } as unknown as Session),
        new Emails(), { mailbox: undefined, filter: { notKeyword: "$seen" }, collapse: false, searched: true });
    unread.selection.all();
    await actions.change(unread, "found", { kind: "read", on: true }, String);
    assert.equal(read.size, 1_203);
});

test("a mailbox is emptied into another, and for ever", async () => {
    const { actions } = mail();
    stubborn = new Set(["M5"]);
    await actions.moveAll("F1", "F2");
    assert.deepEqual(letters, ["M5"]);
    assert.deepEqual(asked.filter((name) => name === "Email/set").length, 3);
});

test("what is done is seen at once, and taken back", async () => {
    const { mail: own, actions, list } = mail();
    await list.need();
    const done = actions.change(list, [own.emails.row("M1").peek()!], { kind: "move", from: "F1", to: "F2" }, String);
    assert.equal(list.rows.at(1), "M2");
    assert.equal(actions.busy, true);
    await done;
    assert.equal(letters.includes("M1"), false);
    asked = [];
    await actions.undo();
    assert.deepEqual(asked, ["Email/set"]);
    assert.deepEqual(own.emails.row("M1").peek()?.mailboxIds, { F1: true });
    await actions.undo(); // once
    assert.deepEqual(asked, ["Email/set"]);
});

test("what takes something back does not overtake it", async () => {
    const { mail: own, actions, list } = mail();
    await list.need();
    const works = globalThis.fetch;
    let underWay = 0;
    globalThis.fetch = async (...request) => {
        underWay += 1;
        assert.equal(underWay, 1);
        await new Promise((resolve) => setImmediate(resolve)); // whoever does not wait is here now
        underWay -= 1;
        return works(...request);
    };
    const done = actions.change(list, [own.emails.row("M1").peek()!], { kind: "star", on: true }, String);
    await Promise.all([done, actions.undo()]);
    assert.deepEqual(asked.filter((name) => name === "Email/set").length, 2);
    assert.deepEqual(own.emails.row("M1").peek()?.keywords, {});
});

test("a list that gets no answer asks no more by itself", async () => {
    const { list } = mail();
    const works = globalThis.fetch;
    let requests = 0;
    globalThis.fetch = () => { requests += 1; return Promise.reject(new TypeError()); };
    await assert.rejects(list.need());
    assert.deepEqual([requests, list.state.peek()], [1, "failed"]);
    globalThis.fetch = works;
    await list.refresh();
    assert.deepEqual([list.state.peek(), list.rows.total], ["known", 1_203]);
});
