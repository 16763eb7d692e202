// What a first view loads, compressed: script and style that the page names, and what these load at once.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const MOST = 150 * 1024;
const dist = join(import.meta.dirname, "../dist");

for (const name of ["mail", "admin"]) {
    const folder = join(dist, name);

    test(`a first view is small: ${name}`, () => {
        const page = readFileSync(join(folder, "index.html"), "utf8");
        const wanted = [...page.matchAll(/\/\w+\/assets\/([\w.-]+\.(?:js|css))/g)].map((match) => match[1]!);
        assert.equal(wanted.length, 2, "a script and a style");
        for (const file of wanted) // grows while it is gone through
            if (file.endsWith(".js"))
                for (const match of readFileSync(join(folder, "assets", file), "utf8").matchAll(/(?:from|import)\s*"\.\/(part-\w+\.js)"/g))
                    if (!wanted.includes(match[1]!)) wanted.push(match[1]!);
        if (name === "mail") assert.ok(wanted.length > 2, "parts that are shared are counted");
        const octets = wanted.map((file) => gzipSync(readFileSync(join(folder, "assets", file)), { level: 9 }).length).reduce((sum, size) => sum + size);
        assert.ok(octets < MOST, `${octets} octets in ${wanted.join(", ")}`);
    });

    test(`the page has no script or style of its own: ${name}`, () => {
        for (const file of name === "mail" ? ["index.html", "frame.html"] : ["index.html"])
            assert.doesNotMatch(readFileSync(join(folder, file), "utf8"), /<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/i);
    });
}
