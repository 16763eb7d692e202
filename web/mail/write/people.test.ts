import assert from "node:assert/strict";
import { test } from "node:test";
import { completions, domainsOf, peopleOf } from "./people.js";

const anna = { name: "Anna Müller", email: "anna@a.test" };
const bob = { name: null, email: "bob.smith@b.test" };
const hana = { name: "山田花子", email: "hana@花.test" };

test("people written to often and lately come first, each once, with a name where one is known", () => {
    const people = peopleOf([{ to: [bob], cc: null, bcc: null }, { to: [{ name: null, email: "ANNA@a.test" }], cc: [hana], bcc: null }, { to: [anna], cc: null, bcc: null }]);
    assert.deepEqual(people, [anna, bob, hana]);
    assert.deepEqual([...domainsOf(people)], ["a.test", "b.test", "花.test"]);
});

test("by the beginning of a word, and within Japanese names", () => {
    const people = [anna, bob, hana];
    assert.deepEqual(completions(people, "mul", 5), [anna]);
    assert.deepEqual(completions(people, "Smi", 5), [bob]);
    assert.deepEqual(completions(people, "花", 5), [hana]);
    assert.deepEqual(completions(people, "nna", 5), []);
    assert.deepEqual(completions(people, " ", 5), []);
    assert.deepEqual(completions(people, "a", 1), [anna]);
});
