// What the server has answered lately, so that the same can be asked without it: mailboxes, lists as far as they were seen, letters that were
// read. It learns from each request and its answer, and answers requests that only read as the server would (RFC 8620, RFC 8621).
import type { Answer, Arguments, Id, Invocation, Json, Request, ResultReference } from "../../core/jmap/types.js";
import { applied, type Patch } from "../model/change.js";
import type { Marks } from "../model/types.js";
import { BOUNDS, type Shelf, type Weight } from "./shelf.js";

const WHOLE_LISTS = ["Mailbox/get", "Identity/get"];
const LIST = "list:";
const FILE = "file:"; // among the letters, whose bounds it shares
export const LARGEST_FILE = 10_000_000; // octets
const MOST_POSITIONS = 500; // of one list
const MOST_LISTS = 60;
const TRIM_AFTER = 100; // writes

interface KeptList {
    readonly state: string;
    readonly total: number;
    readonly ids: readonly (readonly [position: number, id: Id])[];
    readonly used: number;
}

type Email = { readonly [property: string]: Json | undefined };

export class KeptMail {
    private writes = 0;
    private line: Promise<unknown> = Promise.resolve();

    constructor(private readonly shelf: Shelf, private readonly now: () => number = Date.now) {}

    /** Keeps what is in an answer of the server. */
    learn(request: Request, answer: Answer): Promise<void> {
        return this.inTurn(async () => {
            for (const [name, args, call] of answer.methodResponses) {
                const asked = request.methodCalls.find(([method, , id]) => id === call && method === name)?.[1];
                if (asked !== undefined) await this.learnOne(name, asked, args);
            }
            this.writes += 1;
            if (this.writes % TRIM_AFTER === 1) await this.tidy();
        });
    }

    /** What the server would say as far as it is known; nothing where too little is, or something is to be done. */
    answer(request: Request): Promise<Answer | undefined> {
        return this.inTurn(async () => {
            const methodResponses: Invocation[] = [];
            for (const [name, args, call] of request.methodCalls) {
                const said = await this.answerOne(name, resolved(args, methodResponses));
                if (said === undefined) return undefined;
                methodResponses.push([said["type"] === undefined ? name : "error", said, call]);
            }
            return { methodResponses, sessionState: "" };
        });
    }

    /** The marks of letters as they are kept; nothing of those that are not. */
    async marks(ids: readonly Id[]): Promise<readonly (Marks | undefined)[]> {
        return (await this.shelf.get("emails", ids)).map((email) => (email !== undefined && "mailboxIds" in email && "keywords" in email ? (email as unknown as Marks) : undefined));
    }

    /** Changes what is kept as the server is asked to. */
    change(patches: ReadonlyMap<Id, Patch>): Promise<void> {
        return this.inTurn(async () => {
            const ids = [...patches.keys()];
            const [emails, weights] = await Promise.all([this.marks(ids), this.shelf.weights(ids)]);
            const changed = new Map<string, { value: object; weight: Weight }>();
            ids.forEach((id, at) => {
                const email = emails[at];
                if (email !== undefined && weights[at] !== undefined) changed.set(id, { value: applied(email, patches.get(id)!), weight: weights[at]! });
            });
            await this.shelf.putEmails(changed);
            if ([...patches.values()].some((patch) => Object.keys(patch).some((path) => path.startsWith("mailboxIds"))))
                await this.move(new Map([...changed].map(([id, { value }]) => [id, value as unknown as Marks])));
        });
    }

    /** Lists of mailboxes lose what has left them, and get what has come, by its date. */
    private async move(moved: ReadonlyMap<Id, Marks>): Promise<void> {
        for (const [name, list] of (await this.lists()) as [string, KeptList][]) {
            const mailbox = mailboxOf(name);
            if (mailbox === undefined) continue;
            const before = list.ids.map(([, id]) => id);
            const comes = [...moved].filter(([id, { mailboxIds }]) => mailbox in mailboxIds && !before.includes(id)).map(([id]) => id);
            const gone = before.filter((id) => moved.has(id) && !(mailbox in moved.get(id)!.mailboxIds));
            if (comes.length + gone.length === 0) continue;
            const places = list.ids.filter(([, id]) => !gone.includes(id)).map(([place, id]): [number, Id] => [place - list.ids.filter(([other, one]) => other < place && gone.includes(one)).length, id]);
            for (const id of comes) await this.insert(places, id);
            const kept: KeptList = { ...list, ids: places.sort(([a], [b]) => a - b).slice(0, MOST_POSITIONS), total: list.total + comes.length - gone.length };
            await this.shelf.put("things", new Map([[name, kept]]));
        }
    }

