// What a person does to letters: shown at once, then done by the server, and taken back with one key. Where all that were found are
// meant, the server is asked for them in pages: nothing of a mailbox's size is here.
import type { Id, Json } from "../../core/jmap/types.js";
import { applied, patchFor, undoing, type Change, type Patch } from "./change.js";
import type { AccountMail } from "./account_mail.js";
import type { MessageList } from "./message_list.js";
import { tell } from "../../core/page/notice.js";
import type { Filter } from "../search/query.js";
import { MARKS, type Marks } from "./types.js";
import { words } from "../words/language.js";

const AT_ONCE = 500; // letters of one request
const MOST_UNDONE = 2_000;
const LONG = 600_000; // milliseconds that the progress of a long work is shown at most

/** Letters, or all that the list has but some. */
export type Targets = readonly Marks[] | "found";
type Patches = ReadonlyMap<Id, Patch>;

export class Actions {
    private running = 0;
    private line: Promise<void> = Promise.resolve();
    private last: { readonly back: Patches } | undefined;

    constructor(private readonly mail: AccountMail) {}

    get busy(): boolean {
        return this.running > 0;
    }

    /** What a row stands for: its letter, or those of its thread that are in the mailbox. */
    lettersOf(list: MessageList, id: Id): readonly Marks[] {
        const row = this.mail.emails.row(id).peek();
        if (row === undefined) return [];
        const mailbox = list.query.mailbox;
        const thread = list.query.collapse && mailbox !== undefined ? this.mail.emails.thread(row.threadId).peek() : undefined;
        const here = thread?.filter((one) => mailbox! in one.mailboxIds) ?? [];
        return here.length > 0 ? here : [row];
    }

    /** What is chosen, or else the row of the cursor. */
    chosen(list: MessageList): Targets {
        if (list.selection.count(list.rows.total) === 0) {
            const cursor = this.mail.cursor.peek();
            return cursor === undefined ? [] : this.lettersOf(list, cursor);
        }
        const ids = list.selection.ids;
        return ids === undefined ? "found" : [...ids].flatMap((id) => this.lettersOf(list, id));
    }

    /** `said`: what was done, of a number of letters; nothing where nobody asked for it, and so nobody takes it back. */
    async change(list: MessageList, targets: Targets, change: Change, said: ((count: number) => string) | undefined): Promise<void> {
        if (targets === "found") return this.changeFound(list, change, said ?? String);
        const patches = new Map<Id, Patch>();
        const back = new Map<Id, Patch>();
        for (const marks of targets) {
            const patch = patchFor(marks, change);
            if (patch === undefined) continue;
            patches.set(marks.id, patch);
            back.set(marks.id, undoing(marks, patch));
        }
        if (patches.size === 0) return;
        this.showAtOnce(list, targets, patches, change);
        if (said !== undefined) this.last = { back };
        if (said !== undefined && change.kind === "move") tell({ text: said(patches.size), action: { label: words.value.undo, run: () => void this.undo() } });
        await this.working(() => this.send(patches), said === undefined);
    }

    async destroy(list: MessageList | undefined, ids: readonly Id[]): Promise<void> {
        list?.remove(this.rowsOf(list, new Set(ids)));
        await this.working(async () => {
            let failed = 0;
            for (let at = 0; at < ids.length; at += AT_ONCE)
                failed += await this.mail.account.ask((batch, accountId) => batch.call("Email/set", { accountId, destroy: ids.slice(at, at + AT_ONCE) }),
                    (answers, call) => Object.keys(answers.of(call)["notDestroyed"] ?? {}).length);
            this.told(failed);
        });
    }

    /** Destroys all that the list has but what is not chosen. */
    async destroyFound(list: MessageList): Promise<void> {
        await this.working(() => this.destroyEach(list.query.filter, list.selection.except));
    }

    /** Destroys all that is in a mailbox. */
    async empty(mailbox: Id): Promise<void> {
        await this.working(() => this.destroyEach({ inMailbox: mailbox }, undefined));
    }

    /** Moves all letters of a mailbox to another. Throws what Client throws. */
    async moveAll(from: Id, to: Id): Promise<void> {
        await this.eachPage({ inMailbox: from }, undefined, true, async (marks) => {
            await this.send(new Map(marks.map((one) => [one.id, patchFor(one, { kind: "move", from, to })!])));
        });
    }

    /** Takes back what was done last. */
    async undo(): Promise<void> {
        const last = this.last;
        if (last === undefined) return;
        this.last = undefined;
        for (const [id, patch] of last.back) this.mail.emails.patch(id, patch);
        await this.working(() => this.send(last.back));
        tell({ text: words.value.undone });
    }

    /** The mailbox that plays a part; it is made where there is none. */
    async mailbox(role: "archive" | "junk" | "trash" | "drafts" | "sent" | "inbox"): Promise<Id> {
        const known = this.mail.byRole(role);
        if (known !== undefined) return known.id;
        const made = await this.mail.account.ask((batch, accountId) => batch.call("Mailbox/set", { accountId,
            create: { made: { name: role[0]!.toUpperCase() + role.slice(1), role } } }),
        (answers, call) => (answers.of(call)["created"] as { made?: { id: Id } } | null)?.made?.id);
        await this.mail.loadMailboxes();
        if (made === undefined) throw new Error(`no mailbox for ${role}`);
        return made;
    }

