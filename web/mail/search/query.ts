// A search as people type it, as what the server is asked (RFC 8621 §4.4.1): words, "whole phrases", -without, OR, and operators as
// `from:` and `older_than:`. What is not understood is looked for as it stands: a search never fails.

export interface Condition {
    inMailbox?: string;
    inMailboxOtherThan?: readonly string[];
    before?: string;
    after?: string;
    minSize?: number;
    maxSize?: number;
    hasKeyword?: string;
    notKeyword?: string;
    hasAttachment?: boolean;
    text?: string;
    from?: string;
    to?: string;
    cc?: string;
    bcc?: string;
    subject?: string;
    body?: string;
}

export type Filter = Condition | { readonly operator: "AND" | "OR" | "NOT"; readonly conditions: readonly Filter[] };

export interface Search {
    /** Nothing: everything is found. */
    readonly filter: Filter | undefined;
    /** Where `in:` says that mail of one mailbox is meant. */
    readonly inMailbox: boolean;
}

export interface Surroundings {
    /** Today in the reader's zone, at midnight. */
    readonly today: Date;
    /** The mailbox that a name means; nothing if there is none. */
    mailbox(name: string): string | undefined;
    /** The keyword of the label that a name means; nothing if it can be none. */
    label(name: string): string | undefined;
}

const MOST_TERMS = 60;
const TEXTS = ["from", "to", "cc", "bcc", "subject", "body"] as const;
const STATES: { readonly [word: string]: Condition } = {
    read: { hasKeyword: "$seen" }, unread: { notKeyword: "$seen" }, starred: { hasKeyword: "$flagged" }, flagged: { hasKeyword: "$flagged" },
    answered: { hasKeyword: "$answered" }, draft: { hasKeyword: "$draft" }, forwarded: { hasKeyword: "$forwarded" },
};
const UNITS: { readonly [letter: string]: number } = { "": 1, k: 1 << 10, m: 1 << 20, g: 2 ** 30 };

interface Term {
    readonly without: boolean;
    readonly operator: string; // without its colon; empty for a word
    readonly value: string;
    readonly whole: string; // as it was typed, for what is not understood
}

/** Takes a search apart. At most 60 terms count. */
export function parse(typed: string, around: Surroundings): Search {
    const alternatives: Filter[][] = [[]];
    let inMailbox = false;
    let joined = false;
    for (const term of terms(typed)) {
        if (term.whole === "OR") {
            joined = alternatives.at(-1)!.length > 0;
            continue;
        }
        const meant = condition(term, around);
        inMailbox ||= meant.inMailbox !== undefined && !term.without;
        const filter: Filter = term.without ? { operator: "NOT", conditions: [meant] } : meant;
        if (joined) alternatives.at(-1)!.push(filter);
        else alternatives.push([filter]);
        joined = false;
    }
    const all = alternatives.filter((either) => either.length > 0).map((either) => combine("OR", either));
    return { filter: all.length === 0 ? undefined : combine("AND", all), inMailbox };
}

function combine(operator: "AND" | "OR", filters: Filter[]): Filter {
    return filters.length === 1 ? filters[0]! : { operator, conditions: filters };
}

function terms(typed: string): Term[] {
    const found: Term[] = [];
    const pattern = /(-?)(?:([A-Za-z_]+)[:：])?(?:"([^"]*)"?|“([^”]*)”?|([^\s\u3000]*))/gu;
    for (const match of typed.matchAll(pattern)) {
        const [whole, minus, operator, quoted, curly, word] = match;
        const value = (quoted ?? curly ?? word ?? "").trim();
        if (whole.trim() === "" || (value === "" && operator === undefined)) continue;
        found.push({ without: minus === "-", operator: operator?.toLowerCase() ?? "", value, whole: whole.trim() });
        if (found.length === MOST_TERMS) break;
    }
    return found;
}

function condition(term: Term, around: Surroundings): Condition {
    return understood(term, around) ?? { text: phrase(term.without ? term.whole.slice(1) : term.whole) };
}

function understood({ operator, value }: Term, around: Surroundings): Condition | undefined {
    if (operator === "") return { text: phrase(value) };
    if (value === "") return undefined;
    const text = TEXTS.find((name) => name === operator);
    if (text !== undefined) return { [text]: phrase(value) };
    switch (operator) {
        case "in": {
            const mailbox = around.mailbox(value);
            return mailbox === undefined ? undefined : { inMailbox: mailbox };
        }
        case "has":
            return /^attachments?$/i.test(value) ? { hasAttachment: true } : value.toLowerCase() === "star" ? { hasKeyword: "$flagged" } : undefined;
        case "is":
            return STATES[value.toLowerCase()];
        case "keyword":
            return { hasKeyword: value.toLowerCase() };
        case "label": {
            const keyword = around.label(value);
            return keyword === undefined ? undefined : { hasKeyword: keyword };
        }
        case "before":
        case "after": {
            const day = date(value, around.today);
            return day === undefined ? undefined : { [operator]: utc(day) };
        }
        case "older_than":
        case "newer_than": {
            const day = ago(value, around.today);
            return day === undefined ? undefined : { [operator === "older_than" ? "before" : "after"]: utc(day) };
        }
        case "larger":
        case "smaller": {
            const octets = size(value);
            return octets === undefined ? undefined : { [operator === "larger" ? "minSize" : "maxSize"]: octets };
        }
        default:
            return undefined;
    }
}

/** The server takes words apart unless they are quoted. */
function phrase(value: string): string {
    return /[\s\u3000]/u.test(value) && !value.includes('"') ? `"${value}"` : value;
}

/** 2026-11-27, 2026/11/27, 2026-11 (its first day), 2026, today, yesterday, 今日, 昨日. */
function date(value: string, today: Date): Date | undefined {
    if (value === "today" || value === "今日") return today;
    if (value === "yesterday" || value === "昨日") return earlier(today, 0, 0, 1);
    const match = /^(\d{4})(?:[-/年](\d{1,2})(?:[-/月](\d{1,2})日?)?月?)?年?$/u.exec(value);
    if (match === null) return undefined;
    const [year, month, day] = [Number(match[1]), Number(match[2] ?? 1), Number(match[3] ?? 1)];
    const made = new Date(year, month - 1, day);
    return made.getMonth() === month - 1 && made.getDate() === day ? made : undefined;
}

function ago(value: string, today: Date): Date | undefined {
    const match = /^(\d{1,4})([dwmy])$/i.exec(value);
    if (match === null) return undefined;
    const count = Number(match[1]);
    switch (match[2]!.toLowerCase()) {
        case "d": return earlier(today, 0, 0, count);
        case "w": return earlier(today, 0, 0, 7 * count);
        case "m": return earlier(today, 0, count, 0);
        default: return earlier(today, count, 0, 0);
    }
}

/** A day of the month that is none there is its last: one month before March 31 is the end of February. */
function earlier(from: Date, years: number, months: number, days: number): Date {
    const month = new Date(from.getFullYear() - years, from.getMonth() - months, 1);
    const last = new Date(month.getFullYear(), month.getMonth() + 1, 0).getDate();
    month.setDate(Math.min(from.getDate(), last) - days);
    return month;
}

function size(value: string): number | undefined {
    const match = /^(\d{1,9})([kmg]?)i?b?$/i.exec(value);
    return match === null ? undefined : Number(match[1]) * UNITS[match[2]!.toLowerCase()]!;
}

function utc(day: Date): string {
    return day.toISOString().replace(/\.\d+Z$/, "Z");
}
