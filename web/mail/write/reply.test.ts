import assert from "node:assert/strict";
import { test } from "node:test";
import { reply, type Identity, type Letter } from "./reply.js";
import { answerTo, bare, forwarded } from "./subject.js";

function people(...emails: string[]) {
    return emails.map((email) => ({ name: null, email }));
}

function emails(addresses: readonly { email: string }[]): string {
    return addresses.map(({ email }) => email).join(" ");
}

const anna: Identity = { id: "I1", name: "Anna", email: "anna@a.test", replyTo: null, bcc: null };
const info: Identity = { id: "I2", name: "Info", email: "info@a.test", replyTo: null, bcc: people("archive@a.test") };
const anyone: Identity = { id: "I3", name: "Anna", email: "*@own.test", replyTo: null, bcc: null };

function letter(fields: Partial<Letter>): Letter {
    return { from: people("bob@b.test"), replyTo: [], to: people("anna@a.test"), cc: [], subject: "Hello", messageId: ["3@b.test"],
        references: [], inReplyTo: [], listPost: null, deliveredTo: [], ...fields };
}

test("an answer goes where the sender wants it", () => {
    assert.equal(emails(reply(letter({}), "sender", [anna]).to), "bob@b.test");
    assert.equal(emails(reply(letter({ replyTo: people("team@b.test", "cy@c.test") }), "sender", [anna]).to), "team@b.test cy@c.test");
});

test("an answer to all has each once, and not oneself", () => {
    const to = letter({ to: people("ANNA@a.test", "Bob@B.test", "cy@c.test"), cc: people("info@a.test", "cy@c.test", "dan@d.test") });
    const answer = reply(to, "all", [anna, info]);
    assert.equal(emails(answer.to), "bob@b.test cy@c.test");
    assert.equal(emails(answer.cc), "dan@d.test");
    assert.equal(emails(reply(to, "sender", [anna, info]).cc), "");
});

test("one's own letter is answered to those that it went to", () => {
    const own = letter({ from: people("anna@a.test"), to: people("bob@b.test"), cc: people("cy@c.test") });
    assert.equal(emails(reply(own, "sender", [anna]).to), "bob@b.test");
    assert.equal(emails(reply(own, "all", [anna]).cc), "cy@c.test");
    assert.equal(emails(reply(letter({ from: people("anna@a.test") }), "sender", [anna]).to), "anna@a.test"); // a note to oneself
});

test("a Reply-To that is one's own does not send the answer home", () => {
    const odd = letter({ replyTo: people("anna@a.test", "bob@b.test") });
    assert.equal(emails(reply(odd, "sender", [anna]).to), "bob@b.test");
});

test("the list gets an answer to the list", () => {
    const listed = letter({ to: people("list@l.test"), listPost: "list@l.test", cc: people("cy@c.test") });
    assert.equal(emails(reply(listed, "list", [anna]).to), "list@l.test");
    assert.equal(emails(reply(listed, "list", [anna]).cc), "");
    assert.equal(emails(reply(letter({}), "list", [anna]).to), "bob@b.test"); // it came through none
});

test("the answer comes from the address that the letter came to", () => {
    const from = (fields: Partial<Letter>, ...identities: [Identity, ...Identity[]]) => {
        const answer = reply(letter(fields), "sender", identities);
        return `${answer.identity.id} ${answer.from.email}`;
    };
    assert.equal(from({ to: people("info@a.test") }, anna, info), "I2 info@a.test");
    assert.equal(from({ to: people("list@l.test"), deliveredTo: ["info@a.test"] }, anna, info), "I2 info@a.test");
    assert.equal(from({ to: people("shop+orders@a.test"), cc: people("info+x@a.test") }, anna, info), "I2 info@a.test");
    assert.equal(from({ to: people("shop-2026@own.test") }, anna, anyone), "I3 shop-2026@own.test");
    assert.equal(from({ to: people("nobody@else.test") }, anyone, anna), "I1 anna@a.test");
    assert.equal(from({ from: people("info@a.test"), to: people("anna@a.test") }, anna, info), "I2 info@a.test");
});

test("an identity's blind copies are kept, but nobody gets two", () => {
    assert.equal(emails(reply(letter({ to: people("info@a.test") }), "sender", [anna, info]).bcc), "archive@a.test");
    assert.equal(emails(reply(letter({ to: people("info@a.test"), from: people("archive@a.test") }), "sender", [anna, info]).bcc), "");
});

test("the answer belongs to the conversation", () => {
    assert.deepEqual(reply(letter({ references: ["1@b", "2@b"] }), "sender", [anna]).references, ["1@b", "2@b", "3@b.test"]);
    assert.deepEqual(reply(letter({ inReplyTo: ["2@b"] }), "sender", [anna]).references, ["2@b", "3@b.test"]);
    assert.deepEqual(reply(letter({ inReplyTo: ["1@b", "2@b"] }), "sender", [anna]).references, ["3@b.test"]);
    const long = Array.from({ length: 100 }, (_, number) => `${number}@b`);
    const { references } = reply(letter({ references: long }), "sender", [anna]);
    assert.equal(references.length, 20);
    assert.deepEqual([references[0], references.at(-2), references.at(-1)], ["0@b", "99@b", "3@b.test"]);
});

test("one mark of an answer, in any language and width", () => {
    for (const subject of ["Hello", "Re: Hello", "RE: re: Hello", "Ｒｅ： Hello", "返信: Hello", "AW: SV: Hello", "Re[3]: Hello", "re : Hello"])
        assert.equal(answerTo(subject), "Re: Hello", subject);
    assert.equal(answerTo("Fwd: Hello"), "Re: Fwd: Hello");
    assert.equal(answerTo(""), "Re:");
    assert.equal(answerTo("Regarding: Hello"), "Re: Regarding: Hello");
    for (const subject of ["Fwd: Re: Hello", "転送：Hello", "WG: AW: Hello"]) assert.equal(forwarded(subject), "Fwd: Hello", subject);
    assert.equal(bare("Re: ㎏の件"), "㎏の件"); // what is not a mark stays as it was written
});
