// The mail of one account as it is shown now: its mailboxes, the list in view, the thread that is open. What others change comes by push.
import { batch as together, signal } from "@preact/signals";
import { NoAnswerError, SignedOutError } from "../../core/jmap/client.js";
import type { Id, Session } from "../../core/jmap/types.js";
import { kept, keep } from "../../core/page/kept.js";
import { Push } from "../../core/page/push.js";
import { parse, type Filter } from "../search/query.js";
import { words } from "../words/language.js";
import { Account } from "./account.js";
import { Actions } from "./actions.js";
import { Emails } from "./emails.js";
import { FolderWork } from "./folder_work.js";
import { labelNamed } from "./labels.js";
import { Letters } from "./letters.js";
import { MessageList, type Query } from "./message_list.js";
import { MAILBOX, type Mailbox } from "./types.js";

const SOON = 100; // milliseconds in which changes are taken together

export class Mail {
    readonly account: Account;
    readonly emails = new Emails();
    readonly letters: Letters;
    readonly actions: Actions;
    readonly folders: FolderWork;
    readonly mailboxes = signal<ReadonlyMap<Id, Mailbox>>(new Map());
    readonly list = signal<MessageList | undefined>(undefined);
    readonly threaded = signal(kept("threads") !== "no");
    /** How many letters are to be sent later. */
    readonly waiting = signal(0);
    /** Nothing is heard from the server. */
    readonly offline = signal(false);
    /** The row that keys act on. */
    readonly cursor = signal<Id | undefined>(undefined);
    private readonly push: Push;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private shown = "";

    /** `signedOut`: the server knows us no more. */
    constructor(session: Session, private readonly signedOut: () => void) {
        this.account = new Account(session);
        this.letters = new Letters(this.account, this.emails);
        this.actions = new Actions(this);
        this.folders = new FolderWork(this);
        this.push = new Push(this.account.events, `tegami-push-${this.account.id}`, () => this.soon());
        addEventListener("online", this.soon);
    }

    close(): void {
        removeEventListener("online", this.soon);
        clearTimeout(this.timer);
        this.push.close();
    }

    byRole(role: string): Mailbox | undefined {
        for (const mailbox of this.mailboxes.value.values()) if (mailbox.role === role) return mailbox;
        return undefined;
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

    setThreaded(on: boolean): void {
        keep("threads", on ? undefined : "no");
        this.threaded.value = on;
    }

    /** How many letters the server holds until their time. */
    async loadWaiting(): Promise<void> {
        if (!this.account.canSend) return;
        this.waiting.value = await this.account.ask((batch, accountId) => batch.call("EmailSubmission/query", { accountId, filter: { undoStatus: "pending" }, limit: 200 }),
            (answers, call) => (answers.of(call)["ids"] as readonly Id[]).length);
    }

    async loadMailboxes(): Promise<void> {
        const list = await this.account.ask((batch, accountId) => batch.call("Mailbox/get", { accountId, properties: MAILBOX }),
        (answers, call) => answers.of(call)["list"] as unknown as Mailbox[]);
        this.mailboxes.value = new Map(list.map((mailbox) => [mailbox.id, mailbox]));
    }

    /** Everything in view as it is on the server now. */
    async refresh(): Promise<void> {
        if (this.actions.busy) return; // it asks at its end
        await Promise.all([this.loadMailboxes(), this.loadWaiting(), this.list.peek()?.refresh(), this.letters.refresh()]);
    }

    /** Does what may fail because the server is not there, or knows us no more. Returns whether it was done. */
    async trying(work: () => Promise<unknown>): Promise<boolean> {
        try {
            await work();
            this.offline.value = false;
            return true;
        } catch (error) {
            if (error instanceof SignedOutError) this.signedOut();
            else if (error instanceof NoAnswerError) this.offline.value = true;
            else throw error;
            return false;
        }
    }

    private readonly soon = () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => void this.trying(() => this.refresh()), SOON);
    };

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
