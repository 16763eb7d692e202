// The mail of one account as it is shown now: its mailboxes, the list in view, the thread that is open, and what one may do there.
import { batch as together, signal, type Signal } from "@preact/signals";
import { NoAnswerError, SignedOutError } from "../../core/jmap/client.js";
import type { Id } from "../../core/jmap/types.js";
import { parse, type Filter } from "../search/query.js";
import { words } from "../words/language.js";
import type { Account } from "./account.js";
import { Actions } from "./actions.js";
import { Emails } from "./emails.js";
import { FolderWork } from "./folder_work.js";
import { labelNamed } from "./labels.js";
import { Letters } from "./letters.js";
import { MessageList, type Query } from "./message_list.js";
import { allows } from "./rights.js";
import { MAILBOX, type Mailbox, type Part, type Right } from "./types.js";

export abstract class AccountMail {
    readonly emails = new Emails();
    readonly letters: Letters;
    readonly actions: Actions;
    readonly folders: FolderWork;
    readonly mailboxes = signal<ReadonlyMap<Id, Mailbox>>(new Map());
    readonly list = signal<MessageList | undefined>(undefined);
    /** The row that keys act on. */
    readonly cursor = signal<Id | undefined>(undefined);
    private shown = "";

    /** `signedOut`: the server knows us no more. `threaded`: whether a row stands for a thread. `offline`: since when nothing is heard from the server. */
    protected constructor(readonly account: Account, private readonly signedOut: () => void, readonly threaded: Signal<boolean>, readonly offline: Signal<Date | undefined>) {
        this.letters = new Letters(account, this.emails);
        this.actions = new Actions(this);
        this.folders = new FolderWork(this);
    }

    /** Everything in view as it is on the server now. */
    abstract refresh(): Promise<void>;

    /** An attached file; nothing where it cannot be had. */
    abstract file(part: Part): Promise<Blob | undefined>;

    /** Whether one may do so with all letters that are listed: where all are searched, in all mailboxes that one reads. */
    may(right: Right): boolean {
        if (this.account.isOwn) return true;
        const here = this.list.value?.query.mailbox;
        return allows(this.mailboxes.value.values(), here, right);
    }

    /** Whether letters can be brought into a mailbox. */
    takes(mailbox: Mailbox): boolean {
        return this.account.isOwn || (mailbox.myRights.mayAddItems && (mailbox.role !== "junk" || this.may("maySetKeywords")));
    }

    /** Whether what is listed can go to the mailbox that plays a part. Only one's own is made where there is none. */
    mayGoTo(role: "archive" | "junk" | "trash" | "inbox"): boolean {
        if (this.account.isOwn) return true;
        const to = this.byRole(role);
        return to !== undefined && this.takes(to) && this.may("mayRemoveItems");
    }

    byRole(role: string): Mailbox | undefined {
        for (const mailbox of this.mailboxes.value.values()) if (mailbox.role === role) return mailbox;
        return undefined;
    }

    /** What is shown before anything is chosen. */
    get first(): Id | undefined {
        return (this.byRole("inbox") ?? [...this.mailboxes.value.values()].find(({ myRights }) => myRights.mayReadItems))?.id;
    }

    /** Shows the list of a mailbox, or what a search finds; nothing happens where it is shown already. */
    show(mailbox: Id | undefined, search: string | undefined): void {
        const query = this.query(mailbox, search);
        const key = JSON.stringify(query);
        if (key === this.shown) return;
        this.shown = key;
        this.emails.keepOnly(this.letters.open);
        const list = new MessageList(this.account, this.emails, query);
        together(() => {
            this.list.value = list;
            this.cursor.value = undefined;
        });
        void this.trying(() => list.need());
    }

    async loadMailboxes(): Promise<void> {
        const list = await this.account.ask((batch, accountId) => batch.call("Mailbox/get", { accountId, properties: MAILBOX }),
        (answers, call) => answers.of(call)["list"] as unknown as Mailbox[]);
        this.mailboxes.value = new Map(list.map((mailbox) => [mailbox.id, mailbox]));
    }

    protected loadShown(): Promise<unknown> {
        return Promise.all([this.loadMailboxes(), this.list.peek()?.refresh(), this.letters.refresh()]);
    }

    /** Does what may fail because the server is not there, or knows us no more. Returns whether it was done. */
    async trying(work: () => Promise<unknown>): Promise<boolean> {
        try {
            await work();
            return true;
        } catch (error) {
            if (error instanceof SignedOutError) this.signedOut();
            else if (!(error instanceof NoAnswerError)) throw error;
            return false;
        }
    }

    protected quietly(work: () => Promise<unknown>): Promise<unknown> {
        return this.trying(work).catch(() => undefined);
    }

    private query(mailbox: Id | undefined, search: string | undefined): Query {
        if (search === undefined) return { mailbox, filter: { inMailbox: mailbox ?? "" }, collapse: this.threaded.value, searched: false };
        const today = new Date();
        today.setHours(0, 0, 0, 0);
        const found = parse(search, { today, mailbox: (name) => this.named(name), label: (name) => labelNamed(name, words.peek().commonLabels) });
        const hidden = ["trash", "junk"].map((role) => this.byRole(role)?.id).filter((id) => id !== undefined);
        const elsewhere: Filter = { inMailboxOtherThan: hidden };
        const filter: Filter = found.inMailbox && found.filter !== undefined ? found.filter
            : found.filter === undefined ? elsewhere : { operator: "AND", conditions: [elsewhere, found.filter] };
        return { mailbox: undefined, filter, collapse: false, searched: found.filter !== undefined };
    }

    private named(name: string): Id | undefined {
        const wanted = name.normalize("NFKC").toLowerCase();
        for (const { id, name: own, role } of this.mailboxes.value.values())
            if (role === wanted || id === name || own.normalize("NFKC").toLowerCase() === wanted) return id;
        return undefined;
    }
}
