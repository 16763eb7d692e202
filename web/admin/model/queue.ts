// The queue by where its letters go: what waits for one destination waits for the same reason.
import type { QueueEntry, QueueHold, QueueItem } from "./answers.js";

export interface Waiting {
    readonly entry: QueueEntry;
    readonly item: QueueItem;
}

export interface Destination {
    readonly name: string;
    readonly waiting: readonly Waiting[];
    readonly oldest: string;
    /** When the first of them is tried again; nothing: it is being sent, or held. */
    readonly next: string | undefined;
    /** What was said the last time. */
    readonly reply: string;
    readonly server: string;
    readonly sending: number;
    /** Of the destination, or of everything that waits for it. */
    readonly hold: QueueHold | undefined;
}

/** What keeps an item from being tried; nothing if somebody of it is. */
export function holdOf(item: QueueItem): QueueHold | undefined {
    return item.hold ?? (item.recipients.every(({ hold }) => hold !== undefined) ? item.recipients[0]?.hold : undefined);
}

/** Those with the most letters first. */
export function byDestination(entries: readonly QueueEntry[]): Destination[] {
    const found = new Map<string, Waiting[]>();
    for (const entry of entries)
        for (const item of entry.items) {
            const known = found.get(item.destination);
            if (known === undefined) found.set(item.destination, [{ entry, item }]);
            else known.push({ entry, item });
        }
    return [...found].map(([name, waiting]) => destination(name, waiting))
        .sort((one, other) => other.waiting.length - one.waiting.length || one.name.localeCompare(other.name));
}

function destination(name: string, waiting: readonly Waiting[]): Destination {
    const last = waiting.map(({ item }) => lastWord(item)).filter((word) => word.time !== "").sort((one, other) => other.time.localeCompare(one.time))[0];
    return {
        name, waiting,
        oldest: least(waiting.map(({ entry }) => entry.created))!,
        next: least(waiting.filter(({ entry, item }) => !item.being_sent && entry.held_until === undefined && holdOf(item) === undefined).map(({ item }) => item.next_due)),
        reply: last?.reply ?? "", server: last?.server ?? "",
        sending: waiting.filter(({ item }) => item.being_sent).length,
        hold: waiting.every(({ item }) => holdOf(item) !== undefined) ? holdOf(waiting[0]!.item) : undefined,
    };
}

/** What was said of the recipient that was tried last. */
export function lastWord(item: QueueItem): { readonly time: string; readonly reply: string; readonly server: string } {
    let said = { time: "", reply: "", server: "" };
    for (const { last_attempt, last_reply, last_server } of item.recipients)
        if (last_attempt !== null && last_attempt >= said.time) said = { time: last_attempt, reply: last_reply, server: last_server };
    return said;
}

function least(times: readonly string[]): string | undefined {
    return times.length === 0 ? undefined : times.reduce((one, other) => (other < one ? other : one));
}
