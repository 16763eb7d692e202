// Who may do what in a mailbox (RFC 9670), as somebody who may share it changes it.
import { PRINCIPALS, type Arguments, type Id, type Json } from "../../core/jmap/types.js";
import type { AccountMail } from "./account_mail.js";
import { failed } from "./folder_work.js";
import { rightsOf, type Level } from "./rights.js";
import type { Mailbox } from "./types.js";

/** Somebody whom a mailbox can be shared with. */
export interface Person {
    readonly id: Id;
    readonly email: string;
}

export class Sharing {
    constructor(private readonly mail: AccountMail) {}

    /** Those whom a mailbox is shared with, by address. Throws what Client throws; so do all others. */
    async people(mailbox: Mailbox): Promise<readonly Person[]> {
        const ids = Object.keys(mailbox.shareWith ?? {});
        if (ids.length === 0) return [];
        const list = await this.mail.account.ask((batch) => batch.call("Principal/get", { accountId: this.own, ids, properties: ["email"] }), (answers, call) => peopleIn(answers.of(call)));
        const known = new Map(list.map((person) => [person.id, person]));
        return ids.map((id) => known.get(id) ?? { id, email: "" }).sort((a, b) => (a.email < b.email ? -1 : 1));
    }

    /** Who has an address; nothing if nobody here has. */
    async find(address: string): Promise<Person | undefined> {
        const wanted = address.trim().toLowerCase();
        const found = await this.mail.account.ask((batch) => {
            const query = batch.call("Principal/query", { accountId: this.own, filter: { email: wanted } });
            return batch.call("Principal/get", { accountId: this.own, "#ids": query.at("/ids"), properties: ["email"] });
        }, (answers, call) => peopleIn(answers.of(call)));
        return found.find(({ email }) => email.toLowerCase() === wanted);
    }

    /** Gives somebody a level of rights instead of what was there; nothing takes all of it away. Throws FolderError, too. */
    async give(mailbox: Mailbox, person: Id, level: Level | undefined): Promise<void> {
        const rights = level === undefined ? null : (rightsOf(level) as unknown as Json);
        const patch: Arguments = mailbox.shareWith == null ? { shareWith: { [person]: rights } } : { [`shareWith/${person}`]: rights }; // in nothing there is no place (RFC 8620 §5.3)
        const answer = await this.mail.account.ask((batch, accountId) => batch.call("Mailbox/set", { accountId, update: { [mailbox.id]: patch } }),
            (answers, call) => answers.of(call));
        if (!(mailbox.id in ((answer["updated"] as object | null) ?? {}))) throw failed(answer["notUpdated"]);
        await this.mail.loadMailboxes();
    }

    /** Principals are asked for in one's own account. */
    private get own(): Id {
        return this.mail.account.session.primaryAccounts[PRINCIPALS] ?? "";
    }
}

function peopleIn(answer: Arguments): readonly Person[] {
    return answer["list"] as unknown as readonly Person[];
}
