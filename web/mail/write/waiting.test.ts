import assert from "node:assert/strict";
import { test } from "node:test";
import { MAIL, type Request, type Session } from "../../core/jmap/types.js";
import { Account } from "../model/account.js";
import { usualTimes, waitingLetters } from "./waiting.js";

test("usual times are later, in the morning, and each another", () => {
    const local = (date: Date) => `${date.getMonth() + 1}-${date.getDate()} ${date.getHours()}:${date.getMinutes()}`;
    assert.deepEqual(usualTimes(new Date(2026, 10, 27, 18, 2)).map(local), ["11-27 19:5", "11-28 8:0", "11-30 8:0"]); // a Friday
    assert.deepEqual(usualTimes(new Date(2026, 10, 29, 23, 59)).map(local), ["11-30 1:0", "11-30 8:0"]); // a Sunday
    assert.deepEqual(usualTimes(new Date(2026, 10, 30, 7, 0)).map(local), ["11-30 8:0", "12-1 8:0", "12-7 8:0"]); // a Monday
});

test("what waits, with its subject, the next one first", async () => {
    globalThis.fetch = (_, options) => {
        const { methodCalls } = JSON.parse(String(options?.body)) as Request;
        assert.deepEqual(methodCalls[0]![1]["filter"], { undoStatus: "pending" });
        const answers = [{ ids: ["S1", "S2"] }, { list: [{ id: "S1", emailId: "M1", sendAt: "2026-11-29T08:00:00Z", envelope: { rcptTo: [{ email: "a@b.test" }] } },
            { id: "S2", emailId: "M9", sendAt: "2026-11-28T08:00:00Z", envelope: null }] }, { list: [{ id: "M1", subject: "花見" }] }];
        return Promise.resolve(new Response(JSON.stringify({ methodResponses: methodCalls.map(([name, , id], at) => [name, answers[at], id]), sessionState: "s" })));
    };
    const account = new Account({ apiUrl: "https://a.test/", primaryAccounts: { [MAIL]: "A1" }, capabilities: {}, state: "s" } as unknown as Session);
    assert.deepEqual(await waitingLetters(account), [{ submission: "S2", email: "M9", sendAt: new Date("2026-11-28T08:00:00Z"), recipients: [], subject: "" },
        { submission: "S1", email: "M1", sendAt: new Date("2026-11-29T08:00:00Z"), recipients: ["a@b.test"], subject: "花見" }]);
});
