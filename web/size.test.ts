// What a first view loads, compressed: script and style that the page names, and what these load at once.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const MOST = 150 * 1024;
const folder = join(import.meta.dirname, "../dist/mail");

test("a first view is small", () => {
    const page = readFileSync(join(folder, "index.html"), "utf8");
    const wanted = [...page.matchAll(/\/mail\/assets\/([\w.-]+\.(?:js|css))/g)].map((match) => match[1]!);
    assert.equal(wanted.length, 2, "a script and a style");
    for (const name of wanted) // grows while it is gone through
        if (name.endsWith(".js"))
            for (const match of readFileSync(join(folder, "assets", name), "utf8").matchAll(/(?:from|import)\s*"\.\/(part-\w+\.js)"/g))
                if (!wanted.includes(match[1]!)) wanted.push(match[1]!);
    assert.ok(wanted.length > 2, "parts that are shared are counted");
    const octets = wanted.map((name) => gzipSync(readFileSync(join(folder, "assets", name)), { level: 9 }).length).reduce((sum, size) => sum + size);
    assert.ok(octets < MOST, `${octets} octets in ${wanted.join(", ")}`);
});

test("the page has no script or style of its own", () => {
    for (const name of ["index.html", "frame.html"]) assert.doesNotMatch(readFileSync(join(folder, name), "utf8"), /<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/i);
});
