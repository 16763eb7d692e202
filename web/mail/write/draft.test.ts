import assert from "node:assert/strict";
import { test } from "node:test";
import { english } from "../../core/words/en.js";
import type { Letter } from "../model/types.js";
import { answer, emailOf, emptyDraft, isEmpty, recipients, reopened, sendOn, signed, signedAnew, takenApart, wholeHtml, wholeText } from "./draft.js";
import type { Identity } from "./reply.js";

const anna: Identity = { id: "I1", name: "Anna", email: "anna@a.test", replyTo: [{ name: null, email: "office@a.test" }], bcc: null };
const letter = { id: "M1", from: [{ name: "Bob", email: "bob@b.test" }], to: [{ name: null, email: "anna@a.test" }], cc: null, bcc: null, replyTo: null, sentAt: null,
    subject: "花見", messageId: ["1@b.test"], references: null, inReplyTo: null, "header:List-Post:asURLs": null, "header:Delivered-To:asText:all": [] } as unknown as Letter;

test("an answer as the server is to keep it", () => {
    const draft = { ...answer(letter, { text: "Will you come?", html: "Will <b>you</b> come?" }, "sender", [anna], english), text: "Yes!\n" };
    const email = emailOf(draft, "F2", anna);
    assert.deepEqual(email, { mailboxIds: { F2: true }, keywords: { $draft: true, $seen: true }, from: [{ name: "Anna", email: "anna@a.test" }],
        to: [{ name: "Bob", email: "bob@b.test" }], replyTo: [{ name: null, email: "office@a.test" }], subject: "Re: 花見", inReplyTo: ["1@b.test"],
        references: ["1@b.test"], bodyValues: { text: { value: "Yes!\n\nBob wrote:\n> Will you come?\n" } }, textBody: [{ partId: "text", type: "text/plain" }] });
    assert.deepEqual(draft.about, { id: "M1", keyword: "$answered" });
});

test("what is sent on has its files", () => {
    const file = { blobId: "B1", type: "image/png", name: "plum.png", size: 10 };
    const draft = sendOn(letter, { text: "Look", html: "<i>Look</i>" }, "From: Bob", [file], [anna]);
    assert.equal(draft.subject, "Fwd: 花見");
    assert.equal(wholeText(draft), "\n\nFrom: Bob\n\nLook\n");
    assert.deepEqual(emailOf(draft, "F2", anna)["attachments"], [{ blobId: "B1", type: "image/png", name: "plum.png", disposition: "attachment" }]);
});

test("whom it goes to, and when there is nothing to keep", () => {
    const draft = { ...emptyDraft(anna), to: "bob@b.test, x", cc: "Bob <bob@b.test>", bcc: "cy@c.test" };
    assert.deepEqual(recipients(draft), ["bob@b.test", "cy@c.test"]);
    assert.equal(isEmpty(emptyDraft(anna)), true);
    assert.equal(isEmpty(draft), false);
    assert.equal(reopened({ ...letter, from: [{ name: "A.", email: "anna@a.test" }] } as Letter, { own: { text: "x", html: "" }, quote: { text: "", html: "" } }, [], [anna]).from.name, "A.");
});

test("a letter with formats has both forms, its quote apart until it is opened, and its pictures within", () => {
    const draft = { ...answer(letter, { text: "Will you come?", html: "Will <b>you</b> come?" }, "sender", [anna], english), text: "Yes!", html: "<div><b>Yes!</b><img src=\"cid:p@x\"></div>",
        files: [{ blobId: "B1", type: "image/png", name: "plum.png", size: 10, cid: "p@x" }, { blobId: "B2", type: "text/plain", name: "a.txt", size: 1 }] };
    const email = emailOf(draft, "F2", anna);
    assert.deepEqual(email["htmlBody"], [{ partId: "html", type: "text/html" }]);
    assert.deepEqual(email["attachments"], [{ blobId: "B1", type: "image/png", name: "plum.png", cid: "p@x", disposition: "inline" }, { blobId: "B2", type: "text/plain", name: "a.txt", disposition: "attachment" }]);
    const { text, html } = email["bodyValues"] as unknown as { text: { value: string }; html: { value: string } };
    assert.equal(text.value, "Yes!\n\nBob wrote:\n> Will you come?\n");
    assert.equal(html.value, wholeHtml(draft));
    const { own, quote } = takenApart(html.value);
    assert.match(own, /<b>Yes!<\/b>/);
    assert.doesNotMatch(own, /wrote/);
    assert.match(quote, /^<div>Bob wrote:<\/div><blockquote type="cite">Will <b>you<\/b> come\?<\/blockquote>/);
    assert.deepEqual((emailOf({ ...draft, html: undefined }, "F2", anna)["attachments"] as { disposition: string }[])[0]!.disposition, "attachment");
});

test("a signature stands below, and follows the address while nobody has changed it", () => {
    const other: Identity = { ...anna, id: "I2", textSignature: "A. at work\n" };
    const own: Identity = { ...anna, textSignature: "Anna" };
    assert.equal(emptyDraft(own).text, "\n\n-- \nAnna");
    assert.equal(emptyDraft(anna).text, "");
    assert.equal(signedAnew(`Hello${signed(own)}`, own, other), "Hello\n\n-- \nA. at work");
    assert.equal(signedAnew("Hello\n\n-- \nAnna!", own, other), "Hello\n\n-- \nAnna!");
    assert.equal(signedAnew("Hello", anna, other), "Hello\n\n-- \nA. at work");
});
