import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, Arguments, Invocation, Request } from "../../core/jmap/types.js";
import { KeptMail, LARGEST_FILE } from "./kept_mail.js";
import { MemoryShelf } from "./memory_shelf.js";
import { tooMany, type Weight } from "./shelf.js";

const request = (...methodCalls: Invocation[]): Request => ({ using: [], methodCalls });
const answer = (...methodResponses: Invocation[]): Answer => ({ methodResponses, sessionState: "s" });
const row = (id: string, more: Arguments = {}) => ({ id, threadId: `T${id}`, mailboxIds: { F1: true }, keywords: {}, subject: `Subject ${id}`, ...more });
const ROW = ["id", "threadId", "mailboxIds", "keywords", "subject"];
const inbox = { filter: { inMailbox: "F1" }, sort: [], collapseThreads: false };

/** A list of ten letters, as it was seen from a position on. */
const listAsked = (position: number, limit: number) => request(["Email/query", { ...inbox, position, limit }, "c0"], ["Email/get", { "#ids": { resultOf: "c0", name: "Email/query", path: "/ids" }, properties: ROW }, "c1"]);
function listAnswer(position: number, ids: readonly string[], queryState = "1"): Answer {
    return answer(["Email/query", { position, ids, total: 10, queryState }, "c0"], ["Email/get", { list: ids.map((id) => row(id)) as unknown as Arguments[] }, "c1"]);
}

test("a list that was seen is answered, with its rows, as far as it was seen", async () => {
    const kept = new KeptMail(new MemoryShelf());
    await kept.learn(listAsked(0, 3), listAnswer(0, ["M1", "M2", "M3"]));
    await kept.learn(listAsked(3, 2), listAnswer(3, ["M4", "M5"]));
    const said = await kept.answer(listAsked(1, 30));
    assert.deepEqual(said?.methodResponses[0]?.[1], { queryState: "1", position: 1, ids: ["M2", "M3", "M4", "M5"], total: 10 });
    assert.deepEqual(said?.methodResponses[1]?.[1]["list"], ["M2", "M3", "M4", "M5"].map((id) => row(id)));
    assert.equal(await kept.answer(listAsked(5, 3)), undefined);
    assert.equal(await kept.answer(request(["Email/query", { filter: { text: "x" }, position: 0 }, "c0"])), undefined);
    const around = await kept.answer(request(["Email/query", { ...inbox, anchor: "M3", anchorOffset: -1, limit: 2 }, "c0"]));
    assert.deepEqual(around?.methodResponses[0]?.[1]["ids"], ["M2", "M3"]);
    assert.deepEqual((await kept.answer(request(["Email/query", { ...inbox, anchor: "M9", limit: 2 }, "c0"])))?.methodResponses, [["error", { type: "anchorNotFound" }, "c0"]]);
    await kept.learn(listAsked(0, 2), listAnswer(0, ["M0", "M1"], "2")); // something has come: no letter stands there twice
    assert.deepEqual((await kept.answer(listAsked(0, 30)))?.methodResponses[0]?.[1]["ids"], ["M0", "M1", "M3", "M4", "M5"]);
});

test("a letter that was read is answered, one that was not is not; what was changed is so", async () => {
    const kept = new KeptMail(new MemoryShelf());
    await kept.learn(listAsked(0, 2), listAnswer(0, ["M1", "M2"]));
    const read = (id: string) => request(["Email/get", { ids: [id], properties: [...ROW, "bodyValues"] }, "c0"]);
    await kept.learn(read("M1"), answer(["Email/get", { list: [row("M1", { bodyValues: { 1: { value: "text" } } })] }, "c0"]));
    await kept.change(new Map([["M1", { "keywords/$seen": true }]]));
    const [, said] = (await kept.answer(read("M1")))!.methodResponses[0]!;
    assert.deepEqual(said["list"], [row("M1", { bodyValues: { 1: { value: "text" } }, keywords: { $seen: true } })]);
    assert.equal(await kept.answer(read("M2")), undefined);
    await kept.learn(request(["Email/set", { destroy: ["M1"] }, "c0"]), answer(["Email/set", { destroyed: ["M1"] }, "c0"]));
    assert.equal(await kept.answer(read("M1")), undefined);
});