    /** The newest letter stands first; where older ones are not known, it is not told. */
    private async insert(places: [number, Id][], id: Id): Promise<void> {
        const dates = await this.shelf.get("emails", [id, ...places.map(([, one]) => one)]) as readonly ({ readonly receivedAt?: string } | undefined)[];
        const date = dates[0]?.receivedAt ?? "";
        const older = places.filter((_, at) => (dates[at + 1]?.receivedAt ?? "") < date).map(([place]) => place);
        if (older.length === 0 && places.length > 0) return;
        const place = Math.min(...older, places.length);
        for (const one of places) if (one[0] >= place) one[0] += 1;
        places.push([place, id]);
    }

    /** Keeps an attached file that was opened. It counts and goes as letters do. What a blob's id names never changes (RFC 8620 §6). */
    keepFile(blob: Id, file: Blob): Promise<void> {
        return this.inTurn(async () => {
            if (file.size > LARGEST_FILE) return;
            await this.shelf.putEmails(new Map([[FILE + blob, { value: { file }, weight: { used: this.now(), octets: file.size, whole: false } }]]));
            await this.tidy();
        });
    }

    async file(blob: Id): Promise<Blob | undefined> {
        const [kept] = await this.shelf.get("emails", [FILE + blob]) as readonly ({ readonly file: Blob } | undefined)[];
        if (kept !== undefined) void this.keepFile(blob, kept.file); // it was opened now
        return kept?.file;
    }

    private async lists(): Promise<readonly (readonly [string, object])[]> {
        return (await this.shelf.all("things")).filter(([name]) => name.startsWith(LIST));
    }

    private async learnOne(name: string, asked: Arguments, args: Arguments): Promise<void> {
        if (WHOLE_LISTS.includes(name) && asked["ids"] == null && asked["#ids"] === undefined) await this.shelf.put("things", new Map([[name, { list: args["list"] }]]));
        else if (name === "Email/query") await this.learnList(asked, args);
        else if (name === "Email/get") await this.learnEmails(args["list"] as unknown as (Email & { id: Id })[]);
        else if (name === "Thread/get") await this.learnEmails((args["list"] as unknown as { id: Id; emailIds: Id[] }[]).map((thread) => ({ ...thread, id: `thread:${thread.id}` })));
        else if (name === "Email/set") await this.shelf.remove("emails", (args["destroyed"] ?? []) as unknown as Id[]);
    }

    /** Positions that were known before stay where nothing newer is said: better a list that may be old than none. */
    private async learnList(asked: Arguments, { position, ids, total, queryState }: Arguments): Promise<void> {
        const name = nameOf(asked);
        const [before] = await this.shelf.get("things", [name]) as readonly (KeptList | undefined)[];
        const page = (ids as unknown as Id[]).map((id, index): [number, Id] => [Number(position) + index, id]);
        const places = new Set(page.map(([place]) => place));
        const there = new Set(page.map(([, id]) => id));
        const others = (before?.ids ?? []).filter(([place, id]) => !places.has(place) && !there.has(id) && place < Number(total));
        const kept: KeptList = { state: String(queryState), total: Number(total), ids: [...others, ...page].sort(([a], [b]) => a - b).slice(0, MOST_POSITIONS), used: this.now() };
        await this.shelf.put("things", new Map([[name, kept]]));
    }

    private async learnEmails(list: readonly (Email & { id: Id })[]): Promise<void> {
        const ids = list.map(({ id }) => id);
        const [known, weights] = await Promise.all([this.shelf.get("emails", ids), this.shelf.weights(ids)]);
        const changed = new Map<string, { value: object; weight: Weight }>();
        list.forEach((email, at) => {
            const before = known[at] as Email | undefined;
            const read = "bodyValues" in email;
            const value = { ...before, ...email };
            const text = JSON.stringify(value);
            if (!read && before !== undefined && text === JSON.stringify(before)) return;
            changed.set(email.id, { value, weight: { used: read || before === undefined ? this.now() : weights[at]?.used ?? this.now(), octets: text.length, whole: "bodyValues" in value } });
        });
        if (changed.size > 0) await this.shelf.putEmails(changed);
    }

