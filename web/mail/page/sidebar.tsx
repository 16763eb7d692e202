import { useEffect, useMemo, useState } from "preact/hooks";
import { folders } from "../model/folders.js";
import type { Imported } from "../model/import.js";
import { refusalOf } from "../model/folder_work.js";
import type { Mail } from "../model/mail.js";
import { tell } from "../model/notice.js";
import type { Mailbox } from "../model/types.js";
import { LANGUAGES, speak, words } from "../words/language.js";
import { ask } from "./asked.js";
import type { Commands } from "./commands.js";
import { Menu, type Entry } from "./dialog.js";
import { dragFolder, drop, takes } from "./dragging.js";
import { Icon, type IconName } from "./icons.js";
import { lazy } from "./lazy.js";
import { follow, go, route } from "./router.js";
import { addressOf } from "../model/route.js";
import type { ComponentChildren } from "preact";
import type { Id } from "../../core/jmap/types.js";

const ICONS: { readonly [role: string]: IconName } = { inbox: "inbox", drafts: "drafts", sent: "sent", archive: "archive", junk: "junk", trash: "trash" };

const Identities = lazy(() => import("./identities.js").then((part) => part.Identities));
const WaitingLetters = lazy(() => import("./waiting.js").then((part) => part.WaitingLetters));
const AccountDialog = lazy(() => import("./account/account_dialog.js").then((part) => part.AccountDialog));
const FolderDialog = lazy(() => import("./folder_dialog.js").then((part) => part.FolderDialog));

/** The folder that is changed, or the one that another is made in. */
interface Shaping {
    readonly mailbox?: Mailbox;
    readonly parent?: Id;
}

export function Sidebar({ mail, commands, help, leave, closeDrawer }: { mail: Mail; commands: Commands; help(): void; leave(): void; closeDrawer(): void }) {
    const w = words.value;
    const [shaping, setShaping] = useState<Shaping>();
    const [naming, setNaming] = useState(false);
    const [own, setOwn] = useState(false);
    const [waiting, setWaiting] = useState(false);
    const listed = useMemo(() => folders(mail.mailboxes.value.values(), w.language), [mail.mailboxes.value, w]);
    const { mailbox: shown, search } = route.value;
    const current = search === undefined ? shown ?? mail.byRole("inbox")?.id : undefined;
    useEffect(() => {
        const pressed = (event: KeyboardEvent) => { if (event.key === "Escape") closeDrawer(); };
        addEventListener("keydown", pressed);
        return () => removeEventListener("keydown", pressed);
    }, []);
    const settings: Entry[] = [
        { label: w.threads, checked: mail.threaded.value, run: () => mail.setThreaded(!mail.threaded.peek()) },
        ...LANGUAGES.map((language) => ({ label: language.ownName, checked: language === w, run: () => speak(language) })),
        ...(mail.account.canSend ? [{ label: w.identities, run: () => setNaming(true) }] : []),
        { label: w.ownAccount, run: () => setOwn(true) },
        { label: w.keys, hint: "?", run: help },
        { label: w.signOut, run: leave }];
    return <>
        <div class="shade" onClick={closeDrawer} aria-hidden="true" />
        <aside class="sidebar">
            <div class="brand">Tegami</div>
            {mail.account.canSend && <button type="button" class="primary compose" title={`${w.write} (c)`} onClick={() => go({ ...route.peek(), compose: "new" })}>
                <Icon name="write" />{w.write}</button>}
            <nav aria-label={w.folders}>
                {mail.waiting.value > 0 && <button type="button" class="folder waits" onClick={() => setWaiting(true)}><Icon name="clock" /><span class="name">{w.waiting}</span>
                    <span class="count">{w.count(mail.waiting.value)}</span></button>}
                <ul>{listed.map(({ mailbox, depth }) => <FolderLink key={mailbox.id} mail={mail} commands={commands} mailbox={mailbox} depth={depth}
                    current={mailbox.id === current} shape={setShaping} />)}</ul>
                <DropPlace mail={mail} commands={commands} folder={undefined} class="folders-end">
                    <button type="button" class="folder" onClick={() => setShaping({})}><Icon name="add" /><span class="name">{w.newFolder}</span></button>
                </DropPlace>
            </nav>
            <Menu label={w.settings} entries={settings} class="account">
                <span class="account-name">{mail.account.address}</span><Icon name="more" />
            </Menu>
        </aside>
        {waiting && <WaitingLetters mail={mail} close={() => setWaiting(false)} />}
        {own && <AccountDialog mail={mail} close={() => setOwn(false)} />}
        {naming && <Identities mail={mail} close={() => setNaming(false)} />}
        {shaping !== undefined && <FolderDialog mail={mail} mailbox={shaping.mailbox} parent={shaping.parent} close={() => setShaping(undefined)} />}
    </>;
}

