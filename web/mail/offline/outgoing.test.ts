import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { MAIL, SUBMISSION, type Arguments, type Request, type Session } from "../../core/jmap/types.js";
import { NoAnswerError } from "../../core/jmap/client.js";
import { Account } from "../model/account.js";
import { emptyDraft } from "../write/draft.js";
import type { Identity } from "../write/reply.js";
import { KeptMail } from "./kept_mail.js";
import { Line } from "./line.js";
import { MemoryShelf } from "./memory_shelf.js";
import { Outgoing, type Waits } from "./outgoing.js";

// A server with letters and what was sent of them; it can be away, or lose an answer on its way.
const anna: Identity = { id: "I1", name: "Anna", email: "anna@a.test", replyTo: null, bcc: null };
interface Email { mailboxIds: { [id: string]: true }; keywords: { [keyword: string]: true }; messageId?: string }
let emails: Map<string, Email>;
let sent: string[];
let state = 0;
let away = false;
let lose: string | undefined; // the answer to a request with this method
let refuse: string | undefined; // a submission
const session = { apiUrl: "https://mail.a.test/jmap/api/", primaryAccounts: { [MAIL]: "A1" }, capabilities: { [SUBMISSION]: {} }, state: "s", username: "anna@a.test", accounts: {} } as unknown as Session;

function call(name: string, args: Arguments): Arguments {
    if (args["ifInState"] !== undefined && args["ifInState"] !== String(state)) return { error: "stateMismatch" };
    switch (name) {
        case "Email/get": return { state: String(state), list: (args["ids"] as string[]).filter((id) => emails.has(id)).map((id) => ({ id, threadId: "T", ...emails.get(id)! })) as unknown as Arguments[] };
        case "EmailSubmission/get": return { state: String(state), list: [] };
        case "Email/query": return { ids: [...emails].filter(([, { messageId }]) => messageId === (args["filter"] as { header: string[] }).header[1]).map(([id]) => id) };
        case "EmailSubmission/query": return { ids: sent.filter((id) => id === (args["filter"] as unknown as { emailIds: string[] }).emailIds[0]) };
        case "Email/set": {
            const created: { [name: string]: { id: string } } = {};
            for (const [key, email] of Object.entries((args["create"] ?? {}) as unknown as { [key: string]: { messageId: string[]; mailboxIds: { [id: string]: true } } })) {
                emails.set((created[key] = { id: `N${emails.size}` }).id, { mailboxIds: email.mailboxIds, keywords: {}, messageId: email.messageId[0]! });
                made = created[key].id;
            }
            for (const [id, patch] of Object.entries((args["update"] ?? {}) as unknown as { [id: string]: { [path: string]: true | null } }))
                for (const [path, value] of Object.entries(patch)) {
                    const [property, key] = path.split("/") as ["keywords" | "mailboxIds", string];
                    if (value === null) delete emails.get(id)![property][key];
                    else emails.get(id)![property][key] = true;
                }
            for (const id of (args["destroy"] ?? []) as string[]) emails.delete(id);
            return { created };
        }
        case "EmailSubmission/set": {
            if (refuse !== undefined) return { notCreated: { sent: { type: refuse } } };
            const { emailId } = (args["create"] as unknown as { sent: { emailId: string } }).sent;
            sent.push(emailId === "#letter" ? made : emailId);
            return { created: { sent: { id: "S1" } } };
        }
        default: throw new Error(name);
    }
}
let made = "";

beforeEach(() => {
    emails = new Map([["M1", { mailboxIds: { F1: true }, keywords: {} }], ["M2", { mailboxIds: { F1: true }, keywords: {} }]]);
    sent = [];
    away = false;
    lose = refuse = undefined;
    globalThis.fetch = async (_, options) => {
        if (away) throw new TypeError("away");
        const { methodCalls } = JSON.parse(String(options?.body)) as Request;
        const methodResponses = methodCalls.map(([name, args, id]) => {
            const said = call(name, args);
            return said["error"] !== undefined ? ["error", { type: said["error"] }, id] : [name, said, id];
        });
        if (methodCalls.some(([name]) => name === lose)) {
            lose = undefined;
            throw new TypeError("lost");
        }
        return new Response(JSON.stringify({ methodResponses, sessionState: "s" }));
    };
});