test("what is moved leaves one list and stands in the other by its date, and comes back", async () => {
    const kept = new KeptMail(new MemoryShelf());
    const list = (mailbox: string) => request(["Email/query", { filter: { inMailbox: mailbox }, position: 0 }, "c0"]);
    const ids = async (mailbox: string) => (await kept.answer(list(mailbox)))?.methodResponses[0]?.[1];
    const dated = (id: string, mailbox: string) => row(id, { mailboxIds: { [mailbox]: true }, receivedAt: `2026-01-0${id.slice(1)}` });
    await kept.learn(list("F1"), answer(["Email/query", { position: 0, ids: ["M5", "M3", "M1"], total: 3, queryState: "1" }, "c0"]));
    await kept.learn(list("F2"), answer(["Email/query", { position: 0, ids: ["M4", "M2"], total: 2, queryState: "1" }, "c0"]));
    await kept.learn(request(["Email/get", {}, "c0"]), answer(["Email/get", { list: [..."531"].map((id) => dated(`M${id}`, "F1")).concat([..."42"].map((id) => dated(`M${id}`, "F2"))) as unknown as Arguments[] }, "c0"]));
    await kept.change(new Map([["M3", { "mailboxIds/F1": null, "mailboxIds/F2": true }]]));
    assert.deepEqual(await ids("F1"), { queryState: "1", position: 0, ids: ["M5", "M1"], total: 2 });
    assert.deepEqual(await ids("F2"), { queryState: "1", position: 0, ids: ["M4", "M3", "M2"], total: 3 });
    await kept.change(new Map([["M3", { "mailboxIds/F2": null, "mailboxIds/F1": true }]]));
    assert.deepEqual((await ids("F1"))?.["ids"], ["M5", "M3", "M1"]);
});

test("threads are followed, whole lists answered, and nothing is done", async () => {
    const kept = new KeptMail(new MemoryShelf());
    await kept.learn(request(["Mailbox/get", { ids: null }, "c0"], ["Thread/get", { ids: ["T1"] }, "c1"], ["Email/get", { ids: ["M1"], properties: ["threadId"] }, "c2"]),
        answer(["Mailbox/get", { list: [{ id: "F1" }] }, "c0"], ["Thread/get", { list: [{ id: "T1", emailIds: ["M1", "M2"] }] }, "c1"], ["Email/get", { list: [{ id: "M1", threadId: "T1" }] }, "c2"]));
    const said = await kept.answer(request(["Mailbox/get", {}, "c0"], ["Email/get", { ids: ["M1"], properties: ["threadId"] }, "c1"], ["Thread/get", { "#ids": { resultOf: "c1", name: "Email/get", path: "/list/*/threadId" } }, "c2"]));
    assert.deepEqual(said?.methodResponses.map(([, args]) => args["list"]), [[{ id: "F1" }], [{ id: "M1", threadId: "T1" }], [{ id: "T1", emailIds: ["M1", "M2"] }]]);
    for (const name of ["Email/set", "EmailSubmission/set", "Mailbox/set", "Email/import"]) assert.equal(await kept.answer(request([name, {}, "c0"])), undefined, name);
});

test("those go first that were read longest ago, the long ones before others that still fit", () => {
    const weight = (octets: number, whole = true): Weight => ({ used: 0, octets, whole });
    const entries: [string, Weight][] = [["a", weight(40)], ["b", weight(70)], ["c", weight(40)], ["d", weight(10)], ["e", weight(1, false)], ["f", weight(1, false)]];
    assert.deepEqual(tooMany(entries, { entries: 4, whole: 2, octets: 100 }), ["b", "d"]);
    assert.deepEqual(tooMany(entries, { entries: 2, whole: 9, octets: 1_000 }), ["c", "d", "e", "f"]);
});

test("files that were opened are kept among the letters, and share their bounds", async () => {
    const shelf = new MemoryShelf();
    let now = 1;
    const kept = new KeptMail(shelf, () => now++);
    const file = (size: number) => new Blob([new Uint8Array(size)]);
    await kept.keepFile("B1", file(3));
    assert.equal((await kept.file("B1"))?.size, 3);
    await kept.keepFile("B2", file(LARGEST_FILE + 1));
    assert.equal(await kept.file("B2"), undefined);
    for (const name of ["B3", "B4", "B5", "B6"]) await kept.keepFile(name, file(LARGEST_FILE));
    await kept.file("B1");
    await kept.keepFile("B7", file(LARGEST_FILE));
    assert.deepEqual([...shelf.rooms.emails.keys()].sort(), ["file:B1", "file:B4", "file:B5", "file:B6", "file:B7"]);
});
