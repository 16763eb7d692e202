// What is known of letters that are shown: each is a signal, so that a change redraws its row alone.
import { signal, type Signal } from "@preact/signals";
import type { Id } from "../../core/jmap/types.js";
import { applied, type Patch } from "./change.js";
import { SEEN, STARRED, type Marks, type Row } from "./types.js";

export class Emails {
    private readonly rows = new Map<Id, Signal<Row | undefined>>();
    private readonly threads = new Map<Id, Signal<readonly Marks[] | undefined>>();

    row(id: Id): Signal<Row | undefined> {
        return found(this.rows, id);
    }

    /** The letters of a thread as far as they are known: nothing where nobody asked for them, or there are too many. */
    thread(id: Id): Signal<readonly Marks[] | undefined> {
        return found(this.threads, id);
    }

    learn(rows: readonly Row[]): void {
        for (const row of rows) {
            const known = this.row(row.id);
            if (!same(known.peek(), row)) known.value = row;
        }
    }

    learnThreads(marks: readonly Marks[]): void {
        const grouped = new Map<Id, Marks[]>();
        for (const one of marks) grouped.set(one.threadId, [...(grouped.get(one.threadId) ?? []), one]);
        for (const [id, letters] of grouped) {
            const known = this.thread(id);
            if (!same(known.peek(), letters)) known.value = letters;
        }
    }

    /** Shows a change before the server has answered. */
    patch(id: Id, patch: Patch): void {
        const known = this.row(id);
        const row = known.peek();
        if (row === undefined) return;
        known.value = applied(row, patch);
        const thread = this.thread(row.threadId);
        thread.value = thread.peek()?.map((one) => (one.id === id ? applied(one, patch) : one));
    }

    /** The letters that are known here. */
    known(): Row[] {
        return [...this.rows.values()].map((row) => row.peek()).filter((row) => row !== undefined);
    }

    /** Forgets all but some letters. */
    keepOnly(ids: ReadonlySet<Id>): void {
        const threads = new Set<Id>();
        for (const [id, row] of this.rows)
            if (ids.has(id)) threads.add(row.peek()?.threadId ?? "");
            else this.rows.delete(id);
        for (const id of this.threads.keys()) if (!threads.has(id)) this.threads.delete(id);
    }
}

/** Of a row with its thread, or of a letter alone. */
export function isUnread(row: Marks, thread: readonly Marks[] | undefined): boolean {
    return (thread ?? [row]).some((one) => one.keywords[SEEN] !== true);
}

export function isStarred(row: Marks, thread: readonly Marks[] | undefined): boolean {
    return (thread ?? [row]).some((one) => one.keywords[STARRED] === true);
}

function found<T>(map: Map<Id, Signal<T | undefined>>, id: Id): Signal<T | undefined> {
    let known = map.get(id);
    if (known === undefined) map.set(id, (known = signal<T | undefined>(undefined)));
    return known;
}

function same(a: unknown, b: unknown): boolean {
    return JSON.stringify(a) === JSON.stringify(b);
}