    private async answerOne(name: string, args: Arguments): Promise<Arguments | undefined> {
        const ids = args["ids"] as readonly Id[] | null | undefined;
        if (WHOLE_LISTS.includes(name) && ids == null) {
            const [kept] = await this.shelf.get("things", [name]) as readonly ({ list: Json } | undefined)[];
            return kept && { list: kept.list, notFound: [] };
        }
        if (name === "Email/query") return this.answerQuery(args);
        if (name === "Email/get" && ids != null) return this.answerEmails(ids, (args["properties"] ?? []) as readonly string[]);
        if (name === "Thread/get" && ids != null) {
            const threads = await this.shelf.get("emails", ids.map((id) => `thread:${id}`));
            return { list: threads.flatMap((thread, at) => (thread === undefined ? [] : [{ ...thread, id: ids[at]! }])) as unknown as Json, notFound: [] };
        }
        if (name === "SearchSnippet/get") return { list: [], notFound: null };
        return undefined;
    }

    private async answerQuery(args: Arguments): Promise<Arguments | undefined> {
        const [kept] = await this.shelf.get("things", [nameOf(args)]) as readonly (KeptList | undefined)[];
        if (kept === undefined) return undefined;
        const places = new Map(kept.ids);
        const anchor = args["anchor"] === undefined ? undefined : kept.ids.find(([, id]) => id === args["anchor"]);
        if (args["anchor"] !== undefined && anchor === undefined) return { type: "anchorNotFound" };
        const position = Math.max(0, anchor === undefined ? Number(args["position"] ?? 0) : anchor[0] + Number(args["anchorOffset"] ?? 0));
        const ids: Id[] = [];
        for (let at = position; ids.length < Number(args["limit"] ?? MOST_POSITIONS) && places.has(at); at += 1) ids.push(places.get(at)!);
        if (ids.length === 0 && position < kept.total) return undefined;
        return { queryState: kept.state, position, ids, total: kept.total };
    }

    /** Those of which all is known that is asked for. */
    private async answerEmails(ids: readonly Id[], properties: readonly string[]): Promise<Arguments | undefined> {
        const emails = await this.shelf.get("emails", ids);
        const list = emails.filter((email): email is object => email !== undefined && properties.every((property) => property in email));
        if (list.length === 0 && ids.length > 0) return undefined;
        if (properties.includes("bodyValues")) {
            const weights = await this.shelf.weights(ids);
            await this.shelf.putEmails(new Map(list.map((value) => {
                const id = (value as { id: Id }).id;
                return [id, { value, weight: { octets: 0, whole: true, ...weights[ids.indexOf(id)], used: this.now() } }];
            })));
        }
        return { list: list as unknown as Json, notFound: [] };
    }

    private async tidy(): Promise<void> {
        await this.shelf.trim(BOUNDS);
        const old = [...await this.lists()].sort(([, a], [, b]) => (b as KeptList).used - (a as KeptList).used).slice(MOST_LISTS);
        if (old.length > 0) await this.shelf.remove("things", old.map(([name]) => name));
    }

    /** One after the other: what is learned is built on what was known. */
    private inTurn<T>(work: () => Promise<T>): Promise<T> {
        const turn = this.line.then(work);
        this.line = turn.catch(() => undefined);
        return turn;
    }
}

function nameOf({ filter, sort, collapseThreads }: Arguments): string {
    return LIST + JSON.stringify([filter ?? null, sort ?? null, collapseThreads ?? false]);
}

/** The mailbox that a list is of; nothing where it is of something else. */
function mailboxOf(name: string): Id | undefined {
    const [filter] = JSON.parse(name.slice(LIST.length)) as [{ readonly [name: string]: Json } | null];
    return filter !== null && Object.keys(filter).join() === "inMailbox" ? String(filter["inMailbox"]) : undefined;
}

/** The arguments with what earlier answers have in the place of references (RFC 8620 §3.7). */
function resolved(args: Arguments, before: readonly Invocation[]): Arguments {
    return Object.fromEntries(Object.entries(args).map(([name, value]) => {
        if (!name.startsWith("#")) return [name, value];
        const { resultOf, path } = value as unknown as ResultReference;
        const said = before.find(([, , call]) => call === resultOf)?.[1];
        return [name.slice(1), [...new Set(found(said as Json | undefined, path.split("/").slice(1)) as readonly Json[])]];
    }));
}

function found(value: Json | undefined, path: readonly string[]): readonly Json[] {
    const [first, ...rest] = path;
    if (value === undefined || value === null) return [];
    if (first === undefined) return Array.isArray(value) ? (value as readonly Json[]) : [value];
    if (first === "*") return (value as readonly Json[]).flatMap((one) => found(one, rest));
    return found((value as { readonly [name: string]: Json | undefined })[first], rest);
}
