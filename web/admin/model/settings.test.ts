import assert from "node:assert/strict";
import { test } from "node:test";
import { sections } from "./settings.js";

test("keys stand in their sections, in the order of the answer", () => {
    const setting = (key: string) => ({ key, value: null, default: "none", meaning: "" });
    const found = sections([setting("host_name"), setting("queue.expiry"), setting("listen.imaps.port"), setting("queue.first_retry")]);
    assert.deepEqual(found.map(({ name, settings }) => [name, settings.map(({ key }) => key)]),
        [["", ["host_name"]], ["queue", ["queue.expiry", "queue.first_retry"]], ["listen.imaps", ["listen.imaps.port"]]]);
});
