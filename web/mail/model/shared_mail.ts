// The mail of another account that shares something with who is signed in. Nothing of it is kept in the browser: what one may read of it
// can end at any time.
import type { Signal } from "@preact/signals";
import type { Id, Session } from "../../core/jmap/types.js";
import { Account } from "./account.js";
import { AccountMail } from "./account_mail.js";
import type { Part } from "./types.js";

export class SharedMail extends AccountMail {
    constructor(session: Session, id: Id, signedOut: () => void, threaded: Signal<boolean>, offline: Signal<Date | undefined>) {
        super(new Account(session, undefined, id), signedOut, threaded, offline);
    }

    async refresh(): Promise<void> {
        if (this.actions.busy) return; // it asks at its end
        await this.loadShown();
    }

    async file(part: Part): Promise<Blob | undefined> {
        const answer = await fetch(this.account.download(part, "file")).catch(() => undefined);
        return answer?.ok === true ? answer.blob() : undefined;
    }

    /** Looks without saying so where it fails: then what is shown stays as it is. */
    look(): Promise<unknown> {
        return this.quietly(() => this.refresh());
    }
}

/** The accounts of others in what the session says. */
export function sharedAccounts(session: Session): readonly Id[] {
    return Object.entries(session.accounts).filter(([, account]) => !account.isPersonal).map(([id]) => id);
}
