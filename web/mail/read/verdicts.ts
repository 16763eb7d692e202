// What our server found out about the sender of a letter (Authentication-Results, RFC 8601), and what that means to who reads it.

export interface Verdict {
    readonly method: string; // in lower case: spf, dkim, dmarc, arc …
    readonly result: string;
    /** "header.from" and the like, in lower case, to their values. */
    readonly properties: ReadonlyMap<string, string>;
}

export interface Verdicts {
    readonly server: string;
    readonly verdicts: readonly Verdict[];
}

/** Whose the letter is. `domain` is the one in From, `signers` those whose signatures are valid. */
export type Sender =
    | { readonly kind: "proven"; readonly domain: string }
    /** Nothing speaks against it, but another domain answers for it. */
    | { readonly kind: "vouched"; readonly domain: string; readonly signers: readonly string[] }
    | { readonly kind: "unproven"; readonly domain: string }
    /** The domain says how its letters can be known, and this one cannot. */
    | { readonly kind: "forged"; readonly domain: string };

const LONGEST = 20_000;
const MOST_VERDICTS = 50;

/** Reads a field's value; nothing if it is none. Comments are left out. */
export function parseVerdicts(field: string): Verdicts | undefined {
    const [first = "", ...rest] = statements(field.slice(0, LONGEST));
    const server = /^\s*([^\s;=]+)(?:\s+\d+)?\s*$/.exec(first)?.[1];
    if (server === undefined) return undefined;
    const verdicts = rest.slice(0, MOST_VERDICTS).map(verdict).filter((found) => found !== undefined);
    return { server: unquoted(server).toLowerCase(), verdicts };
}

/** The parts between semicolons, without comments, where neither counts inside of quotes (RFC 5322 §3.2.2). */
function statements(text: string): string[] {
    const found = [""];
    let depth = 0;
    let quoted = false;
    for (let at = 0; at < text.length; at += 1) {
        const character = text[at]!;
        const pair = character === "\\" && (quoted || depth > 0) ? text.slice(at, at + 2) : character;
        at += pair.length - 1;
        if (depth === 0 && character === '"') quoted = !quoted;
        if (!quoted && character === "(") depth += 1;
        else if (!quoted && depth > 0 && character === ")") depth -= 1;
        else if (!quoted && depth === 0 && character === ";") found.push("");
        else if (depth === 0) found[found.length - 1] += pair;
    }
    return found;
}

function verdict(statement: string): Verdict | undefined {
    const pairs = [...statement.matchAll(/([\w.-]+)(?:\s*\/\s*\d+)?\s*=\s*("(?:[^"\\]|\\.)*"|[^\s"]+)/g)]
        .map((match) => [match[1]!.toLowerCase(), unquoted(match[2]!)] as const);
    const [method, ...rest] = pairs;
    return method === undefined ? undefined : { method: method[0], result: method[1].toLowerCase(), properties: new Map(rest) };
}

function unquoted(text: string): string {
    return text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/g, "$1") : text;
}

/** What the fields of a letter, topmost first, say of its sender. Only those of our own server count, and of these only what stands
 *  above the first of another's: below it anybody may have written them. */
export function senderOf(fields: readonly string[], ourServer: string, fromDomain: string): Sender {
    const ours: Verdict[] = [];
    for (const field of fields) {
        const read = parseVerdicts(field);
        if (read?.server !== ourServer.toLowerCase()) break;
        ours.push(...read.verdicts);
    }
    const domain = fromDomain.toLowerCase();
    const dmarc = ours.find((one) => one.method === "dmarc" && sameDomain(one.properties.get("header.from"), domain));
    if (dmarc?.result === "pass") return { kind: "proven", domain };
    if (dmarc?.result === "fail") return { kind: "forged", domain };
    const signers = [...new Set(ours.filter((one) => one.method === "dkim" && one.result === "pass")
        .map((one) => (one.properties.get("header.d") ?? one.properties.get("header.i")?.replace(/^.*@/, ""))?.toLowerCase())
        .filter((signer) => signer !== undefined && signer !== ""))] as string[];
    if (signers.some((signer) => sameDomain(signer, domain))) return { kind: "proven", domain };
    return signers.length > 0 ? { kind: "vouched", domain, signers } : { kind: "unproven", domain };
}

function sameDomain(one: string | undefined, other: string): boolean {
    return one !== undefined && one.toLowerCase() === other;
}
