// The sentences of the command line that the pages say, too, taken from its tables as they stand in the source: what the server says in
// sentences of its own (server_words.h), what happened to a letter (trace_words.h), what was found out about its sender (verdict_words.h).
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../src/app/command_line");
const TOKEN = /\s+|\/\/[^\n]*|"((?:[^"\\]|\\.)*)"|([{},])|\w+/gy;

/** The tables of a source by their names: their rows, of which each is a list of texts. */
export function tables(source) {
    const found = {};
    for (const { 1: name, 0: head, index } of source.matchAll(/constexpr\s+(?:Words\s+(?=\w+\[)|std::array\s+)(\w+)(?:\[\] = )?\{/g))
        found[name] = rows(source, index + head.length, name);
    return found;
}

function rows(source, at, name) {
    const all = [];
    let row;
    let text;
    TOKEN.lastIndex = at;
    for (let token; (token = TOKEN.exec(source)) !== null;) {
        const [, literal, mark] = token;
        if (literal !== undefined) text = (text ?? "") + JSON.parse(`"${literal}"`);
        else if (mark === "{") row = [];
        else if (mark === "," && row !== undefined) { row.push(text ?? ""); text = undefined; }
        else if (mark === "}") {
            if (row === undefined) return all;
            if (text !== undefined) row.push(text);
            all.push(row);
            row = text = undefined;
        }
    }
    throw new Error(`the table ${name} has no end`);
}

export async function serverWords() {
    const names = (await readdir(FOLDER)).filter((name) => /^(?:server_words|trace_words|verdict_words|verdict_reasons)\w*\.cpp$/.test(name) && !name.endsWith("_test.cpp")).sort();
    const found = Object.assign({}, ...await Promise.all(names.map(async (name) => tables(await readFile(join(FOLDER, name), "utf8")))));
    const { kServerSentences, kDns, kHealth, kRepair, kSettings, kSentences, kSubjects, kOutcomes, kAdditions, ...rest } = found;
    const reasons = Object.fromEntries(Object.entries(rest).filter(([name]) => name.endsWith("Reasons")).map(([name, table]) => [name.slice(1, -"Reasons".length).toLowerCase(), table]));
    return { server: [...kServerSentences, ...kDns, ...kHealth, ...kRepair, ...kSettings], events: kSentences, subjects: kSubjects, outcomes: kOutcomes, additions: kAdditions, reasons };
}
