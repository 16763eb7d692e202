// How long something took: how often up to a second, up to two and a half, and so on.

export interface Durations {
    /** "delivery", "commit", "sync", "imap", "jmap" */
    readonly what: string;
    /** From the quickest to the slowest; the last has no end. */
    readonly buckets: readonly { readonly count: number; readonly milliseconds?: number }[];
}

export function timesOf({ buckets }: Durations): number {
    return buckets.reduce((sum, { count }) => sum + count, 0);
}

/** Within how many milliseconds such a share of them was done; nothing: longer than what is told apart. */
export function within(durations: Durations, share: number): number | undefined {
    let left = timesOf(durations) * share;
    for (const { count, milliseconds } of durations.buckets) {
        left -= count;
        if (left <= 0) return milliseconds;
    }
    return undefined;
}
