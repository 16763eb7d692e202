import assert from "node:assert/strict";
import { test } from "node:test";
import { beingTyped, parseAddresses, typedAddress, typedAddresses } from "./address_list.js";

test("addresses with and without names, whatever stands between them", () => {
    assert.deepEqual(parseAddresses('Anna <anna@a.test>, bob@b.test；"Cy, Dr. \\"x\\"" <cy@c.test>、花子 <hana@花.test>,, '), { wrong: [], addresses: [
        { name: "Anna", email: "anna@a.test" }, { name: null, email: "bob@b.test" }, { name: 'Cy, Dr. "x"', email: "cy@c.test" }, { name: "花子", email: "hana@花.test" }] });
    assert.deepEqual(parseAddresses("anna＠a.test").addresses, [{ name: null, email: "anna@a.test" }]);
});

test("what is no address is told", () => {
    assert.deepEqual(parseAddresses("anna, a@b@c, <>, x@y.test z").wrong, ["anna", "a@b@c", "<>", "x@y.test z"]);
    assert.deepEqual(parseAddresses("").addresses, []);
});

test("what is written is read again", () => {
    const people = [{ name: 'A "B", C', email: "a@a.test" }, { name: null, email: "b@b.test" }, { name: "back\\slash, x", email: "c@c.test" }];
    assert.deepEqual(parseAddresses(typedAddresses(people)).addresses, people);
    assert.equal(typedAddress({ name: "a@a.test", email: "a@a.test" }), "a@a.test");
});

test("the piece at the caret", () => {
    assert.deepEqual(beingTyped("anna@a.test, bo, cy", 15), { start: 12, text: "bo" });
    assert.deepEqual(beingTyped("an", 2), { start: 0, text: "an" });
});
