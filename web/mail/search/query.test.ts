import assert from "node:assert/strict";
import { test } from "node:test";
import { parse, type Filter } from "./query.js";

process.env["TZ"] = "Asia/Tokyo";
const around = {
    today: new Date(2026, 10, 27),
    mailbox: (name: string) => new Map([["inbox", "F1"], ["会議", "F7"], ["sent mail", "F3"]]).get(name.toLowerCase()),
    label: (name: string) => (name === "Work" ? "$label2" : name.length > 9 ? undefined : name.toLowerCase()),
};

function filter(typed: string): Filter | undefined {
    return parse(typed, around).filter;
}

function all(...conditions: Filter[]): Filter {
    return { operator: "AND", conditions };
}

test("words, phrases, and what must not be there", () => {
    assert.equal(filter(""), undefined);
    assert.equal(filter(" \u3000 "), undefined);
    assert.deepEqual(filter("会議"), { text: "会議" });
    assert.deepEqual(filter("budget\u3000report"), all({ text: "budget" }, { text: "report" }));
    assert.deepEqual(filter('"annual report" -draft'), all({ text: '"annual report"' }, { operator: "NOT", conditions: [{ text: "draft" }] }));
    assert.deepEqual(filter('-"not this'), { operator: "NOT", conditions: [{ text: '"not this"' }] });
    assert.deepEqual(filter("e-mail"), { text: "e-mail" });
});

test("either of two", () => {
    assert.deepEqual(filter("a OR b c"), all({ operator: "OR", conditions: [{ text: "a" }, { text: "b" }] }, { text: "c" }));
    assert.deepEqual(filter("a OR b OR c"), { operator: "OR", conditions: [{ text: "a" }, { text: "b" }, { text: "c" }] });
    assert.deepEqual(filter("OR a OR"), { text: "a" });
});

test("operators", () => {
    const cases: [string, Filter][] = [
        ["from:anna", { from: "anna" }],
        ["From：安奈", { from: "安奈" }],
        ['subject:"next week"', { subject: '"next week"' }],
        ["has:attachment", { hasAttachment: true }],
        ["is:unread", { notKeyword: "$seen" }],
        ["-is:read", { operator: "NOT", conditions: [{ hasKeyword: "$seen" }] }],
        ["is:starred", { hasKeyword: "$flagged" }],
        ["label:Work", { hasKeyword: "$label2" }], ["label:花見と桜祭りの写真集", { text: "label:花見と桜祭りの写真集" }],
        ["larger:5M", { minSize: 5 << 20 }],
        ["smaller:100kb", { maxSize: 100 << 10 }],
        ['in:"sent mail"', { inMailbox: "F3" }],
        ["before:2026-11-01", { before: "2026-10-31T15:00:00Z" }],
        ["after:2026年2月", { after: "2026-01-31T15:00:00Z" }],
        ["after:yesterday", { after: "2026-11-25T15:00:00Z" }],
        ["older_than:1y", { before: "2025-11-26T15:00:00Z" }],
        ["newer_than:2w", { after: "2026-11-12T15:00:00Z" }],
        ["newer_than:9m", { after: "2026-02-26T15:00:00Z" }],
    ];
    for (const [typed, expected] of cases) assert.deepEqual(filter(typed), expected, typed);
});

test("what is not understood is looked for as it stands", () => {
    for (const typed of ["http://example.test/x", "in:nowhere", "before:2026-02-30", "older_than:soon", "larger:big", "is:blue", "from:"])
        assert.deepEqual(filter(typed), { text: typed }, typed);
    assert.deepEqual(filter("-in:nowhere"), { operator: "NOT", conditions: [{ text: "in:nowhere" }] });
});

test("a mailbox that is named takes the place of the one that is open", () => {
    assert.ok(parse("in:会議 x", around).inMailbox);
    assert.ok(!parse("x -in:inbox", around).inMailbox);
});

test("the end of a month, a month before", () => {
    const march = { ...around, today: new Date(2026, 2, 31) };
    assert.deepEqual(parse("newer_than:1m", march).filter, { after: "2026-02-27T15:00:00Z" });
});

test("a search of a million octets is bounded", () => {
    const found = parse("x ".repeat(500_000), around).filter as { conditions: Filter[] };
    assert.equal(found.conditions.length, 60);
});
