import assert from "node:assert/strict";
import { test } from "node:test";
import { NoAnswerError, SignedOutError } from "../../core/jmap/client.js";
import { AccountError, isToken, ownAccount } from "./own_account.js";

let asked: string[] = [];
const answers = (status: number, body: string) => {
    globalThis.fetch = (address, options) => {
        asked.push(`${options?.method} ${String(address)} ${String(options?.body ?? "")}`);
        return Promise.resolve(new Response(status === 204 ? null : body, { status }));
    };
};

test("what is asked of the server, and what it answers", async () => {
    asked = [];
    answers(200, '{"appPasswords":[{"id":"A1","name":"phone","made":"2026-11-27","used":null}]}');
    assert.equal((await ownAccount.appPasswords())[0]?.name, "phone");
    answers(204, "");
    await ownAccount.makeAppPassword("Script", "a", "api");
    assert.equal(asked.pop(), 'POST /account/app-passwords {"name":"Script","password":"a","protocols":["api"]}');
    assert.ok(isToken({ protocols: ["jmap", "api"] }) && !isToken({ protocols: ["imap", "jmap"] }));
    await ownAccount.changePassword("a", "b", "");
    await ownAccount.endFactor("a", "123456");
    await ownAccount.endSession("S/1");
    assert.deepEqual(asked, ["GET /account/app-passwords ", 'POST /account/password {"old":"a","new":"b"}', 'DELETE /account/second-factor {"password":"a","code":"123456"}', "DELETE /account/sessions/S%2F1 "]);
});

test("a passkey is shown where a code was left out", async () => {
    asked = [];
    const told = ['{"error":"code-needed","kinds":["passkey"],"passkey":{"challenge":"Y2g","rpId":"mail.test"}}', '{"recoveryCodes":["a"]}'];
    globalThis.fetch = (address, options) => {
        asked.push(`${options?.method} ${String(address)} ${String(options?.body ?? "")}`);
        return Promise.resolve(new Response(told.shift(), { status: told.length === 1 ? 403 : 200 }));
    };
    const octets = (...all: number[]) => new Uint8Array(all).buffer;
    const shown: unknown[] = [];
    const get = (options: { publicKey: { challenge: Uint8Array } }) => {
        shown.push([...options.publicKey.challenge]);
        return Promise.resolve({ id: "aWQ", type: "public-key", response: { clientDataJSON: octets(1), authenticatorData: octets(2), signature: octets(251, 255), userHandle: null } });
    };
    Object.defineProperty(globalThis, "navigator", { value: { credentials: { get } }, configurable: true });
    Object.assign(globalThis, { PublicKeyCredential: class {} });
    assert.deepEqual(await ownAccount.newRecoveryCodes("secret", ""), ["a"]);
    assert.deepEqual(shown, [[99, 104]]);
    assert.equal(asked[1], 'POST /account/recovery-codes {"password":"secret","credential":{"id":"aWQ","type":"public-key","response":{"clientDataJSON":"AQ","authenticatorData":"Ag","signature":"-_8"}}}');
});

test("why it was refused", async () => {
    answers(403, '{"error":"wrong"}');
    await assert.rejects(ownAccount.beginTotp("x"), (error: AccountError) => error.word === "wrong");
    answers(503, "busy");
    await assert.rejects(ownAccount.look(), (error: AccountError) => error.word === "unavailable");
    answers(401, '{"error":"signed-out"}');
    await assert.rejects(ownAccount.look(), SignedOutError);
    globalThis.fetch = () => Promise.reject(new TypeError());
    await assert.rejects(ownAccount.look(), NoAnswerError);
});
