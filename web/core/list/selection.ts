// What of a list is chosen: some rows by their ids, or all that were found but some, although most have never been seen here.
import type { Id } from "../jmap/types.js";

export class Selection {
    private named = new Set<Id>();
    private inverted = false;

    has(id: Id): boolean {
        return this.named.has(id) !== this.inverted;
    }

    /** How many of `total` rows are chosen. */
    count(total: number): number {
        return this.inverted ? Math.max(0, total - this.named.size) : this.named.size;
    }

    /** All that are chosen, by their ids; nothing where all but some are: then the server is asked by the query. */
    get ids(): ReadonlySet<Id> | undefined {
        return this.inverted ? undefined : this.named;
    }

    /** Those that are not chosen where all others are. */
    get except(): ReadonlySet<Id> | undefined {
        return this.inverted ? this.named : undefined;
    }

    toggle(id: Id): void {
        this.set([id], !this.has(id));
    }

    set(ids: Iterable<Id>, chosen: boolean): void {
        for (const id of ids)
            if (chosen === this.inverted) this.named.delete(id);
            else this.named.add(id);
    }

    all(): void {
        this.named = new Set();
        this.inverted = true;
    }

    none(): void {
        this.named = new Set();
        this.inverted = false;
    }

    /** Rows that are gone from the list are no longer chosen. */
    drop(ids: Iterable<Id>): void {
        for (const id of ids) this.named.delete(id);
    }
}
