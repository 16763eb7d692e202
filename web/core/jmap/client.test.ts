import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, fill, MethodError, NoAnswerError, RequestError, SignedOutError, type Reply } from "./client.js";
import { CORE, MAIL, type Request, type Session } from "./types.js";

const SESSION: Session = {
    apiUrl: "https://mail.example.test/jmap/api",
    downloadUrl: "https://mail.example.test/jmap/download/{accountId}/{blobId}/{name}?type={type}",
    uploadUrl: "", eventSourceUrl: "", state: "s1", username: "anna@example.test",
    primaryAccounts: { [MAIL]: "A1" }, accounts: {}, capabilities: {},
};

/** A client whose server gives these replies, one for each request, and what it was asked. */
function client(...replies: (Reply | Error)[]) {
    const asked: Request[] = [];
    let changes = 0;
    const made = new Client(SESSION, (_, body) => {
        asked.push(JSON.parse(body) as Request);
        const reply = replies.shift();
        return reply instanceof Error || reply === undefined ? Promise.reject(reply ?? new Error("no reply left")) : Promise.resolve(reply);
    }, () => { changes += 1; });
    return { made, asked, changes: () => changes };
}

function answer(methodResponses: unknown[], sessionState = "s1"): Reply {
    return { status: 200, body: JSON.stringify({ methodResponses, sessionState }) };
}

test("calls of a batch go in one request, and refer to each other", async () => {
    const { made, asked } = client(answer([["Email/query", { ids: ["M1"] }, "c0"], ["Email/get", { list: [{ id: "M1" }] }, "c1"]]));
    const batch = made.batch(CORE, MAIL);
    const query = batch.call("Email/query", { accountId: "A1" });
    const get = batch.call("Email/get", { accountId: "A1", "#ids": query.at("/ids") });
    const answers = await batch.send();
    assert.deepEqual(asked, [{ using: [CORE, MAIL], methodCalls: [
        ["Email/query", { accountId: "A1" }, "c0"],
        ["Email/get", { accountId: "A1", "#ids": { resultOf: "c0", name: "Email/query", path: "/ids" } }, "c1"]] }]);
    assert.deepEqual(answers.of(query)["ids"], ["M1"]);
    assert.deepEqual(answers.of(get)["list"], [{ id: "M1" }]);
});

test("one call that is refused leaves the others their answers", async () => {
    const { made } = client(answer([["error", { type: "anchorNotFound" }, "c0"], ["Mailbox/get", { list: [] }, "c1"]]));
    const batch = made.batch(CORE, MAIL);
    const query = batch.call("Email/query", {});
    const mailboxes = batch.call("Mailbox/get", {});
    const unanswered = batch.call("Thread/get", {});
    const answers = await batch.send();
    assert.throws(() => answers.of(query), (error: MethodError) => error.type === "anchorNotFound" && error.method === "Email/query");
    assert.deepEqual(answers.of(mailboxes), { list: [] });
    assert.throws(() => answers.of(unanswered), (error: MethodError) => error.type === "serverFail");
});

test("a further answer to a call has its own method's name", async () => {
    const { made } = client(answer([["EmailSubmission/set", { created: {} }, "c0"], ["Email/set", { updated: { M1: null } }, "c0"]]));
    const batch = made.batch(CORE);
    const send = batch.call("EmailSubmission/set", {});
    const answers = await batch.send();
    assert.deepEqual(answers.of(send), { created: {} });
    assert.deepEqual(answers.further(send, "Email/set"), { updated: { M1: null } });
    assert.equal(answers.further(send, "Email/get"), undefined);
});

test("what stands for a whole request is named", async () => {
    const limit = { type: "urn:ietf:params:jmap:error:limit", limit: "maxCallsInRequest", status: 400 };
    const refused = { status: 400, body: JSON.stringify(limit) };
    await assert.rejects(client(refused).made.batch(CORE).send(),
        (error: RequestError) => error.type === "limit" && error.details["limit"] === "maxCallsInRequest");
    await assert.rejects(client({ status: 404, body: "<html>" }).made.batch(CORE).send(), (error: RequestError) => error.status === 404 && error.type === "unknown");
    for (const status of [429, 500, 502, 503]) await assert.rejects(client({ status, body: "<html>" }).made.batch(CORE).send(), NoAnswerError);
    await assert.rejects(client({ status: 200, body: "[]" }).made.batch(CORE).send(), (error: RequestError) => error.type === "notJSON");
    await assert.rejects(client({ status: 401, body: "" }).made.batch(CORE).send(), SignedOutError);
    await assert.rejects(client(new TypeError("fetch failed")).made.batch(CORE).send(), NoAnswerError);
});

test("a new state of the session is told once", async () => {
    const { made, changes } = client(answer([]), answer([], "s2"), answer([], "s2"), answer([], "s3"));
    const told = [];
    for (let request = 0; request < 4; request += 1) {
        await made.batch(CORE).send();
        told.push(changes());
    }
    assert.deepEqual(told, [0, 1, 1, 2]);
});

test("URL templates are filled, and what goes in stays one part of the address", () => {
    assert.equal(fill(SESSION.downloadUrl, { accountId: "A1", blobId: "B3-1", name: "予定/a?.pdf", type: "application/pdf" }),
        "https://mail.example.test/jmap/download/A1/B3-1/%E4%BA%88%E5%AE%9A%2Fa%3F.pdf?type=application%2Fpdf");
    assert.equal(fill("/{known}/{unknown}", { known: "x" }), "/x/{unknown}");
});

test("no more requests are under way than the server allows this account's pages, and one that was too many is asked again", async () => {
    let underWay = 0;
    let most = 0;
    let refusals = 1;
    const capabilities = { [CORE]: { maxConcurrentRequests: 8 } };
    const made = new Client({ ...SESSION, capabilities }, async () => {
        most = Math.max(most, ++underWay);
        await new Promise(setImmediate);
        --underWay;
        return refusals-- > 0 ? { status: 400, body: JSON.stringify({ type: "urn:ietf:params:jmap:error:limit", limit: "maxConcurrentRequests" }) } : answer([]);
    }, () => undefined);
    await Promise.all(Array.from({ length: 20 }, () => made.batch(CORE).send()));
    assert.equal(most, 4);
    assert.equal(underWay, 0);
});
