// What can be done with a folder. One with a part to play keeps its name and its place.
import type { Id } from "../../core/jmap/types.js";
import { wholeName } from "../model/folders.js";
import { refusalOf } from "../model/folder_work.js";
import type { Imported } from "../model/import.js";
import type { AccountMail } from "../model/account_mail.js";
import { tell } from "../../core/page/notice.js";
import type { Mailbox } from "../model/types.js";
import { words } from "../words/language.js";
import { ask } from "../../core/page/asked.js";
import type { Entry } from "../../core/page/dialog.js";
import { go, route } from "./router.js";

/** The folder that is changed, or the one that another is made in. */
export interface Shaping {
    readonly mailbox?: Mailbox;
    readonly parent?: Id;
}

export function folderMenu(mail: AccountMail, mailbox: Mailbox, shape: (what: Shaping) => void, share: (mailbox: Mailbox) => void): Entry[] {
    const w = words.value;
    const sharing = mailbox.myRights.mayShare ? [{ label: w.share, run: () => share(mailbox) }] : [];
    if (!mail.account.isOwn) return [...(mailbox.myRights.mayAddItems ? [{ label: w.importFiles, run: () => choose(mail, mailbox) }] : []), ...sharing];
    const own = mailbox.role === null && mailbox.myRights.mayRename;
    const emptied = (mailbox.role === "trash" || mailbox.role === "junk") && mailbox.totalEmails > 0;
    return [
        { label: w.newFolderHere, run: () => shape({ parent: mailbox.id }) },
        ...(own ? [{ label: w.changeFolder, run: () => shape({ mailbox }) }] : []),
        ...sharing,
        { label: w.importFiles, run: () => choose(mail, mailbox) },
        ...(mailbox.totalEmails > 0 ? [{ label: w.exportLetters, run: () => takeAway(mail, mailbox) }] : []),
        ...(emptied ? [{ label: w.emptyFolder(w.folder(mailbox)), run: () => void empty(mail, mailbox) }] : []),
        ...(own ? [{ label: w.deleteFolder, run: () => void remove(mail, mailbox) }] : [])];
}

/** The browser saves the letters of a folder as a file. */
function takeAway(mail: AccountMail, mailbox: Mailbox): void {
    const link = document.createElement("a");
    link.href = `/account/export?mailbox=${encodeURIComponent(wholeName(mail.mailboxes.peek(), mailbox))}`;
    link.download = "";
    link.click();
}

/** Files with letters are chosen, and come into a folder. */
function choose(mail: AccountMail, mailbox: Mailbox): void {
    const chooser = document.createElement("input");
    chooser.type = "file";
    chooser.multiple = true;
    chooser.accept = ".eml,.mbox,message/rfc822,application/mbox";
    chooser.onchange = () => void bring(mail, mailbox, [...chooser.files ?? []]);
    chooser.click();
}

async function bring(mail: AccountMail, mailbox: Mailbox, files: readonly File[]): Promise<void> {
    const w = words.peek();
    const ended = new AbortController();
    const said = (count: number) => tell({ text: w.importing(count), action: { label: w.stop, run: () => ended.abort() } }, 3_600_000);
    said(0);
    try {
        const { importFiles } = await import("../model/import.js");
        let all: Imported | undefined;
        const done = await mail.trying(async () => { all = await importFiles(mail.account, files, mailbox.id, ended.signal, said); });
        tell(done && all !== undefined ? { text: w.imported(all.letters, all.failed), bad: all.failed > 0 } : { text: w.unreachable, bad: true });
    } catch {
        tell({ text: w.importStopped, bad: true });
    }
    await mail.trying(() => mail.refresh());
}

async function empty(mail: AccountMail, mailbox: Mailbox): Promise<void> {
    const w = words.peek();
    if (!(await ask(w.emptyFolder(w.folder(mailbox)), w.deleteFinallyText(mailbox.totalEmails), w.deleteFinally))) return;
    await mail.actions.empty(mailbox.id);
}

async function remove(mail: AccountMail, mailbox: Mailbox): Promise<void> {
    const w = words.peek();
    const all = mail.folders.within(mailbox);
    const letters = all.reduce((sum, one) => sum + one.totalEmails, 0);
    if (!(await ask(w.deleteFolder, w.deleteFolderText(mailbox.name, all.length - 1, letters, mail.folders.inTrash(mailbox)), w.deleteFolder))) return;
    const shown = route.peek().mailbox;
    try {
        const done = await mail.trying(() => mail.folders.remove(mailbox));
        tell(done ? { text: w.folderDeleted(mailbox.name) } : { text: w.unreachable, bad: true });
        if (done && all.some(({ id }) => id === shown)) go({}, "replace");
    } catch (error) {
        tell({ text: w.folderProblem(refusalOf(error)), bad: true });
    }
    await mail.trying(() => mail.refresh());
}
