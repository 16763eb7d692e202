import assert from "node:assert/strict";
import { test } from "node:test";
import type { Letter, Part } from "../model/types.js";
import { attached, enclosed, flow, isPicture } from "./body.js";
import { printable } from "../../core/text/printable.js";

function part(fields: Partial<Part>): Part {
    return { partId: null, blobId: "B1", size: 1, name: null, type: "image/png", disposition: "inline", cid: null, ...fields };
}

test("pictures within the letter are not attachments, others are", () => {
    const letter = { htmlBody: [part({ partId: "1", type: "text/html" })], bodyValues: { 1: { value: '<img src="CID:logo@a">', isTruncated: false } },
        attachments: [part({ cid: "logo@a" }), part({ cid: "logo@a", disposition: "attachment" }), part({ cid: "other" }), part({ name: "a.pdf" })] } as unknown as Letter;
    assert.deepEqual(attached(letter), letter.attachments.slice(1));
});

test("a cid means a picture only", () => {
    const letter = { htmlBody: [], attachments: [part({ cid: "x", type: "text/html" }), part({ cid: "x", blobId: "B2" })] } as unknown as Letter;
    assert.equal(enclosed(letter, "x")?.blobId, "B2");
    assert.equal(enclosed(letter, "y"), undefined);
    assert.equal(isPicture({ type: "image/svg+xml" }), false);
});

test("how lines are joined", () => {
    assert.deepEqual(flow('text/plain; charset=utf-8; format="flowed"; DelSp=yes'), { flowed: true, delSp: true });
    assert.deepEqual(flow("text/plain; x-format=flowed"), { flowed: false, delSp: false });
});

test("what a stranger wrote is one line that does not turn what follows", () => {
    assert.equal(printable("invoice_\u202egpj.exe\r\nBcc:\u0000 x"), "invoice_gpj.exe Bcc: x");
});
