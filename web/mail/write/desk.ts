// A draft on its way to the server, and a letter on its way out. The old draft is destroyed only when the new one is there; a letter is
// sent only when the answer names its submission; whatever fails keeps everything that was written.
import { MethodError, NoAnswerError } from "../../core/jmap/client.js";
import type { Arguments, Id, Json } from "../../core/jmap/types.js";
import { Account } from "../model/account.js";
import { emailOf, recipients, type Draft, type File } from "./draft.js";
import { escaped } from "./few_formats.js";
import type { Identity } from "./reply.js";
import { forgetHere, noteDraft, saveHere } from "./saved.js";

/** The server held the letter back, and says why (RFC 8620 §5.3, RFC 8621 §7.5). */
export class Refused extends Error {
    constructor(readonly type: string, readonly details: Arguments) {
        super(type);
    }
}

export interface Sent {
    readonly submission: Id;
    readonly email: Id;
    /** Whether it is held, so that it can be taken back for a while. */
    readonly held: boolean;
}

const HELD = 13; // seconds: three more than the button is shown for

export class Desk {
    /** What the server has now. */
    private draftId: Id | undefined;
    private savedText = "";
    private running: Promise<void> | undefined;
    /** The letter whose sending had no answer: it may be on its way. */
    private doubtful: Id | undefined;

    constructor(private readonly account: Account, private readonly what: string, private readonly mailbox: { readonly drafts: Id; readonly sent: Id }, older: Id | undefined) {
        this.draftId = older;
    }

    /** Keeps the draft in the browser until the server has it. */
    keepHere(draft: Draft): void {
        saveHere({ account: this.account.address, what: this.what, draft, older: this.draftId });
    }

    /** What the server has of the letter: an older draft, or the letter itself, which may be on its way (`tried`). */
    get whatServerHas(): { readonly email?: Id; readonly older?: Id; readonly tried: boolean } {
        if (this.doubtful !== undefined) return { email: this.doubtful, tried: true };
        return { tried: false, ...(this.draftId === undefined ? {} : { older: this.draftId }) };
    }

    /** Somebody else brings the letter to the server from now on. */
    handOver(): void {
        this.forget();
        this.draftId = this.doubtful = undefined;
    }

    /** What is there need not be saved. */
    isSaved(draft: Draft): void {
        this.savedText = JSON.stringify(draft);
    }

    /** Saves the draft as it is when its turn comes: one saving at a time. Throws Refused, or what Client throws. */
    async save(draft: Draft, identity: Identity): Promise<void> {
        while (this.running !== undefined) await this.running.catch(() => undefined);
        if (this.doubtful !== undefined) await this.inquire();
        const now = JSON.stringify(draft);
        if (now === this.savedText) return;
        this.running = this.replace(draft, identity);
        try {
            await this.running;
            this.savedText = now;
            noteDraft(this.what, this.draftId);
            if (JSON.stringify(draft) === now) this.forget();
        } finally {
            this.running = undefined;
        }
    }

