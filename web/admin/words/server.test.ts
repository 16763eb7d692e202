// With the tables of the command line as they are.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ServerWords, type Tables } from "./server.js";

const { serverWords, tables } = (await import(join(import.meta.dirname, "../../../../../web/server_words.mjs"))) as
    { serverWords(): Promise<Tables>; tables(source: string): { [name: string]: string[][] } };
const all = await serverWords();
const english = new ServerWords(all, "en");
const japanese = new ServerWords(all, "ja");
const event = (kind: string, ...fields: [string, string][]) => ({ journey: "j", time: "", kind, fields, message_id: "" });

test("the tables are complete: each row has its texts", () => {
    assert.ok(all.server.length > 300 && all.server.every((row) => row.length === 2 && row.every((text) => text !== "")));
    assert.ok(all.events.every((row) => row.length === 4) && all.subjects.every((row) => row.length === 4) && all.outcomes.every((row) => row.length === 3));
    assert.ok(all.additions.every((row) => row.length === 6));
    assert.deepEqual(Object.keys(all.reasons).sort(), ["arc", "bimi", "dkim", "dmarc", "iprev", "spf"]);
    assert.ok(Object.values(all.reasons).every((rows) => rows.length > 0 && rows.every((row) => row.length === 5)));
});

test("a table is read as the compiler reads it", () => {
    const source = 'constexpr Words kOne{"a", "b"};\nconstexpr Words kMany[] = {\n // "no"\n {"say \\"x\\", {}", "x\\n"\n "y"},\n {"", "z"},\n};\nconstexpr std::array kRows{Row{"k", "", "e"}};\n';
    assert.deepEqual(tables(source), { kMany: [['say "x", {}', "x\ny"], ["", "z"]], kRows: [["k", "", "e"]] });
});

test("sentences of the server, with what differs in them", () => {
    assert.equal(japanese.sentence("there is no account anna@a.test: it is an alias"), "アカウント anna@a.test はありません（別名です）");
    assert.equal(japanese.sentence("there is no web session 5 of anna@a.test"), "anna@a.test にウェブのセッション 5 はありません");
    assert.equal(japanese.sentence("something that nobody has translated"), "something that nobody has translated");
    assert.equal(english.sentence("there is no domain b.test"), "there is no domain b.test");
    assert.match(japanese.sentence("the certificate a.test ends in 3 days: put a new one in its place and run tegami reload"), /^[^a-z]*a\.test[^a-z]*3[^a-z]/);
});

test("what happened to a letter", () => {
    const relayed = event("relayed", ["to", "bob@b.test"], ["server", "mx.b.test"], ["reply", "250 2.0.0 ok"]);
    assert.equal(english.event(relayed), "The server mx.b.test took the message for bob@b.test: 250 2.0.0 ok");
    assert.equal(japanese.event(relayed), "サーバー mx.b.test が bob@b.test 宛てのメールを受け取りました：250 2.0.0 ok");
    assert.equal(english.event(event("refused", ["to", "x@b.test"], ["server", ""], ["reply", "no"])), "The message for x@b.test cannot be delivered and is given up: no");
    assert.equal(english.event(event("unheard-of", ["a", "1"])), "unheard-of: a=1");
    const checked = event("checked", ["spf", "pass"], ["spf.identity", "mailfrom"], ["dmarc", "pass"], ["dmarc.reason", "aligned"], ["dmarc.domain", "b.test"], ["dmarc.by", "dkim"]);
    assert.equal(english.verdicts(checked)[1], "DMARC passed: b.test, the domain of the author, stands behind the message. DKIM shows it.");
    assert.equal(japanese.verdicts(checked)[1], "DMARC 検査に合格しました：b.test（差出人のドメイン）から送られたことを確認しました。（DKIM による確認）");
    assert.deepEqual(english.verdicts(relayed), []);
});
