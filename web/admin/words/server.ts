// What the server says in sentences, and what happened to a letter, in the reader's language. The tables are those of the command line
// (server_words.mjs); what makes sentences of them here is made as there (src/app/command_line: server_words, trace_words, verdict_words).
import type { JourneyEvent } from "../model/answers.js";

type Row = readonly string[];

export interface Tables {
    /** English with {} for what differs, Japanese; more special ones first. */
    readonly server: readonly Row[];
    /** Kind, a field that it needs, English, Japanese. */
    readonly events: readonly Row[];
    /** Method, a field with its value, English, Japanese. */
    readonly subjects: readonly Row[];
    /** Result, English, Japanese. */
    readonly outcomes: readonly Row[];
    /** Method, result, field, value, English, Japanese. */
    readonly additions: readonly Row[];
    /** Of each method: reason, result, needed field, English, Japanese. */
    readonly reasons: { readonly [method: string]: readonly Row[] };
}

type Fields = readonly (readonly [string, string])[];

/** Longest that a sentence of the server is looked up for. */
const SENTENCE_MOST = 2_000;

export class ServerWords {
    private readonly japanese: boolean;

    /** `language` is BCP 47. */
    constructor(private readonly tables: Tables, language: string) {
        this.japanese = language.startsWith("ja");
    }

    /** A sentence of the server; as it is if it is none that is known. */
    sentence(english: string): string {
        if (!this.japanese || english.length > SENTENCE_MOST) return english;
        for (const [pattern, words] of this.tables.server) {
            const values = match(pattern!, english);
            if (values === undefined) continue;
            let next = 0;
            return words!.replaceAll(/\{(\d*)\}/g, (_, place: string) => this.sentence(values[place === "" ? next++ : Number(place)] ?? ""));
        }
        return english;
    }

    /** An event of a journey, in one sentence. */
    event({ kind, fields }: JourneyEvent): string {
        const row = this.tables.events.find(([of, needs]) => of === kind && (needs === "" || value(fields, needs!) !== ""));
        return row === undefined ? otherWords(kind, fields) : fill(this.of(row), fields);
    }

    /** What was found out about who sent it, a sentence for each check; none of another event. */
    verdicts({ kind, fields }: JourneyEvent): readonly string[] {
        if (kind !== "checked") return [];
        const groups: { method: string; result: string; fields: [string, string][] }[] = [];
        for (const [name, text] of fields) {
            const dot = name.indexOf(".");
            const method = dot < 0 ? name : name.slice(0, dot);
            if (dot < 0) groups.push({ method, result: text, fields: [] });
            else {
                if (groups.at(-1)?.method !== method) groups.push({ method, result: "", fields: [] });
                groups.at(-1)!.fields.push([name.slice(dot + 1), text]);
            }
        }
        return groups.map((group) => this.verdict(group.method, group.result, group.fields));
    }

    private verdict(method: string, result: string, fields: Fields): string {
        const subject = this.tables.subjects.find(([of, needs]) => {
            const [name, wanted] = needs!.split("=");
            return of === method && (needs === "" || value(fields, name!) === wanted);
        });
        const outcome = this.tables.outcomes.find(([of]) => of === result);
        const why = value(fields, "reason");
        const reason = this.tables.reasons[method]?.find(([of, with_, needs]) => (of === "" || of === why) && (with_ === "" || with_ === result)
            && (needs === "" || value(fields, needs!) !== ""));
        if (subject === undefined || outcome === undefined || reason === undefined) return otherWords(`${method}=${result}`, fields);
        const gap = this.japanese ? "" : " ";
        const more = this.tables.additions.filter(([of, with_, name, wanted]) => of === method && (with_ === "" || with_ === result)
            && value(fields, name!) !== "" && (wanted === "" || wanted === value(fields, name!)));
        return this.of(subject) + gap + this.of(outcome) + (this.japanese ? "：" : ": ") + fill(this.of(reason), fields)
            + more.map((row) => gap + fill(this.of(row), fields)).join("");
    }

    private of(row: Row): string {
        return row.at(this.japanese ? -1 : -2)!;
    }
}

/** What stands in the places of a pattern; nothing if the sentence is another one. */
function match(pattern: string, sentence: string): string[] | undefined {
    const [first, ...others] = pattern.split("{}");
    if (!sentence.startsWith(first!)) return undefined;
    const values: string[] = [];
    let rest = sentence.slice(first!.length);
    for (const after of others) {
        const end = after === "" ? rest.length : rest.indexOf(after, 1);
        if (end <= 0) return undefined;
        values.push(rest.slice(0, end));
        rest = rest.slice(end + after.length);
    }
    return rest === "" ? values : undefined;
}

function value(fields: Fields, name: string): string {
    return fields.filter(([one, text]) => one === name && text !== "").map(([, text]) => text).join(", ");
}

/** {name}; {name|other}, the first of them that is there; {name|=some words}, the words if it is not there. */
function fill(pattern: string, fields: Fields): string {
    return pattern.replaceAll(/\{([^}]*)\}/g, (_, names: string) => {
        for (const name of names.split("|")) {
            if (name.startsWith("=")) return name.slice(1);
            const text = value(fields, name);
            if (text !== "") return text;
        }
        return "–";
    });
}

function otherWords(title: string, fields: Fields): string {
    return `${title}:${fields.map(([name, text]) => ` ${name}=${text}`).join("")}`;
}