/** A page that has seen M1 and M2. */
async function page() {
    const shelf = new MemoryShelf();
    const kept = new KeptMail(shelf);
    let waits: readonly Waits[] = [];
    const outgoing = new Outgoing(new Account(session), shelf, kept, async () => ({ drafts: "F2", sent: "F3" }), (work) => work(), (now) => { waits = now; });
    const heard: boolean[] = [];
    const line = new Line(async (address, body) => { const answer = await fetch(address, { body }); return { status: answer.status, body: await answer.text() }; }, (answered) => heard.push(answered));
    line.keeping = { kept, outgoing };
    const account = new Account(session, line.post);
    const marks = () => account.ask((batch, accountId) => batch.call("Email/get", { accountId, ids: ["M1", "M2"], properties: ["id", "threadId", "mailboxIds", "keywords"] }),
        (answers, asked) => answers.of(asked)["list"] as unknown as Email[]);
    const update = (patches: Arguments) => account.ask((batch, accountId) => batch.call("Email/set", { accountId, update: patches }), (answers, asked) => answers.of(asked));
    await marks();
    return { shelf, outgoing, heard, marks, update, waits: () => waits };
}

const draft = () => ({ ...emptyDraft(anna, "bob@b.test"), subject: "Hello" });

test("marks and moves wait, are shown at once, and reach the server later", async () => {
    const { outgoing, marks, update, waits, heard } = await page();
    away = true;
    assert.deepEqual(await update({ M1: { "keywords/$seen": true }, M2: { "mailboxIds/F1": null, "mailboxIds/F4": true } }), { updated: { M1: null, M2: null } });
    assert.deepEqual((await marks()).map(({ mailboxIds, keywords }) => [mailboxIds, keywords]), [[{ F1: true }, { $seen: true }], [{ F4: true }, {}]]);
    assert.equal(heard.at(-1), false);
    await assert.rejects(outgoing.flush(), NoAnswerError);
    assert.equal(waits().length, 1);
    away = false;
    await outgoing.flush();
    assert.deepEqual([emails.get("M1")?.keywords, emails.get("M2")?.mailboxIds], [{ $seen: true }, { F4: true }]);
    assert.deepEqual(waits(), []);
});

test("what somebody has moved elsewhere meanwhile stays there", async () => {
    const { outgoing, update } = await page();
    away = true;
    await update({ M1: { "mailboxIds/F1": null, "mailboxIds/F4": true }, M2: { "keywords/$flagged": true } });
    away = false;
    emails.get("M1")!.mailboxIds = { F5: true };
    await outgoing.flush();
    assert.deepEqual([emails.get("M1")?.mailboxIds, emails.get("M2")?.keywords], [{ F5: true }, { $flagged: true }]);
});

test("nothing but changes of letters waits", async () => {
    const { update, waits } = await page();
    away = true;
    const account = new Account(session);
    await assert.rejects(account.ask((batch, accountId) => batch.call("Email/set", { accountId, destroy: ["M1"] }), () => undefined), NoAnswerError);
    assert.deepEqual(waits(), []);
    await update({ M1: { "keywords/$seen": true } });
    assert.equal(waits().length, 1);
});

test("a letter goes once, wherever the answer is lost", async () => {
    for (const lost of [undefined, "Email/query", "EmailSubmission/set", "Email/set", "EmailSubmission/query"]) {
        emails.clear();
        sent = [];
        const { outgoing, waits } = await page();
        assert.ok(await outgoing.addLetter({ draft: draft(), identity: anna, send: true }));
        lose = lost;
        for (let round = 0; round < 3; round += 1) await outgoing.flush().catch(() => undefined);
        assert.equal(sent.length, 1, String(lost));
        assert.equal(emails.size, 1, String(lost));
        assert.deepEqual(waits(), [], String(lost));
    }
});

test("one that may be on its way is looked for, and an older draft goes when the new one is there", async () => {
    const { outgoing } = await page();
    sent = ["M1"];
    await outgoing.addLetter({ draft: draft(), identity: anna, send: true, email: "M1", tried: true });
    await outgoing.flush();
    assert.deepEqual(sent, ["M1"]);
    await outgoing.addLetter({ draft: draft(), identity: anna, send: false, older: "M2" });
    await outgoing.flush();
    assert.deepEqual(sent, ["M1"]);
    assert.deepEqual([...emails.keys()].filter((id) => id === "M2"), []);
});

test("one that the server refuses waits for its writer", async () => {
    const { outgoing, waits } = await page();
    refuse = "overQuota";
    await outgoing.addLetter({ draft: draft(), identity: anna, send: true });
    await outgoing.flush();
    await outgoing.flush();
    const [[name]] = await outgoing.waiting() as unknown as [[string]];
    assert.equal((waits()[0] as { refused?: { type: string } }).refused?.type, "overQuota");
    assert.equal((await outgoing.take(name))?.draft.subject, "Hello");
    assert.deepEqual(waits(), []);
});
