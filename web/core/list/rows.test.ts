import assert from "node:assert/strict";
import { test } from "node:test";
import { Rows } from "./rows.js";
import { Selection } from "./selection.js";

function page(position: number, ids: string, total = 1000, queryState = "q1") {
    return { position, ids: ids === "" ? [] : ids.split(" "), total, queryState };
}

function range(from: number, count: number): string {
    return Array.from({ length: count }, (_, index) => `M${from + index}`).join(" ");
}

test("only what is not known of a window is asked for", () => {
    const rows = new Rows();
    assert.deepEqual(rows.missing(0, 50), { position: 0, limit: 50 });
    rows.learn(page(0, range(0, 50)));
    assert.equal(rows.missing(0, 50), undefined);
    assert.deepEqual(rows.missing(40, 30), { position: 50, limit: 20 });
    rows.learn(page(60, range(60, 10)));
    assert.deepEqual(rows.missing(40, 30), { position: 50, limit: 10 });
    assert.deepEqual(rows.missing(980, 50), { position: 980, limit: 20 });
    assert.equal(rows.at(61), "M61");
    assert.equal(rows.positionOf("M61"), 61);
    assert.equal(rows.at(55), undefined);
});

test("a list that has changed is a new one", () => {
    const rows = new Rows();
    rows.learn(page(0, "M1 M2 M3", 3));
    rows.learn(page(1, "M9 M1", 4, "q2"));
    assert.equal(rows.total, 4);
    assert.equal(rows.at(0), undefined);
    assert.equal(rows.positionOf("M1"), 2);
    assert.equal(rows.positionOf("M3"), undefined);
    rows.learn(page(0, "", 0, "q3"));
    assert.equal(rows.missing(0, 50), undefined);
});

test("rows that are taken away move up those below, also beyond a gap", () => {
    const rows = new Rows();
    rows.learn(page(0, "M0 M1 M2 M3"));
    rows.learn(page(100, "M100 M101"));
    assert.equal(rows.remove(new Set(["M1", "M2", "M77"])), 2);
    assert.deepEqual([0, 1, 2, 98, 99, 100].map((position) => rows.at(position)), ["M0", "M3", undefined, "M100", "M101", undefined]);
    assert.equal(rows.total, 998);
});

test("a row stands in one place only", () => {
    const rows = new Rows();
    rows.learn(page(0, "M0 M1"));
    rows.learn(page(1, "M0 M5"));
    assert.equal(rows.at(0), undefined);
    assert.equal(rows.positionOf("M0"), 1);
    assert.equal(rows.positionOf("M1"), undefined);
});

test("what is remembered is bounded, and is what is near", () => {
    const rows = new Rows(100);
    for (let position = 0; position < 1000; position += 50) rows.learn(page(position, range(position, 50)));
    assert.equal(rows.missing(950, 50), undefined);
    assert.deepEqual(rows.missing(0, 50), { position: 0, limit: 50 });
    assert.equal(Array.from({ length: 1000 }, (_, at) => rows.at(at)).filter((id) => id !== undefined).length, 100);
});

test("some are chosen, or all but some", () => {
    const chosen = new Selection();
    chosen.toggle("M1");
    chosen.set(["M2", "M3"], true);
    chosen.toggle("M1");
    assert.deepEqual([...chosen.ids!], ["M2", "M3"]);
    assert.equal(chosen.count(1_000_000), 2);
    chosen.all();
    chosen.toggle("M7");
    assert.equal(chosen.ids, undefined);
    assert.deepEqual([...chosen.except!], ["M7"]);
    assert.equal(chosen.count(1_000_000), 999_999);
    assert.ok(chosen.has("M2") && !chosen.has("M7"));
    chosen.drop(["M7"]);
    assert.equal(chosen.count(999_999), 999_999);
    chosen.none();
    assert.ok(!chosen.has("M2"));
    assert.equal(chosen.count(5), 0);
});
