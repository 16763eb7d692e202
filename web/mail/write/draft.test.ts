import assert from "node:assert/strict";
import { test } from "node:test";
import { english } from "../../core/words/en.js";
import type { Letter } from "../model/types.js";
import { answer, emailOf, emptyDraft, isEmpty, recipients, reopened, sendOn, wholeText } from "./draft.js";
import type { Identity } from "./reply.js";

const anna: Identity = { id: "I1", name: "Anna", email: "anna@a.test", replyTo: [{ name: null, email: "office@a.test" }], bcc: null };
const letter = { id: "M1", from: [{ name: "Bob", email: "bob@b.test" }], to: [{ name: null, email: "anna@a.test" }], cc: null, bcc: null, replyTo: null, sentAt: null,
    subject: "花見", messageId: ["1@b.test"], references: null, inReplyTo: null, "header:List-Post:asURLs": null, "header:Delivered-To:asText:all": [] } as unknown as Letter;

test("an answer as the server is to keep it", () => {
    const draft = { ...answer(letter, "Will you come?", "sender", [anna], english), text: "Yes!\n" };
    const email = emailOf(draft, "F2", anna);
    assert.deepEqual(email, { mailboxIds: { F2: true }, keywords: { $draft: true, $seen: true }, from: [{ name: "Anna", email: "anna@a.test" }],
        to: [{ name: "Bob", email: "bob@b.test" }], replyTo: [{ name: null, email: "office@a.test" }], subject: "Re: 花見", inReplyTo: ["1@b.test"],
        references: ["1@b.test"], bodyValues: { text: { value: "Yes!\n\nBob wrote:\n> Will you come?\n" } }, textBody: [{ partId: "text", type: "text/plain" }] });
    assert.deepEqual(draft.about, { id: "M1", keyword: "$answered" });
});

test("what is sent on has its files", () => {
    const file = { blobId: "B1", type: "image/png", name: "plum.png", size: 10 };
    const draft = sendOn(letter, "Look", "From: Bob", [file], [anna]);
    assert.equal(draft.subject, "Fwd: 花見");
    assert.equal(wholeText(draft), "\n\nFrom: Bob\n\nLook");
    assert.deepEqual(emailOf(draft, "F2", anna)["attachments"], [{ blobId: "B1", type: "image/png", name: "plum.png", disposition: "attachment" }]);
});

test("whom it goes to, and when there is nothing to keep", () => {
    const draft = { ...emptyDraft(anna), to: "bob@b.test, x", cc: "Bob <bob@b.test>", bcc: "cy@c.test" };
    assert.deepEqual(recipients(draft), ["bob@b.test", "cy@c.test"]);
    assert.equal(isEmpty(emptyDraft(anna)), true);
    assert.equal(isEmpty(draft), false);
    assert.equal(reopened({ ...letter, from: [{ name: "A.", email: "anna@a.test" }] } as Letter, "x", [], [anna]).from.name, "A.");
});
