import assert from "node:assert/strict";
import { test } from "node:test";
import { Scroller } from "./scroller.js";

const ROW = 40;
const VIEW = 800;

function scroller(rows: number, limit?: number): Scroller {
    const made = limit === undefined ? new Scroller(ROW, VIEW) : new Scroller(ROW, VIEW, limit);
    made.resize(rows);
    return made;
}

test("a short list moves by the pixel", () => {
    const list = scroller(100);
    assert.equal(list.height, 4000);
    list.scrolled(130);
    assert.deepEqual(list.window(0), { first: 3, count: 21, offset: 120 });
    assert.deepEqual(list.window(5), { first: 0, count: 29, offset: 0 });
    list.scrolled(3200);
    assert.deepEqual(list.window(2), { first: 78, count: 22, offset: 3120 });
});

test("an empty list and one that does not fill the view", () => {
    assert.deepEqual(scroller(0).window(3), { first: 0, count: 0, offset: 0 });
    assert.deepEqual(scroller(4).window(3), { first: 0, count: 4, offset: 0 });
});

test("every row of a million can be reached, and the bar's ends are the list's", () => {
    const list = scroller(1_000_000);
    assert.equal(list.height, 8_000_000);
    list.scrolled(8_000_000 - VIEW);
    const end = list.window(0);
    assert.equal(end.first + end.count, 1_000_000);
    list.scrolled(0);
    assert.equal(list.window(0).first, 0);
    list.scrolled((8_000_000 - VIEW) / 2);
    assert.ok(Math.abs(list.window(0).first - 500_000) < 20);
});

test("a wheel moves a scaled list by the pixel, and settling moves no row", () => {
    const list = scroller(1_000_000);
    list.scrolled(4_000_000);
    const before = list.anchor;
    for (let step = 1; step <= 50; step += 1) list.scrolled(4_000_000 + step * 100);
    const moved = list.anchor.row * ROW + list.anchor.cut - (before.row * ROW + before.cut);
    assert.ok(Math.abs(moved - 5000) < 0.01, `${moved}`);
    const anchor = list.anchor;
    list.settle();
    assert.deepEqual(list.anchor, anchor);
    assert.ok(Math.abs(list.scrollTop - 4_000_000 - 1000) < 1); // 5,000 pixels of forty million
});

test("the first row in view stays where rows come and go above it", () => {
    const list = scroller(1000);
    list.scrolled(4010);
    assert.deepEqual(list.anchor, { row: 100, cut: 10 });
    list.resize(1003, { row: 103, cut: 10 });
    assert.equal(list.scrollTop, 4130);
    list.resize(50);
    assert.equal(list.scrollTop, 50 * ROW - VIEW); // no longer than the list is
});

test("a row is shown with as little movement as may be", () => {
    const list = scroller(1000);
    list.show(10);
    assert.equal(list.scrollTop, 0);
    list.show(30);
    assert.equal(list.scrollTop, 31 * ROW - VIEW);
    list.show(12);
    assert.equal(list.scrollTop, 31 * ROW - VIEW);
    list.show(5);
    assert.equal(list.scrollTop, 5 * ROW);
});
