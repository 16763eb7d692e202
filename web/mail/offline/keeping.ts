// Who is signed in on this device, as far as the browser keeps it: to begin without the server, and to forget it all.
import type { Session } from "../../core/jmap/types.js";
import { unsubscribe } from "../account/notifications.js";
import { saveHere } from "../write/saved.js";
import { Database } from "./database.js";
import type { Waits } from "./outgoing.js";

/** Kept in the browser: somebody has left, and the server could not be told yet. */
export const LEAVING = "leaving";

export interface Known {
    readonly session: Session;
    /** When the server was heard last. */
    readonly heard: Date;
}

/** Whose page can be shown though the server does not answer. */
export async function knownHere(): Promise<Known | undefined> {
    const database = await Database.found();
    const [known] = (await database?.get("things", ["session"]) ?? []) as readonly (Known | undefined)[];
    database?.close();
    return known;
}

/** Deletes all that is kept of letters. Letters that were not sent yet are then what their writer has not saved, if they are wanted. */
export async function forgetKept(letters: "keep letters" | "forget letters"): Promise<void> {
    const database = await Database.found();
    if (database !== undefined && letters === "keep letters") {
        const [known] = (await database.get("things", ["session"])) as readonly (Known | undefined)[];
        for (const [name, waits] of (await database.all("outgoing")) as readonly (readonly [string, Waits])[])
            if (known !== undefined && waits.kind === "letter") saveHere({ account: known.session.username, what: `here:${name}`, draft: waits.draft, older: waits.email ?? waits.older });
    }
    database?.close();
    await Database.wipe();
    await unsubscribe();
}
