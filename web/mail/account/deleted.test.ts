import assert from "node:assert/strict";
import { test } from "node:test";
import { deletedLetters, putBack, shownOf, type Deleted } from "./deleted.js";

const letter = (id: string, deleted: string, more: Partial<Deleted> = {}): Deleted => ({ id, mailbox: "INBOX", deleted, draft: false, ...more });

function answering(answers: { readonly [request: string]: object }): string[] {
    const asked: string[] = [];
    globalThis.fetch = (async (address: string, { method = "GET", body = "" }: RequestInit = {}) => {
        const request = `${method} ${address}${body === "" ? "" : ` ${String(body)}`}`;
        asked.push(request);
        return new Response(JSON.stringify(answers[request]), { status: answers[request] === undefined ? 404 : 200 });
    }) as typeof fetch;
    return asked;
}

test("pages are joined", async () => {
    answering({ "GET /account/deleted": { letters: [letter("1", "a")], days: 30, next: "x+/=" }, "GET /account/deleted?from=x%2B%2F%3D": { letters: [letter("2", "b")], days: 30 } });
    assert.deepEqual(await deletedLetters(), { letters: [letter("1", "a"), letter("2", "b")], days: 30, next: undefined });
});

test("the last one first, without drafts unless they are wanted, and only what a text is found in", () => {
    const all = [letter("1", "2026-01-01", { subject: "Ｐlum tree", from: { name: "Hana", email: "h@a.test" } }), letter("2", "2026-03-01", { draft: true, subject: "plum" }), letter("3", "2026-02-01")];
    const ids = (text: string, drafts = false) => shownOf(all, text, drafts).map(({ id }) => id);
    assert.deepEqual(ids(""), ["3", "1"]);
    assert.deepEqual(ids("", true), ["2", "3", "1"]);
    assert.deepEqual(ids("HANA plum", true), ["1"]);
});

test("putting back says what is back and why something is not", async () => {
    answering({ 'POST /account/undelete {"letters":["1","2"]}': { back: 1, left: [{ id: "2", error: "over-quota" }] } });
    assert.deepEqual(await putBack(["1", "2"]), { back: ["1"], problem: "over-quota" });
});
