// A shelf for tests.
import { tooMany, type Bounds, type Room, type Shelf, type Weight } from "./shelf.js";

export class MemoryShelf implements Shelf {
    readonly rooms: { readonly [room in Room]: Map<string, object> } = { things: new Map(), emails: new Map(), outgoing: new Map() };
    readonly weighed = new Map<string, Weight>();

    async get(room: Room, names: readonly string[]): Promise<readonly (object | undefined)[]> {
        return names.map((name) => this.rooms[room].get(name));
    }

    async put(room: Room, entries: ReadonlyMap<string, object>): Promise<boolean> {
        for (const [name, value] of entries) this.rooms[room].set(name, structuredClone(value));
        return true;
    }

    async putEmails(entries: ReadonlyMap<string, { readonly value: object; readonly weight: Weight }>): Promise<void> {
        for (const [name, { value, weight }] of entries) {
            this.rooms.emails.set(name, structuredClone(value));
            this.weighed.set(name, weight);
        }
    }

    async weights(names: readonly string[]): Promise<readonly (Weight | undefined)[]> {
        return names.map((name) => this.weighed.get(name));
    }

    async remove(room: Room, names: readonly string[]): Promise<void> {
        for (const name of names) this.rooms[room].delete(name);
    }

    async all(room: Room): Promise<readonly (readonly [string, object])[]> {
        return [...this.rooms[room]].sort(([a], [b]) => (a < b ? -1 : 1));
    }

    async trim(bounds: Bounds): Promise<void> {
        await this.remove("emails", tooMany([...this.weighed].sort(([, a], [, b]) => b.used - a.used), bounds));
    }
}
