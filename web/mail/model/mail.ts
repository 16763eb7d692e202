// The mail of who is signed in, and of those who share something. What others change comes by push.
import { signal } from "@preact/signals";
import type { Id, Session } from "../../core/jmap/types.js";
import { kept, keep } from "../../core/page/kept.js";
import { Push } from "../../core/page/push.js";
import { jmapSession, post } from "../../core/page/session.js";
import { Database } from "../offline/database.js";
import { KeptMail } from "../offline/kept_mail.js";
import { Line } from "../offline/line.js";
import type { Shelf } from "../offline/shelf.js";
import { Outgoing, type Waits } from "../offline/outgoing.js";
import { identitiesOf } from "../write/desk.js";
import { Account } from "./account.js";
import { AccountMail } from "./account_mail.js";
import { SharedMail, sharedAccounts } from "./shared_mail.js";
import type { Part } from "./types.js";

const SOON = 100; // milliseconds in which changes are taken together
const FIRST_PAUSE = 3_000; // before the server is asked again
const LONGEST_PAUSE = 60_000;
const LONGEST_OPENING = 1_000; // of what is kept, before the page begins without it
const NOTED = 30_000; // how often it is written down that the server was heard

export class Mail extends AccountMail {
    /** Of others, by their accounts. */
    readonly shared = signal<ReadonlyMap<Id, SharedMail>>(new Map());
    /** How many letters are to be sent later. */
    readonly waiting = signal(0);
    /** What waits until it is heard again. */
    readonly unsent = signal<readonly Waits[]>([]);
    private readonly push: Push;
    private readonly line: Line;
    private pause = FIRST_PAUSE;
    private again: ReturnType<typeof setTimeout> | undefined;
    private closed = false;
    private canWriteLater = false;
    private database: Database | undefined;
    private noted = 0;
    private timer: ReturnType<typeof setTimeout> | undefined;

    /** `signedOut`: the server knows us no more. */
    constructor(session: Session, private readonly leave: () => void, private lastHeard = new Date()) {
        const line = new Line(post, (answered) => this.heard(answered));
        super(new Account(session, line.post, undefined, () => void this.quietly(async () => this.meet(await jmapSession()))), leave, signal(kept("threads") !== "no"), signal(undefined));
        this.line = line;
        this.meet(session);
        this.push = new Push(this.account.events, `tegami-push-${this.account.id}`, (accounts) => this.changed(accounts));
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

    /** How many letters the server holds until their time. */
    async loadWaiting(): Promise<void> {
        if (!this.account.canSend) return;
        this.waiting.value = await this.account.ask((batch, accountId) => batch.call("EmailSubmission/query", { accountId, filter: { undoStatus: "pending" }, limit: 200 }),
            (answers, call) => (answers.of(call)["ids"] as readonly Id[]).length);
    }

    setThreaded(on: boolean): void {
        keep("threads", on ? undefined : "no");
        this.threaded.value = on;
    }

    /** Everything in view as it is on the server now. */
    async refresh(): Promise<void> {
        if (this.actions.busy) return; // it asks at its end
        await Promise.all([this.loadShown(), this.loadWaiting()]);
    }

    /** Those who share something now. */
    private meet(session: Session): void {
        const known = this.shared.peek();
        const ids = sharedAccounts(session);
        if (ids.length === known.size && ids.every((id) => known.has(id))) return;
        const now = new Map(ids.map((id) => [id, known.get(id) ?? new SharedMail(session, id, this.leave, this.threaded, this.offline)]));
        this.shared.value = now;
        for (const [id, mail] of now) if (!known.has(id)) void mail.look();
    }

    /** `accounts`: those that have changed; nothing: any. */
    private changed(accounts: readonly Id[] | undefined): void {
        for (const [id, mail] of this.shared.peek()) if (accounts === undefined || accounts.includes(id)) void mail.look();
        this.soon();
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
}
