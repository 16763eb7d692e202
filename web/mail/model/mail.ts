// The mail of one account as it is shown now: its mailboxes, the list in view, the thread that is open. What others change comes by push.
import { batch as together, signal } from "@preact/signals";
import { NoAnswerError, SignedOutError } from "../../core/jmap/client.js";
import type { Id, Session } from "../../core/jmap/types.js";
import { kept, keep } from "../../core/page/kept.js";
import { Push } from "../../core/page/push.js";
import { post } from "../../core/page/session.js";
import { Database } from "../offline/database.js";
import { KeptMail } from "../offline/kept_mail.js";
import { Line } from "../offline/line.js";
import type { Shelf } from "../offline/shelf.js";
import { Outgoing, type Waits } from "../offline/outgoing.js";
import { identitiesOf } from "../write/desk.js";
import { parse, type Filter } from "../search/query.js";
import { words } from "../words/language.js";
import { Account } from "./account.js";
import { Actions } from "./actions.js";
import { Emails } from "./emails.js";
import { FolderWork } from "./folder_work.js";
import { labelNamed } from "./labels.js";
import { Letters } from "./letters.js";
import { MessageList, type Query } from "./message_list.js";
import { MAILBOX, type Mailbox, type Part } from "./types.js";

const SOON = 100; // milliseconds in which changes are taken together
const FIRST_PAUSE = 3_000; // before the server is asked again
const LONGEST_PAUSE = 60_000;
const LONGEST_OPENING = 1_000; // of what is kept, before the page begins without it
const NOTED = 30_000; // how often it is written down that the server was heard

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
    /** Since when nothing is heard from the server. */
    readonly offline = signal<Date | undefined>(undefined);
    /** What waits until it is heard again. */
    readonly unsent = signal<readonly Waits[]>([]);
    /** The row that keys act on. */
    readonly cursor = signal<Id | undefined>(undefined);
    private readonly push: Push;
    private readonly line = new Line(post, (answered) => this.heard(answered));
    private pause = FIRST_PAUSE;
    private again: ReturnType<typeof setTimeout> | undefined;
    private closed = false;
    private canWriteLater = false;
    private database: Database | undefined;
    private noted = 0;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private shown = "";

    /** `signedOut`: the server knows us no more. */
    constructor(session: Session, private readonly signedOut: () => void, private lastHeard = new Date()) {
        this.account = new Account(session, this.line.post);
        this.letters = new Letters(this.account, this.emails);
        this.actions = new Actions(this);
        this.folders = new FolderWork(this);
        this.push = new Push(this.account.events, `tegami-push-${this.account.id}`, () => this.soon());
    }

    /** What waits to be sent; nothing where the browser keeps nothing. */
    get outgoing(): Outgoing | undefined {
        return this.line.keeping?.outgoing;
    }

    /** Asks for what is shown first. From now on what comes is kept for the time without connection, and what waits is sent. */
    async begin(): Promise<void> {
        await Promise.race([this.keep(), new Promise((resolve) => setTimeout(resolve, LONGEST_OPENING))]);
        addEventListener("online", this.soon);
        await this.quietly(() => this.loadMailboxes());
        if (this.unsent.peek().length > 0) return this.comeBack();
        await this.quietly(() => this.loadWaiting());
        await this.keepIdentities();
    }

    private async keep(): Promise<void> {
        const database = await Database.open(`${this.account.address} ${this.account.id}`);
        if (database === undefined || this.closed) return;
        const kept = new KeptMail(database);
        const outgoing = new Outgoing(new Account(this.account.session), database, kept, async () => ({ drafts: await this.actions.mailbox("drafts"), sent: await this.actions.mailbox("sent") }), (work) => navigator.locks.request("tegami-outgoing", work),
            (waits) => { this.unsent.value = waits; this.line.waits = waits.some(({ kind }) => kind === "marks"); });
        this.database = database;
        this.note();
        this.line.keeping = { kept, outgoing };
        await outgoing.tell();
    }

    /** Where the browser keeps things, if it does. */
    get shelf(): Shelf | undefined {
        return this.database;
    }

    /** An attached file. One that was opened on this device before is there without the server, too; nothing where neither has it. */
    async file(part: Part): Promise<Blob | undefined> {
        const kept = this.line.keeping?.kept;
        const known = await kept?.file(part.blobId ?? "");
        if (known !== undefined) return known;
        const answer = await fetch(this.account.download(part, "file")).catch(() => undefined);
        if (answer?.ok !== true) return undefined;
        const file = await answer.blob();
        await kept?.keepFile(part.blobId ?? "", file);
        return file;
    }

    /** Asks the server at once. */
    comeBackNow(): void {
        this.soon();
    }

    /** Writes down a letter that has to wait. Whether it is safe. */
    async sendWhenPossible(letter: Parameters<Outgoing["addLetter"]>[0]): Promise<boolean> {
        const kept = (await this.outgoing?.addLetter(letter)) ?? false;
        if (kept && this.offline.peek() === undefined) this.soon();
        return kept;
    }

    close(): void {
        this.closed = true;
        removeEventListener("online", this.soon);
        clearTimeout(this.timer);
        clearTimeout(this.again);
        this.push.close();
        this.database?.close();
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
            return true;
        } catch (error) {
            if (error instanceof SignedOutError) this.signedOut();
            else if (!(error instanceof NoAnswerError)) throw error;
            return false;
        }
    }

    private readonly soon = () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => void this.comeBack(), SOON);
    };

    /** What waits goes first, so that what is asked for then has it. */
    private async comeBack(): Promise<void> {
        if (this.mailboxes.peek().size === 0) await this.quietly(() => this.loadMailboxes());
        await this.outgoing?.tell(); // other pages of this browser add to it
        if (this.unsent.peek().length > 0) await this.quietly(async () => this.outgoing?.flush());
        await this.quietly(() => this.refresh());
        await this.keepIdentities();
        if (this.offline.peek() === undefined && this.unsent.peek().some((waits) => waits.kind === "marks" || waits.refused === undefined)) this.retry();
    }

    /** For who begins to write without connection. */
    private async keepIdentities(): Promise<void> {
        if (this.canWriteLater || this.outgoing === undefined || !this.account.canSend || this.offline.peek() !== undefined) return;
        await this.quietly(async () => {
            await identitiesOf(this.account);
            this.canWriteLater = true;
        });
    }

    private quietly(work: () => Promise<unknown>): Promise<unknown> {
        return this.trying(work).catch(() => undefined);
    }

    private heard(answered: boolean): void {
        if (answered) {
            this.lastHeard = new Date();
            if (this.lastHeard.getTime() - this.noted > NOTED) this.note();
            this.pause = FIRST_PAUSE;
            if (this.offline.peek() === undefined) return;
            this.offline.value = undefined;
            this.soon();
        } else {
            this.offline.value ??= this.lastHeard;
            this.retry();
        }
    }

    private note(): void {
        this.noted = this.lastHeard.getTime();
        void this.database?.put("things", new Map([["session", { session: this.account.session, heard: this.lastHeard }]]));
    }

    private retry(): void {
        if (this.again !== undefined || this.closed) return;
        this.again = setTimeout(() => {
            this.again = undefined;
            this.soon();
        }, this.pause);
        this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
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
