// Mail that came and went, hour by hour and day by day, as the columns of a chart.
import type { Durations } from "./durations.js";

export interface Counts {
    /** Brought by other servers. */
    readonly received: number;
    readonly junk: number;
    /** Taken by other servers. */
    readonly relayed: number;
    /** Turned away at the door. */
    readonly rejected: number;
}

export interface Traffic {
    readonly hours: readonly (Counts & { readonly hour: string })[];
    /** As 2026-11-27, in UTC. */
    readonly days: readonly (Counts & { readonly day: string })[];
    /** Not of one domain alone: statuses (RFC 3463) of what was turned away in the last days, and the domains with the most mail. */
    readonly reasons?: readonly { readonly status: string; readonly count: number }[];
    readonly domains?: readonly (Counts & { readonly domain: string })[];
    /** What waits to be sent, of the oldest letters `looked_at`. */
    readonly queue?: Waiting;
    readonly durations?: readonly Durations[];
    readonly machine?: { readonly started: string };
}

export interface Waiting {
    readonly looked_at: number;
    readonly more: boolean;
    readonly ages: { readonly [age: string]: number };
    readonly destinations: readonly { readonly destination: string; readonly count: number }[];
}

export interface Column {
    readonly name: string;
    readonly short: string;
    /** Come in and kept, gone out, put into Junk, turned away. */
    readonly values: readonly [number, number, number, number];
}

/** The newest last. `zone` is that of the hours. */
export function columnsOf(traffic: Traffic, span: "hours" | "days", language: string, zone?: string): Column[] {
    const timeZone = span === "days" ? { timeZone: "UTC" } : zone === undefined ? {} : { timeZone: zone };
    const long = new Intl.DateTimeFormat(language, span === "days" ? { dateStyle: "long", ...timeZone } : { dateStyle: "medium", timeStyle: "short", ...timeZone });
    const short = new Intl.DateTimeFormat(language, span === "days" ? { month: "short", day: "numeric", ...timeZone } : { hour: "2-digit", minute: "2-digit", ...timeZone });
    const column = (time: string, { received, junk, relayed, rejected }: Counts): Column => {
        const date = new Date(time);
        return { name: long.format(date), short: short.format(date), values: [Math.max(0, received - junk), relayed, junk, rejected] };
    };
    return span === "days" ? traffic.days.map((counts) => column(counts.day, counts)) : traffic.hours.map((counts) => column(counts.hour, counts));
}
