// The ids of a list that the server sorts, by position, as far as they are known: what is far from the view is forgotten.
import type { Id, State } from "../jmap/types.js";

/** A part of a query's answer, RFC 8620 §5.5. */
export interface Page {
    readonly position: number;
    readonly ids: readonly Id[];
    readonly total: number;
    readonly queryState: State;
}

export class Rows {
    private ids = new Map<number, Id>();
    private places = new Map<Id, number>();
    private state: State | undefined;
    private length = 0;

    /** `kept`: how many ids are remembered at most. */
    constructor(private readonly kept = 4000) {}

    /** How many there are on the server. */
    get total(): number {
        return this.length;
    }

    at(position: number): Id | undefined {
        return this.ids.get(position);
    }

    positionOf(id: Id): number | undefined {
        return this.places.get(id);
    }

    /** What to ask the server for so that all of a window is known; nothing if it is. */
    missing(first: number, count: number): { readonly position: number; readonly limit: number } | undefined {
        let from = Math.max(0, first);
        let end = this.state === undefined ? first + count : Math.min(first + count, this.length);
        while (from < end && this.ids.has(from)) from += 1;
        while (end > from && this.ids.has(end - 1)) end -= 1;
        return from < end ? { position: from, limit: end - from } : undefined;
    }

    /** The server's answer. If the list has changed since what is known, all else is forgotten: positions may be others now. */
    learn(page: Page): void {
        if (page.queryState !== this.state) this.forget();
        this.state = page.queryState;
        this.length = page.total;
        page.ids.forEach((id, index) => this.put(page.position + index, id));
        this.trim(page.position + page.ids.length / 2);
    }

    /** Takes rows out at once, before the server has answered; those below move up. Returns how many were known here. */
    remove(gone: ReadonlySet<Id>): number {
        const known = [...this.ids].sort(([a], [b]) => a - b);
        this.ids.clear();
        this.places.clear();
        let removed = 0;
        for (const [position, id] of known)
            if (gone.has(id)) removed += 1;
            else this.put(position - removed, id);
        this.length -= removed;
        return removed;
    }

    /** Nothing is known any more. */
    forget(): void {
        this.ids.clear();
        this.places.clear();
        this.state = undefined;
    }

    private put(position: number, id: Id): void {
        const other = this.places.get(id);
        if (other !== undefined && other !== position) this.ids.delete(other);
        const before = this.ids.get(position);
        if (before !== undefined && before !== id) this.places.delete(before);
        this.ids.set(position, id);
        this.places.set(id, position);
    }

    private trim(middle: number): void {
        if (this.ids.size <= this.kept) return;
        const far = [...this.ids.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
        for (const position of far.slice(0, this.ids.size - this.kept)) {
            this.places.delete(this.ids.get(position)!);
            this.ids.delete(position);
        }
    }
}
