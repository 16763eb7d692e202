// The live log: lines as the server gives them, and what is kept of them.

export interface LogLine {
    readonly number: number;
    /** Since 1970. */
    readonly milliseconds: number;
    readonly level: string;
    readonly event: string;
    readonly fields: readonly (readonly [string, string])[];
}

/** So many lines are missing before the next. */
export interface LogGap {
    readonly left_out: number;
}

export type LogEntry = LogLine | LogGap;

/** Limit: what the page shows. */
export const LOG_MOST = 500;

export function isGap(entry: LogEntry): entry is LogGap {
    return "left_out" in entry;
}

/** What is shown after these lines have come, the newest first. */
export function withLines(shown: readonly LogEntry[], lines: readonly string[]): readonly LogEntry[] {
    return [...lines.map((line) => JSON.parse(line) as LogEntry).reverse(), ...shown].slice(0, LOG_MOST);
}

/** The number of the newest line; nothing before the first. */
export function newest(shown: readonly LogEntry[]): number | undefined {
    return shown.find((entry): entry is LogLine => !isGap(entry))?.number;
}
