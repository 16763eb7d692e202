// The shelf in IndexedDB: one database for whoever is signed in, which is deleted when they sign out, or another account signs in.
import { tooMany, type Bounds, type Room, type Shelf, type Weight } from "./shelf.js";

const NAME = "tegami-mail";
const OWNER = "owner";

interface Entry {
    readonly value: object;
    readonly used?: number;
    readonly octets?: number;
    readonly whole?: number;
}

export class Database implements Shelf {
    private constructor(private readonly database: IDBDatabase) {}

    /** That of an account; that of another is deleted, so that no page of it that is still open writes into this one. Nothing where the browser keeps nothing. */
    static async open(account: string): Promise<Database | undefined> {
        let made = await Database.connect();
        const [owner] = (await made?.get("things", [OWNER]) ?? []) as readonly ({ readonly account: string } | undefined)[];
        if (owner?.account === account) return made;
        if (owner !== undefined) {
            made?.close();
            await Database.wipe();
            made = await Database.connect();
        }
        return (await made?.put("things", new Map([[OWNER, { account }]]))) === true ? made : undefined;
    }

    /** Whatever is there, of whoever was signed in last. */
    static async found(): Promise<Database | undefined> {
        const made = await Database.connect();
        const [owner] = made === undefined ? [] : await made.get("things", [OWNER]);
        if (owner !== undefined) return made;
        made?.close();
        return undefined;
    }

    /** Deletes all that is kept; pages that have it open can read and write nothing any more. */
    static wipe(): Promise<void> {
        return new Promise((resolve) => {
            try {
                const request = indexedDB.deleteDatabase(NAME);
                request.onsuccess = request.onerror = () => resolve();
            } catch {
                resolve();
            }
        });
    }

    close(): void {
        this.database.close();
    }

    async get(room: Room, names: readonly string[]): Promise<readonly (object | undefined)[]> {
        return await this.reading(room, (store) => names.map((name) => store.get(name)), (entries: readonly (Entry | undefined)[]) => entries.map((entry) => entry?.value))
            ?? names.map(() => undefined);
    }

    async weights(names: readonly string[]): Promise<readonly (Weight | undefined)[]> {
        return await this.reading("emails", (store) => names.map((name) => store.get(name)),
            (entries: readonly (Entry | undefined)[]) => entries.map((entry) => entry && { used: entry.used ?? 0, octets: entry.octets ?? 0, whole: entry.whole === 1 }))
            ?? names.map(() => undefined);
    }

    put(room: Room, entries: ReadonlyMap<string, object>): Promise<boolean> {
        return this.writing(room, (store) => { for (const [name, value] of entries) store.put({ value }, name); });
    }

    async putEmails(entries: ReadonlyMap<string, { readonly value: object; readonly weight: Weight }>): Promise<void> {
        await this.writing("emails", (store) => {
            for (const [name, { value, weight }] of entries) store.put({ value, used: weight.used, octets: weight.octets, whole: weight.whole ? 1 : 0 }, name);
        });
    }

    async remove(room: Room, names: readonly string[]): Promise<void> {
        await this.writing(room, (store) => { for (const name of names) store.delete(name); });
    }

    async all(room: Room): Promise<readonly (readonly [string, object])[]> {
        return await this.reading(room, (store) => [store.getAllKeys(), store.getAll()] as IDBRequest[],
            ([names, entries]: readonly [readonly string[], readonly Entry[]]) => names.map((name, at) => [name, entries[at]!.value] as const)) ?? [];
    }

    async trim(bounds: Bounds): Promise<void> {
        // The weights stand in the index: no letter is read for it.
        const weighed: [string, Weight][] = [];
        await new Promise<void>((resolve) => {
            try {
                const request = this.database.transaction("emails").objectStore("emails").index("weight").openKeyCursor(null, "prev");
                request.onerror = () => resolve();
                request.onsuccess = () => {
                    const cursor = request.result;
                    if (cursor === null) return resolve();
                    const [used, octets, whole] = cursor.key as [number, number, number];
                    weighed.push([String(cursor.primaryKey), { used, octets, whole: whole === 1 }]);
                    cursor.continue();
                };
            } catch {
                resolve();
            }
        });
        const gone = tooMany(weighed, bounds);
        if (gone.length > 0) await this.remove("emails", gone);
    }

    private static connect(): Promise<Database | undefined> {
        return new Promise((resolve) => {
            try {
                const request = indexedDB.open(NAME, 1);
                request.onupgradeneeded = () => {
                    for (const room of ["things", "emails", "outgoing"]) {
                        const store = request.result.createObjectStore(room);
                        if (room === "emails") store.createIndex("weight", ["used", "octets", "whole"]);
                    }
                };
                request.onsuccess = () => {
                    const database = request.result;
                    database.onversionchange = () => database.close(); // somebody signs out
                    resolve(new Database(database));
                };
                request.onerror = request.onblocked = () => resolve(undefined);
            } catch {
                resolve(undefined);
            }
        });
    }

    private reading<Results, Made>(room: Room, ask: (store: IDBObjectStore) => IDBRequest[], read: (results: Results) => Made): Promise<Made | undefined> {
        return new Promise((resolve) => {
            try {
                const transaction = this.database.transaction(room);
                const requests = ask(transaction.objectStore(room));
                transaction.oncomplete = () => resolve(read(requests.map(({ result }) => result as unknown) as Results));
                transaction.onerror = transaction.onabort = () => resolve(undefined);
            } catch {
                resolve(undefined); // closed
            }
        });
    }

    /** Whether it is on the disk, as far as the browser says. */
    private writing(room: Room, write: (store: IDBObjectStore) => void): Promise<boolean> {
        return new Promise((resolve) => {
            try {
                const transaction = this.database.transaction(room, "readwrite", { durability: room === "outgoing" ? "strict" : "relaxed" });
                write(transaction.objectStore(room));
                transaction.oncomplete = () => resolve(true);
                transaction.onerror = transaction.onabort = () => resolve(false);
            } catch {
                resolve(false);
            }
        });
    }
}