/** Where letters and folders can be dropped; nothing: the place of folders that are in no other. */
function DropPlace({ mail, commands, folder, class: also, children }: { mail: Mail; commands: Commands; folder: Id | undefined; class: string; children: ComponentChildren }) {
    const [over, setOver] = useState(false);
    const able = takes(mail, folder);
    return <div class={`${also}${able ? " takes" : ""}${able && over ? " over" : ""}`} onDragOver={(event) => {
        if (!takes(mail, folder)) return;
        event.preventDefault();
        if (!over) setOver(true);
    }} onDragLeave={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false); }}
    onDrop={(event) => { setOver(false); drop(event, mail, commands, folder); }}>{children}</div>;
}

function FolderLink({ mail, commands, mailbox, depth, current, shape }: {
    mail: Mail; commands: Commands; mailbox: Mailbox; depth: number; current: boolean; shape(what: Shaping): void;
}) {
    const w = words.value;
    const name = w.folder(mailbox);
    const to = { mailbox: mailbox.id };
    const unread = mailbox.role === "drafts" ? mailbox.totalEmails : mailbox.role === "trash" || mailbox.role === "sent" ? 0 : mailbox.unreadEmails;
    return <li><DropPlace mail={mail} commands={commands} folder={mailbox.id} class="folder-line">
        <a href={addressOf(to)} draggable={mailbox.role === null} onDragStart={(event) => dragFolder(event, mailbox.id, name)} class={`folder depth-${Math.min(depth, 6)}${unread > 0 && mailbox.role !== "drafts" ? " unread" : ""}`}
            aria-current={current ? "page" : undefined} onClick={(event) => follow(event, to)}>
            <Icon name={ICONS[mailbox.role ?? ""] ?? "folder"} /><span class="name" title={name}>{name}</span>
            {unread > 0 && <span class="count" aria-label={mailbox.role === "drafts" ? w.letters(unread) : w.unreadCount(unread)}>{w.count(unread)}</span>}
        </a>
        <Menu icon="more" label={w.folderMenu(name)} entries={() => entries(mail, mailbox, shape)} class="folder-menu" floating />
    </DropPlace></li>;
}

/** What can be done with a folder. One with a part to play keeps its name and its place. */
function entries(mail: Mail, mailbox: Mailbox, shape: (what: Shaping) => void): Entry[] {
    const w = words.value;
    const own = mailbox.role === null && mailbox.myRights.mayRename;
    const emptied = (mailbox.role === "trash" || mailbox.role === "junk") && mailbox.totalEmails > 0;
    return [
        { label: w.newFolderHere, run: () => shape({ parent: mailbox.id }) },
        ...(own ? [{ label: w.changeFolder, run: () => shape({ mailbox }) }] : []),
        { label: w.importFiles, run: () => choose(mail, mailbox) },
        ...(emptied ? [{ label: w.emptyFolder(w.folder(mailbox)), run: () => void empty(mail, mailbox) }] : []),
        ...(own ? [{ label: w.deleteFolder, run: () => void remove(mail, mailbox) }] : [])];
}

/** Files with letters are chosen, and come into a folder. */
function choose(mail: Mail, mailbox: Mailbox): void {
    const chooser = document.createElement("input");
    chooser.type = "file";
    chooser.multiple = true;
    chooser.accept = ".eml,.mbox,message/rfc822,application/mbox";
    chooser.onchange = () => void bring(mail, mailbox, [...chooser.files ?? []]);
    chooser.click();
}

async function bring(mail: Mail, mailbox: Mailbox, files: readonly File[]): Promise<void> {
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

async function empty(mail: Mail, mailbox: Mailbox): Promise<void> {
    const w = words.peek();
    if (!(await ask(w.emptyFolder(w.folder(mailbox)), w.deleteForEverText(mailbox.totalEmails), w.deleteForEver))) return;
    await mail.actions.empty(mailbox.id);
}

async function remove(mail: Mail, mailbox: Mailbox): Promise<void> {
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