    /** Sends what is written, now or at a time, or finds that it was sent when there was no answer. Throws Refused, or what Client throws; then the draft is as it was. */
    async send(draft: Draft, identity: Identity, at?: Date): Promise<Sent> {
        const before = this.doubtful === undefined ? undefined : await this.inquire();
        if (before !== undefined) return before;
        this.savedText = ""; // also one that was opened and not changed gets its text as it is now
        await this.save(draft, identity);
        const email = this.draftId!;
        const held = this.account.longestDelay >= HELD;
        const delay = at !== undefined ? { HOLDUNTIL: at.toISOString().replace(/\.\d+Z$/, "Z") } : held ? { HOLDFOR: String(HELD) } : null; // RFC 4865 §4.1
        const envelope = { mailFrom: { email: draft.from.email, parameters: delay },
            rcptTo: recipients(draft).map((to) => ({ email: to, parameters: null })) };
        const { drafts, sent } = this.mailbox;
        const moved = { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${sent}`]: true, "keywords/$draft": null };
        const about = draft.about;
        const submission = await this.submit({ identityId: identity.id, emailId: email, envelope }, moved);
        this.draftId = undefined;
        this.forget();
        if (about !== undefined)
            await answering(this.account, about).ask((batch, accountId) => batch.call("Email/set", { accountId, update: { [about.id]: { [`keywords/${about.keyword}`]: true } } }),
                () => undefined).catch(() => undefined); // the letter is on its way; that it answers another is told to nobody else
        return { submission, email, held };
    }

    /** Nobody writes any more. */
    close(): void {
        noteDraft(this.what, undefined);
    }

    /** Destroys the draft. */
    async discard(): Promise<void> {
        while (this.running !== undefined) await this.running.catch(() => undefined);
        this.forget();
        if (this.draftId !== undefined) await this.destroy(this.draftId);
        this.draftId = undefined;
    }

    private forget(): void {
        forgetHere(this.account.address, this.what);
    }

    private async submit(submission: Arguments, moved: Arguments): Promise<Id> {
        try {
            return await this.account.ask((batch, accountId) => batch.call("EmailSubmission/set", { accountId, create: { sent: submission },
                onSuccessUpdateEmail: { "#sent": moved } }), (answers, call) => created(answers.of(call), "sent").id);
        } catch (error) {
            if (error instanceof NoAnswerError) this.doubtful = this.draftId;
            throw error;
        }
    }

    /** Whether the doubtful letter was sent. It is then no draft any more, and is left where it is. */
    private async inquire(): Promise<Sent | undefined> {
        const email = this.doubtful!;
        const [submission] = await this.account.ask((batch, accountId) => batch.call("EmailSubmission/query", { accountId, filter: { emailIds: [email] } }),
            (answers, call) => answers.of(call)["ids"] as readonly Id[]);
        this.doubtful = undefined;
        if (submission === undefined) return undefined;
        if (this.draftId === email) this.draftId = undefined;
        return { submission, email, held: false };
    }

    private async replace(draft: Draft, identity: Identity): Promise<void> {
        const email = emailOf(draft, this.mailbox.drafts, identity);
        const id = await this.account.ask((batch, accountId) => batch.call("Email/set", { accountId, create: { draft: email } }),
            (answers, call) => created(answers.of(call), "draft").id);
        const old = this.draftId;
        this.draftId = id;
        if (old !== undefined) await this.destroy(old);
    }

    private async destroy(id: Id): Promise<void> {
        await this.account.ask((batch, accountId) => batch.call("Email/set", { accountId, destroy: [id] }), (answers, call) => answers.of(call));
    }
}

/** Where the letter is that is answered or sent on: what is of another is not kept in the browser, and so goes to the server alone. */
function answering(own: Account, about: NonNullable<Draft["about"]>): Account {
    return about.account === undefined ? own : new Account(own.session, undefined, about.account);
}

/** Files of an account that is shared, in one's own (RFC 8620 §6.3). Throws what Client throws, or Refused. */
export async function broughtOver(own: Account, from: Id, files: readonly File[]): Promise<File[]> {
    return own.ask((batch, accountId) => batch.call("Blob/copy", { fromAccountId: from, accountId, blobIds: files.map(({ blobId }) => blobId) }), (answers, call) => {
        const copied = (answers.of(call)["copied"] ?? {}) as { readonly [blob: Id]: Id };
        return files.map((file) => {
            const blobId = copied[file.blobId];
            if (blobId === undefined) throw new Refused("blobNotFound", {});
            return { ...file, blobId };
        });
    });
}

/** Takes a held letter back into the drafts. False: it has gone. Throws what Client throws. */
export async function takeBack(account: Account, sent: Sent, mailbox: { readonly drafts: Id; readonly sent: Id }): Promise<boolean> {
    const back = { [`mailboxIds/${mailbox.sent}`]: null, [`mailboxIds/${mailbox.drafts}`]: true, "keywords/$draft": true } satisfies { [path: string]: Json };
    return account.ask((batch, accountId) => batch.call("EmailSubmission/set", { accountId, update: { [sent.submission]: { undoStatus: "canceled" } },
        onSuccessUpdateEmail: { [sent.submission]: back } }), (answers, call) => sent.submission in (answers.of(call)["updated"] as object | null ?? {}));
}

/** RFC 8621 §6 */
export async function identitiesOf(account: Account): Promise<readonly [Identity, ...Identity[]]> {
    const list = await account.ask((batch, accountId) => batch.call("Identity/get", { accountId }), (answers, call) => answers.of(call)["list"] as unknown as Identity[]);
    const [first, ...rest] = list;
    if (first === undefined) throw new MethodError("Identity/get", "notFound", {});
    const own = list.find(({ email }) => email === account.address); // what is otherwise used
    return own === undefined ? [first, ...rest] : [own, ...list.filter((one) => one !== own)];
}

/** Gives identities other names and signatures. Throws what Client throws, or Refused. */
export async function changeIdentities(account: Account, identities: readonly Identity[]): Promise<void> {
    const update = Object.fromEntries(identities.map(({ id, name, textSignature = "" }) => [id, { name, textSignature, htmlSignature: textSignature === "" ? "" : `<div>${escaped(textSignature)}</div>` }]));
    await account.ask((batch, accountId) => batch.call("Identity/set", { accountId, update }), (answers, call) => {
        const [failed] = Object.values((answers.of(call)["notUpdated"] ?? {}) as { [id: Id]: Arguments & { type: string } });
        if (failed !== undefined) throw new Refused(failed.type, failed);
    });
}

function created(answer: Arguments, name: string): { readonly id: Id } {
    const made = (answer["created"] as { [name: string]: { id: Id } } | null)?.[name];
    if (made !== undefined) return made;
    const failed = (answer["notCreated"] as { [name: string]: Arguments & { type: string } } | null)?.[name];
    throw new Refused(failed?.type ?? "serverFail", failed ?? {});
}
