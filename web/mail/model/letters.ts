// The thread that is open. What is in a letter never changes, so that it is asked for once; its marks are in Emails.
import { signal, type Signal } from "@preact/signals";
import type { Id } from "../../core/jmap/types.js";
import type { Account } from "./account.js";
import type { Emails } from "./emails.js";
import { LETTER, PART, ROW, type Letter, type Row } from "./types.js";

const MOST_KEPT = 60;
const MOST_OF_THREAD = 200;
const MOST_TEXT = 500_000; // octets of one body that is shown

export class Letters {
    private readonly known = new Map<Id, Signal<Letter | undefined>>();
    /** Of the open thread, the first letter first; the last ones of a very long thread. */
    readonly thread = signal<readonly Id[]>([]);
    private shown: { readonly letter: Id; readonly whole: boolean } | undefined;

    constructor(private readonly account: Account, private readonly emails: Emails) {}

    /** What is in view, so that it is not forgotten. */
    get open(): ReadonlySet<Id> {
        return new Set(this.thread.peek());
    }

    letter(id: Id): Signal<Letter | undefined> {
        let known = this.known.get(id);
        if (known === undefined) {
            this.known.set(id, (known = signal<Letter | undefined>(undefined)));
            for (const old of this.known.keys()) {
                if (this.known.size <= MOST_KEPT) break;
                if (!this.open.has(old) && old !== id) this.known.delete(old);
            }
        }
        return known;
    }

    /** Opens a letter, with its whole thread or alone; nothing: closes. Throws what Client throws. */
    async show(id: Id | undefined, whole: boolean): Promise<void> {
        if (id === this.shown?.letter && whole === this.shown?.whole) return;
        this.shown = id === undefined ? undefined : { letter: id, whole };
        const thread = this.thread.peek();
        if (id === undefined || !thread.includes(id)) this.thread.value = id === undefined ? [] : [id];
        if (id === undefined) return;
        await Promise.all([this.load(id), this.refresh()]);
    }

    /** Asks for the body of a letter that is not known yet. False: there is no such letter. */
    async load(id: Id): Promise<boolean> {
        const known = this.letter(id);
        if (known.peek() !== undefined) return true;
        const [letter] = await this.account.ask((batch, accountId) => batch.call("Email/get", { accountId, ids: [id], properties: LETTER, bodyProperties: PART,
            fetchTextBodyValues: true, fetchHTMLBodyValues: true, maxBodyValueBytes: MOST_TEXT }),
        (answers, call) => answers.of(call)["list"] as unknown as Letter[]);
        if (letter === undefined) return false;
        this.emails.learn([rowOf(letter)]);
        known.value = letter;
        return true;
    }

    /** Which letters are in the open thread now, and how they are marked. */
    async refresh(): Promise<void> {
        const shown = this.shown;
        if (shown === undefined) return;
        const ids = shown.whole ? await this.threadOf(shown.letter) : [shown.letter];
        const rows = await this.account.ask((batch, accountId) => batch.call("Email/get", { accountId, ids, properties: ROW }),
            (answers, call) => answers.of(call)["list"] as unknown as Row[]);
        if (shown !== this.shown) return;
        this.emails.learn(rows);
        const there = new Set(rows.map(({ id }) => id));
        const thread = ids.filter((id) => there.has(id));
        if (thread.join() !== this.thread.peek().join()) this.thread.value = thread;
    }

    private async threadOf(id: Id): Promise<readonly Id[]> {
        return this.account.ask((batch, accountId) => {
            const get = batch.call("Email/get", { accountId, ids: [id], properties: ["threadId"] });
            return batch.call("Thread/get", { accountId, "#ids": get.at("/list/*/threadId") });
        }, (answers, call) => {
            const [thread] = answers.of(call)["list"] as unknown as { emailIds: Id[] }[];
            return (thread?.emailIds ?? [id]).slice(-MOST_OF_THREAD);
        });
    }
}

function rowOf(letter: Letter): Row {
    return Object.fromEntries(ROW.map((name) => [name, letter[name as keyof Row]])) as unknown as Row;
}
