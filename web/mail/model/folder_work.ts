// Folders are made, changed and deleted. What lies in one that is deleted goes to Trash first, in pieces that the server is asked for.
import type { Arguments, Id, Json } from "../../core/jmap/types.js";
import { folders } from "./folders.js";
import type { AccountMail } from "./account_mail.js";
import type { Mailbox } from "./types.js";

const MOST_ROUNDS = 5; // of letters that come while a folder is emptied

/** What can be said of a folder. */
export interface FolderForm {
    readonly name: string;
    readonly parentId: Id | null;
    /** Whether programs that show only some folders show it. */
    readonly isSubscribed: boolean;
}

/** The server refused; `type` is of RFC 8620 §5.3 or RFC 8621 §2.5. */
export class FolderError extends Error {
    constructor(readonly type: string) {
        super(type);
    }
}

/** The type of what was refused; of anything else that failed, as if the server had. */
export function refusalOf(error: unknown): string {
    return error instanceof FolderError ? error.type : "serverFail";
}

export class FolderWork {
    constructor(private readonly mail: AccountMail) {}

    /** Throws FolderError, or what Client throws; so do all others. */
    async make(form: FolderForm): Promise<Id> {
        const answer = await this.set({ create: { made: { ...form } } });
        const made = (answer["created"] as { made?: { id: Id } } | null)?.made;
        if (made === undefined) throw failed(answer["notCreated"]);
        await this.mail.loadMailboxes();
        return made.id;
    }

    /** Gives it another name or place; what is the same stays. */
    async change(mailbox: Mailbox, form: Partial<FolderForm>): Promise<void> {
        const patch = Object.fromEntries(Object.entries(form).filter(([name, value]) => mailbox[name as keyof FolderForm] !== value)) as Arguments;
        if (Object.keys(patch).length === 0) return;
        const answer = await this.set({ update: { [mailbox.id]: patch } });
        await this.mail.loadMailboxes();
        if (!(mailbox.id in ((answer["updated"] as object | null) ?? {}))) throw failed(answer["notUpdated"]);
    }

    /** Itself and all that are in it, what is deepest first. */
    within(mailbox: Mailbox): readonly Mailbox[] {
        const all = folders(this.mail.mailboxes.peek().values(), "en");
        const at = all.findIndex(({ mailbox: one }) => one.id === mailbox.id);
        if (at < 0) return [];
        const end = all.findIndex(({ depth }, index) => index > at && depth <= all[at]!.depth);
        return all.slice(at, end < 0 ? undefined : end).map(({ mailbox: one }) => one).reverse();
    }

    /** Whether it is Trash or in it: what is deleted there is gone for ever. */
    inTrash(mailbox: Mailbox): boolean {
        const trash = this.mail.byRole("trash");
        return trash !== undefined && this.within(trash).some(({ id }) => id === mailbox.id);
    }

    /** Deletes a folder with all that are in it. Its letters go to Trash, unless it is there already. */
    async remove(mailbox: Mailbox): Promise<void> {
        const forEver = this.inTrash(mailbox);
        const trash = forEver ? undefined : await this.mail.actions.mailbox("trash");
        for (const one of this.within(mailbox)) await this.removeOne(one.id, trash);
        await this.mail.loadMailboxes();
    }

    private async removeOne(id: Id, trash: Id | undefined): Promise<void> {
        for (let round = 0; ; round += 1) {
            if (trash !== undefined) await this.mail.actions.moveAll(id, trash);
            const answer = await this.set({ destroy: [id], onDestroyRemoveEmails: trash === undefined });
            if ((answer["destroyed"] as readonly Id[] | null)?.includes(id) === true) return;
            const why = failed(answer["notDestroyed"]);
            if (why.type !== "mailboxHasEmail" || round === MOST_ROUNDS) throw why;
        }
    }

    private set(work: { readonly [name: string]: Json }): Promise<Arguments> {
        return this.mail.account.ask((batch, accountId) => batch.call("Mailbox/set", { accountId, ...work }), (answers, call) => answers.of(call));
    }
}

/** Why the only object of a call was refused. */
export function failed(not: Json | undefined): FolderError {
    const [error] = Object.values((not ?? {}) as { [id: Id]: { type: string; properties?: readonly string[] } });
    return new FolderError(error?.type === "invalidProperties" ? `invalid-${error.properties?.[0] ?? ""}` : error?.type ?? "serverFail");
}
