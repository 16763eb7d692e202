// Letters that a person has as files come into a folder: brought up one after the other, and taken in by the server in batches (RFC 8621 §4.8).
import type { Id } from "../../core/jmap/types.js";
import type { Account } from "./account.js";
import { isMbox, messagesOf, unquoted } from "./mbox.js";

const AT_ONCE = 20;

export interface Imported {
    readonly letters: number;
    readonly failed: number;
}

/** Takes in all messages of the files; `progress` is told how many there are by now. Throws what Client and `upload` throw: what was
 *  taken in before then is there. */
export async function importFiles(account: Account, files: readonly File[], mailbox: Id, ended: AbortSignal, progress: (letters: number) => void): Promise<Imported> {
    let letters = 0;
    let failed = 0;
    let waiting: Id[] = [];
    const take = async () => {
        if (waiting.length === 0) return;
        const emails = Object.fromEntries(waiting.map((blobId, at) => [`m${at}`, { blobId, mailboxIds: { [mailbox]: true }, keywords: { $seen: true } }]));
        const done = await account.ask((batch, accountId) => batch.call("Email/import", { accountId, emails }), (answers, call) => Object.keys(answers.of(call)["created"] ?? {}).length);
        letters += done;
        failed += waiting.length - done;
        waiting = [];
        progress(letters);
    };
    for await (const message of messagesIn(files)) {
        ended.throwIfAborted();
        if (message.size > account.largestUpload || message.size === 0) {
            failed += 1;
            continue;
        }
        waiting.push((await account.upload(message, () => undefined, ended)).blobId);
        if (waiting.length === AT_ONCE) await take();
    }
    await take();
    return { letters, failed };
}

async function* messagesIn(files: readonly File[]): AsyncGenerator<Blob> {
    for (const file of files) {
        if (!(await isMbox(file))) yield new Blob([file], { type: "message/rfc822" });
        else for await (const { start, end } of messagesOf(file))
            yield new Blob([unquoted(new Uint8Array(await file.slice(start, end).arrayBuffer()))], { type: "message/rfc822" });
    }
}
