// A client that others wrote (npm's jmap-jam) on the program as shipped: what it reads, writes, uploads and is told.
// TEGAMI_WEB and TEGAMI_ADDRESS as in support.mjs; NODE_EXTRA_CA_CERTS has the server's certificate.
import assert from "node:assert/strict";
import dns from "node:dns";
import { JamClient } from "jmap-jam";
import { BOB, PASSWORD, WEB } from "./support.mjs";

// The client knows bearer tokens alone, and the name of the server leads nowhere here.
const credentials = `Basic ${Buffer.from(`${BOB}:${PASSWORD}`).toString("base64")}`;
const plainFetch = globalThis.fetch;
globalThis.fetch = (url, options = {}) => plainFetch(url, { ...options, headers: { ...options.headers, Authorization: credentials } });
dns.lookup = (name, options, done) => done(null, options.all ? [{ address: process.env.TEGAMI_ADDRESS, family: 4 }] : process.env.TEGAMI_ADDRESS, 4);

const jam = new JamClient({ sessionUrl: new URL("/.well-known/jmap", WEB).href, bearerToken: "none" });
const accountId = await jam.getPrimaryAccount();
const session = await jam.session;
assert.equal(session.username, BOB);

const [mailboxes] = await jam.api.Mailbox.get({ accountId });
const role = Object.fromEntries(mailboxes.list.map((mailbox) => [mailbox.role, mailbox.id]));

const picture = new Blob([Uint8Array.from({ length: 70_000 }, (_, at) => at % 251)], { type: "image/png" });
const uploaded = await jam.uploadBlob(accountId, picture);
assert.deepEqual([uploaded.accountId, uploaded.type, uploaded.size], [accountId, "image/png", 70_000]);

const letter = (subject) => ({
    mailboxIds: { [role.drafts]: true }, keywords: { $draft: true }, subject, from: [{ email: BOB }],
    bodyValues: { t: { value: "見積を送ります。" } }, textBody: [{ partId: "t", type: "text/plain" }],
    attachments: [{ blobId: uploaded.blobId, type: "image/png", name: "写真.png", disposition: "attachment" }],
});
const [made] = await jam.api.Email.set({ accountId, create: { a: letter("first"), b: letter("second"), c: { subject: "nowhere" } } });
assert.deepEqual(Object.keys(made.created).sort(), ["a", "b"]);
assert.equal(made.notCreated.c.type, "invalidProperties");

const [found] = await jam.requestMany((use) => {
    const query = use.Email.query({ accountId, filter: { inMailbox: role.drafts, body: "見積" }, sort: [{ property: "subject" }] });
    return { query, emails: use.Email.get({ accountId, ids: query.$ref("/ids"), properties: ["subject", "attachments", "preview"] }) };
});
assert.deepEqual(found.emails.list.map((email) => email.subject), ["first", "second"]);
const [part] = found.emails.list[0].attachments;
assert.equal(part.name, "写真.png");
const file = await jam.downloadBlob({ accountId, blobId: part.blobId, mimeType: part.type, fileName: part.name });
assert.deepEqual(Buffer.from(await file.arrayBuffer()), Buffer.from(await picture.arrayBuffer()));

// Where it opens a stream without a way to sign in, the address is what counts.
globalThis.EventSource = class { constructor(url) { this.url = url; } };
const { url } = await jam.connectEventSource({ types: ["Email"], ping: 30, closeafter: "state" });
const events = (await fetch(url)).text();
const [marked] = await jam.api.Email.set({ accountId, update: { [made.created.a.id]: { "keywords/$seen": true } } });
const told = JSON.parse((await events).match(/^data: (.*)$/m)[1]);
assert.deepEqual(told.changed, { [accountId]: { Email: marked.newState } });

await assert.rejects(jam.api.Email.get({ accountId: "nobody" }), (error) => error.type === "accountNotFound");
