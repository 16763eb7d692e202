import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { MAIL, SUBMISSION, type Arguments, type Invocation, type Request, type Session } from "../../core/jmap/types.js";
import { NoAnswerError } from "../../core/jmap/client.js";
import { Account } from "../model/account.js";
import { Desk, Refused, takeBack } from "./desk.js";
import { emptyDraft } from "./draft.js";
import type { Identity } from "./reply.js";

const anna: Identity = { id: "I1", name: "Anna", email: "anna@a.test", replyTo: null, bcc: null };
const mailbox = { drafts: "F2", sent: "F3" };
let asked: Invocation[] = [];
let answers: (Arguments | "none")[] = [];

beforeEach(() => {
    asked = [];
    globalThis.fetch = (_, options) => {
        const { methodCalls } = JSON.parse(String(options?.body)) as Request;
        asked.push(...methodCalls);
        if (answers[0] === "none") {
            answers.shift();
            return Promise.reject(new TypeError("no answer"));
        }
        const methodResponses = methodCalls.map(([name, , id]) => [name, answers.shift() ?? {}, id]);
        return Promise.resolve(new Response(JSON.stringify({ methodResponses, sessionState: "s" })));
    };
});

function account(maxDelayedSend = 86_400): Account {
    const session = { apiUrl: "https://mail.a.test/jmap/api/", primaryAccounts: { [MAIL]: "A1" }, capabilities: { [SUBMISSION]: {} }, state: "s", username: "anna@a.test",
        accounts: { A1: { name: "", isPersonal: true, isReadOnly: false, accountCapabilities: { [SUBMISSION]: { maxDelayedSend } } } } } as unknown as Session;
    return new Account(session);
}

const done = () => asked.map(([name, args]) => `${name} ${"create" in args ? "create" : "destroy" in args ? `destroy ${String(args["destroy"])}` : "update"}`);

test("the old draft goes when the new one is there, and not before", async () => {
    const draft = { ...emptyDraft(anna, "bob@b.test"), subject: "1" };
    const desk = new Desk(account(), "new", mailbox, "M1");
    answers = [{ notCreated: { draft: { type: "overQuota" } } }];
    await assert.rejects(desk.save(draft, anna), (error: Refused) => error.type === "overQuota");
    assert.deepEqual(done(), ["Email/set create"]);
    answers = [{ created: { draft: { id: "M2" } } }, { destroyed: ["M1"] }];
    await desk.save(draft, anna);
    assert.deepEqual(done().slice(1), ["Email/set create", "Email/set destroy M1"]);
    await desk.save(draft, anna); // nothing has changed
    assert.equal(asked.length, 3);
});

test("two savings are one after the other, and the last has what was written last", async () => {
    const draft = { ...emptyDraft(anna), subject: "1" };
    const desk = new Desk(account(), "new", mailbox, undefined);
    answers = [{ created: { draft: { id: "M1" } } }, { created: { draft: { id: "M2" } } }, { destroyed: ["M1"] }];
    const first = desk.save(draft, anna);
    draft.subject = "2";
    await Promise.all([first, desk.save(draft, anna)]);
    assert.deepEqual(done(), ["Email/set create", "Email/set create", "Email/set destroy M1"]);
    assert.equal((asked[1]![1]["create"] as { draft: { subject: string } }).draft.subject, "2");
});

test("a letter is sent when its submission is named; it is held, moved, and marks what it answers", async () => {
    const draft = { ...emptyDraft(anna, "Bob <bob@b.test>, bob@b.test"), about: { id: "M9", keyword: "$answered" as const } };
    answers = [{ created: { draft: { id: "M1" } } }, { created: { sent: { id: "S1" } } }, { updated: { M9: null } }];
    assert.deepEqual(await new Desk(account(), "reply:M9", mailbox, undefined).send(draft, anna), { submission: "S1", email: "M1", held: true });
    assert.deepEqual(asked[1], ["EmailSubmission/set", { accountId: "A1", create: { sent: { identityId: "I1", emailId: "M1",
        envelope: { mailFrom: { email: "anna@a.test", parameters: { HOLDFOR: "13" } }, rcptTo: [{ email: "bob@b.test", parameters: null }] } } },
    onSuccessUpdateEmail: { "#sent": { "mailboxIds/F2": null, "mailboxIds/F3": true, "keywords/$draft": null } } }, "c0"]);
    assert.deepEqual(asked[2]![1]["update"], { M9: { "keywords/$answered": true } });
});

test("a server that holds nothing sends at once; one that refuses leaves the draft", async () => {
    const draft = emptyDraft(anna, "bob@b.test");
    const desk = new Desk(account(0), "new", mailbox, undefined);
    answers = [{ created: { draft: { id: "M1" } } }, { notCreated: { sent: { type: "invalidRecipients", invalidRecipients: ["bob@b.test"] } } }];
    await assert.rejects(desk.send(draft, anna), (error: Refused) => error.type === "invalidRecipients");
    assert.deepEqual((asked[1]![1]["create"] as { sent: { envelope: { mailFrom: object } } }).sent.envelope.mailFrom, { email: "anna@a.test", parameters: null });
    answers = [{ created: { draft: { id: "M2" } } }, {}, { created: { sent: { id: "S1" } } }];
    assert.equal((await desk.send(draft, anna)).held, false);
    assert.deepEqual(done().slice(2), ["Email/set create", "Email/set destroy M1", "EmailSubmission/set create"]);
});

test("what is held comes back, what is gone does not", async () => {
    const gone = { submission: "S1", email: "M1", held: true };
    answers = [{ updated: { S1: null } }];
    assert.equal(await takeBack(account(), gone, mailbox), true);
    assert.deepEqual(asked[0]![1], { accountId: "A1", update: { S1: { undoStatus: "canceled" } },
        onSuccessUpdateEmail: { S1: { "mailboxIds/F3": null, "mailboxIds/F2": true, "keywords/$draft": true } } });
    answers = [{ updated: null, notUpdated: { S1: { type: "cannotUnsend" } } }];
    assert.equal(await takeBack(account(), gone, mailbox), false);
});

test("a letter that may have gone is not sent twice, nor is what is in Sent taken for its draft", async () => {
    const draft = emptyDraft(anna, "bob@b.test");
    const desk = new Desk(account(), "new", mailbox, undefined);
    answers = [{ created: { draft: { id: "M1" } } }, "none"];
    await assert.rejects(desk.send(draft, anna), NoAnswerError);
    answers = [{ ids: ["S1"] }];
    assert.deepEqual(await desk.send(draft, anna), { submission: "S1", email: "M1", held: false });
    assert.equal(asked.length, 3);

    const other = new Desk(account(), "new", mailbox, undefined);
    answers = [{ created: { draft: { id: "M1" } } }, "none"];
    await assert.rejects(other.send(draft, anna), NoAnswerError);
    draft.text = "more";
    answers = [{ ids: ["S1"] }, { created: { draft: { id: "M2" } } }];
    await other.save(draft, anna);
    assert.deepEqual(done().slice(-1), ["Email/set create"]); // and M1 is not destroyed
});
