import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, PAGES, parseRoute } from "./route.js";

test("every page has an address that leads to it", () => {
    for (const page of PAGES) {
        const route = { page, query: { address: "anna+a&b@例え.jp", domain: "x" } };
        const url = new URL(addressOf(route), "https://mail.test");
        assert.deepEqual(parseRoute(url.pathname, url.search), route);
        assert.ok(!url.pathname.includes("."), "the server has files there");
    }
    assert.equal(addressOf({ page: "queue", query: { letter: "" } }), "/admin/queue");
});

test("an address that is none of ours is the overview", () => {
    for (const path of ["/admin/none", "/admin/%00", "/admin/queues/7"]) assert.deepEqual(parseRoute(path, "?a=b"), { page: "overview", query: {} });
});