    private showAtOnce(list: MessageList, targets: readonly Marks[], patches: Patches, change: Change): void {
        for (const [id, patch] of patches) this.mail.emails.patch(id, patch);
        const here = list.query.mailbox;
        if (change.kind !== "move" || here === undefined) return;
        const gone = targets.filter((marks) => patches.has(marks.id) && !(here in applied(marks, patches.get(marks.id)!).mailboxIds));
        list.remove(this.rowsOf(list, new Set(gone.map(({ id }) => id))));
    }

    /** The rows of a list that stand for these letters. */
    private rowsOf(list: MessageList, gone: ReadonlySet<Id>): ReadonlySet<Id> {
        const threads = new Set([...gone].map((id) => this.mail.emails.row(id).peek()?.threadId));
        const rows = new Set(gone);
        for (let position = 0, left = list.rows.total; position < Math.min(left, 10_000) && list.query.collapse; position += 1) {
            const id = list.rows.at(position);
            const row = id === undefined ? undefined : this.mail.emails.row(id).peek();
            if (row !== undefined && threads.has(row.threadId)) rows.add(row.id);
        }
        return rows;
    }

    private async changeFound(list: MessageList, change: Change, said: (count: number) => string): Promise<void> {
        const back = new Map<Id, Patch>();
        let count = 0;
        const leaving = change.kind === "move" || JSON.stringify(list.query.filter ?? null).includes("Keyword"); // what is marked may be found no more
        const whole = list.selection.count(list.rows.total);
        let stopped = false;
        const done = await this.working(() => this.eachPage(list.query.filter, list.selection.except, leaving, async (marks) => {
            const patches = new Map<Id, Patch>();
            for (const one of marks) {
                const patch = patchFor(one, change);
                if (patch === undefined) continue;
                patches.set(one.id, patch);
                if (back.size < MOST_UNDONE) back.set(one.id, undoing(one, patch));
            }
            await this.send(patches);
            count += patches.size;
            if (count < whole && count > 0) tell({ text: words.value.progress(count, whole), action: { label: words.value.stop, run: () => { stopped = true; } } }, LONG);
            return stopped;
        }));
        list.selection.none();
        list.touch();
        const all = count === back.size;
        if (!done) return;
        this.last = all ? { back } : undefined;
        tell({ text: said(count), ...(all ? { action: { label: words.value.undo, run: () => void this.undo() } } : {}) });
    }

    private async destroyEach(filter: Filter | undefined, except: ReadonlySet<Id> | undefined): Promise<void> {
        await this.eachPage(filter, except, true, (marks) => this.mail.account.ask((batch, accountId) =>
            batch.call("Email/set", { accountId, destroy: marks.map(({ id }) => id) }), (answers, call) => { answers.of(call); }));
    }

    /** Goes through all letters that are found but some, until there are no more or the work says that it is enough. `leaving`: what is
     *  done may take them out of what is found. */
    private async eachPage(filter: Filter | undefined, except: ReadonlySet<Id> = new Set(), leaving: boolean,
        work: (marks: readonly Marks[]) => Promise<boolean | void>): Promise<void> {
        let before: ReadonlySet<Id> = new Set(); // those that are still there were not done, and are passed over
        for (let position = 0;;) {
            const page = await this.mail.account.ask((batch, accountId) => {
                const query = batch.call("Email/query", { accountId, filter: (filter ?? null) as unknown as Json, position, limit: AT_ONCE,
                    sort: [{ property: "receivedAt", isAscending: false }] });
                return batch.call("Email/get", { accountId, "#ids": query.at("/ids"), properties: MARKS });
            }, (answers, call) => answers.of(call)["list"] as unknown as Marks[]);
            if (page.length === 0) return;
            const meant = page.filter(({ id }) => !except.has(id) && !before.has(id));
            if (meant.length > 0 && (await work(meant)) === true) return;
            position += leaving ? page.length - meant.length : page.length;
            before = new Set(meant.map(({ id }) => id));
        }
    }

    private async send(patches: Patches): Promise<void> {
        const all = [...patches];
        let failed = 0;
        for (let at = 0; at < all.length; at += AT_ONCE)
            failed += await this.mail.account.ask((batch, accountId) => batch.call("Email/set", { accountId,
                update: Object.fromEntries(all.slice(at, at + AT_ONCE)) as unknown as Json }),
            (answers, call) => Object.keys(answers.of(call)["notUpdated"] ?? {}).length);
        this.told(failed);
    }

    private told(failed: number): void {
        if (failed > 0) tell({ text: words.value.notDone(failed), bad: true });
    }

    /** One work after the other: what takes something back must not overtake it. While one runs nothing is asked anew: an answer from before
     *  would show what is no longer so. */
    private async working(work: () => Promise<void>, quietly = false): Promise<boolean> {
        this.running += 1;
        const turn = this.line.then(work);
        this.line = turn.catch(() => undefined);
        try {
            const done = await this.mail.trying(() => turn);
            if (!done && !quietly) tell({ text: words.value.unreachable, bad: true });
            return done;
        } catch {
            if (!quietly) tell({ text: words.value.failed, bad: true });
            return false;
        } finally {
            this.running -= 1;
            await this.mail.trying(() => this.mail.refresh()).catch(() => undefined);
        }
    }
}
