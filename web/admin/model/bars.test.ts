import assert from "node:assert/strict";
import { test } from "node:test";
import { draw } from "./bars.js";

test("parts stand upon each other, and the highest line is above all", () => {
    const { columns, lines } = draw([[30, 0, 7], [0, 0, 0]], 200, 100);
    assert.deepEqual(lines.map(({ value }) => value), [0, 10, 20, 30, 40]);
    assert.deepEqual(lines.map(({ y }) => y), [100, 75, 50, 25, 0]);
    const [low, none, high] = columns[0]!;
    assert.equal(none, undefined);
    assert.equal(low!.y + low!.height, 100);
    assert.equal(high!.y + high!.height, low!.y);
    assert.ok(high!.y >= 0 && low!.x >= 0 && low!.x + low!.width <= 100);
    assert.deepEqual(columns[1], [undefined, undefined, undefined]);
});

test("lines are at round numbers, and there are few of them", () => {
    for (const most of [0, 1, 2, 3, 7, 9, 11, 99, 101, 250, 4_999, 1_234_567]) {
        const { lines } = draw([[most]], 10, 10);
        assert.ok(lines.length >= 2 && lines.length <= 6, `${most}: ${lines.length}`);
        assert.ok(lines.at(-1)!.value >= most);
        assert.ok(lines.every(({ value }) => Number.isInteger(value)));
    }
});
