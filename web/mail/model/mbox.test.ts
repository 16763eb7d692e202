import assert from "node:assert/strict";
import { test } from "node:test";
import { isMbox, messagesOf, unquoted } from "./mbox.js";

const octets = (text: string) => new TextEncoder().encode(text);
const text = (from: Uint8Array) => new TextDecoder().decode(from);

async function letters(mbox: string, step: number): Promise<string[]> {
    const whole = octets(mbox);
    const file = { stream: () => new ReadableStream({ start(controller) {
        for (let at = 0; at < whole.length; at += step) controller.enqueue(whole.subarray(at, at + step));
        controller.close();
    } }) } as unknown as Blob;
    const found: string[] = [];
    for await (const { start, end } of messagesOf(file)) found.push(text(unquoted(whole.subarray(start, end))));
    return found;
}

test("an mbox, however it is cut into pieces", async () => {
    const mbox = "From a@b Thu\nSubject: 1\n\nFrom\nx From y\n>From me\n>>From you\n> From z\n\nFrom c@d Fri\r\nSubject: 花\r\n\r\nb\r\n\r\nFrom e@f\n";
    for (let step = 1; step <= mbox.length; step += 1)
        assert.deepEqual(await letters(mbox, step), ["Subject: 1\n\nFrom\nx From y\nFrom me\n>From you\n> From z\n", "Subject: 花\r\n\r\nb\r\n", ""]);
    assert.deepEqual(await letters("", 1), []);
    assert.deepEqual(await letters("Subject: no mbox\n\nFrom x", 3), [""]);
});

test("which of the two a file is", async () => {
    assert.equal(await isMbox(new Blob(["From a@b\n"])), true);
    for (const other of ["From: a@b\n", "Fro", ""]) assert.equal(await isMbox(new Blob([other])), false);
});
