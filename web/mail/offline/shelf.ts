// Where the browser keeps things for the time without connection: values by name, in rooms. An account's alone; what is kept of letters is
// bounded, and those go first that nobody has read for longest.

export type Room = "things" | "emails" | "outgoing";

/** What is told of an entry of `emails` beside its value. */
export interface Weight {
    /** When it was read last, in milliseconds. */
    readonly used: number;
    readonly octets: number;
    /** Whether it has the letter's text. */
    readonly whole: boolean;
}

export interface Bounds {
    readonly entries: number;
    readonly whole: number;
    readonly octets: number;
}

export const BOUNDS: Bounds = { entries: 12_000, whole: 2_000, octets: 50_000_000 };

/** None of these throws: where nothing can be kept, nothing is known. But `put` of `outgoing` says whether it is safe. */
export interface Shelf {
    get(room: Room, names: readonly string[]): Promise<readonly (object | undefined)[]>;
    put(room: Room, entries: ReadonlyMap<string, object>): Promise<boolean>;
    putEmails(entries: ReadonlyMap<string, { readonly value: object; readonly weight: Weight }>): Promise<void>;
    /** The weights of these, where they are there. */
    weights(names: readonly string[]): Promise<readonly (Weight | undefined)[]>;
    remove(room: Room, names: readonly string[]): Promise<void>;
    /** All of a room, by name. */
    all(room: Room): Promise<readonly (readonly [string, object])[]>;
    /** Makes room for more letters. */
    trim(bounds: Bounds): Promise<void>;
}

/** Those that have to go, of entries the one read last first. */
export function tooMany(entries: Iterable<readonly [name: string, weight: Weight]>, bounds: Bounds): string[] {
    const gone: string[] = [];
    let count = 0;
    let whole = 0;
    let octets = 0;
    for (const [name, weight] of entries) {
        if (count + 1 > bounds.entries || (weight.whole && whole + 1 > bounds.whole) || octets + weight.octets > bounds.octets) {
            gone.push(name);
            continue;
        }
        count += 1;
        whole += weight.whole ? 1 : 0;
        octets += weight.octets;
    }
    return gone;
}
