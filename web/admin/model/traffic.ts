// Mail that came and went, hour by hour and day by day, as the columns of a chart.

export interface Counts {
    /** When the hour or day began. */
    readonly time: string;
    readonly in: number;
    readonly out: number;
    readonly junk: number;
    readonly refused: number;
}

export interface Traffic {
    readonly hours: readonly Counts[];
    readonly days: readonly Counts[];
}

export interface Column {
    readonly name: string;
    readonly short: string;
    /** Come in and kept, gone out, put into Junk, refused. */
    readonly values: readonly [number, number, number, number];
}

const HOUR = 3_600_000;
const SPANS = { hours: { length: HOUR, count: 48 }, days: { length: 24 * HOUR, count: 90 } };

/** One for each hour of the last two days, or each day (UTC) of the last ninety, the newest last; those in which nothing happened are 0. */
export function columnsOf(traffic: Traffic, span: "hours" | "days", language: string, now: Date, zone?: string): Column[] {
    const { length, count } = SPANS[span];
    const known = new Map(traffic[span].map((counts) => [Math.floor(Date.parse(counts.time) / length), counts]));
    const last = Math.floor(now.getTime() / length);
    const timeZone = span === "days" ? { timeZone: "UTC" } : zone === undefined ? {} : { timeZone: zone };
    const long = new Intl.DateTimeFormat(language, span === "days" ? { dateStyle: "long", ...timeZone } : { dateStyle: "medium", timeStyle: "short", ...timeZone });
    const short = new Intl.DateTimeFormat(language, span === "days" ? { month: "short", day: "numeric", ...timeZone } : { hour: "2-digit", minute: "2-digit", ...timeZone });
    return Array.from({ length: count }, (_, at) => {
        const number = last - count + 1 + at;
        const counts = known.get(number);
        const date = new Date(number * length);
        return { name: long.format(date), short: short.format(date), values: [Math.max(0, (counts?.in ?? 0) - (counts?.junk ?? 0)), counts?.out ?? 0, counts?.junk ?? 0, counts?.refused ?? 0] };
    });
}
