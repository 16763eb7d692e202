import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Id } from "../../core/jmap/types.js";
import type { Folder } from "../model/folders.js";
import type { AccountMail } from "../model/account_mail.js";
import { addressOf } from "../model/route.js";
import type { Mailbox } from "../model/types.js";
import { words } from "../words/language.js";
import { Menu } from "../../core/page/dialog.js";
import { dragFolder, drop, takes } from "./dragging.js";
import { folderMenu, type Shaping } from "./folder_menu.js";
import { Icon, type IconName } from "../../core/page/icons.js";
import { follow } from "./router.js";

const ICONS: { readonly [role: string]: IconName } = { inbox: "inbox", drafts: "drafts", sent: "sent", archive: "archive", junk: "junk", trash: "trash" };

/** The folders, which take what is dropped on them; below is the place of those that are in no other. */
export function FolderList({ mail, listed, current, shape, share, showDeleted }: {
    mail: AccountMail; listed: readonly Folder[]; current: Id | undefined; shape(what: Shaping): void; share(mailbox: Mailbox): void; showDeleted?: () => void;
}) {
    return <>
        <ul>{listed.map(({ mailbox, depth }) => <FolderLink key={mailbox.id} mail={mail} mailbox={mailbox} depth={depth}
            current={mailbox.id === current} shape={shape} share={share} />)}</ul>
        {showDeleted !== undefined && <DropPlace mail={mail} folder={undefined} class="folders-end">
            <button type="button" class="folder" onClick={showDeleted}><Icon name="restore" /><span class="name">{words.value.deleted}</span></button>
            <button type="button" class="folder" onClick={() => shape({})}><Icon name="plus" /><span class="name">{words.value.newFolder}</span></button>
        </DropPlace>}
    </>;
}

/** Where letters and folders can be dropped; nothing: the place of folders that are in no other. */
function DropPlace({ mail, folder, class: also, children }: { mail: AccountMail; folder: Id | undefined; class: string; children: ComponentChildren }) {
    const [over, setOver] = useState(false);
    const able = takes(mail, folder);
    return <div class={`${also}${able ? " takes" : ""}${able && over ? " over" : ""}`} onDragOver={(event) => {
        if (!takes(mail, folder)) return;
        event.preventDefault();
        if (!over) setOver(true);
    }} onDragLeave={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false); }}
    onDrop={(event) => { setOver(false); drop(event, mail, folder); }}>{children}</div>;
}

function FolderLink({ mail, mailbox, depth, current, shape, share }: {
    mail: AccountMail; mailbox: Mailbox; depth: number; current: boolean; shape(what: Shaping): void; share(mailbox: Mailbox): void;
}) {
    const w = words.value;
    const name = w.folder(mailbox);
    const to = { ...mail.account.place, mailbox: mailbox.id };
    const unread = mailbox.role === "drafts" ? mailbox.totalEmails : mailbox.role === "trash" || mailbox.role === "sent" ? 0 : mailbox.unreadEmails;
    const entries = () => folderMenu(mail, mailbox, shape, share);
    const depthClass = `depth-${Math.min(depth, 6)}`;
    if (!mail.account.isOwn && !mailbox.myRights.mayReadItems) return <li><span class={`folder ${depthClass}`}><Icon name="folder" /><span class="name" title={name}>{name}</span></span></li>; // the way to what can be read
    return <li><DropPlace mail={mail} folder={mailbox.id} class="folder-line">
        <a href={addressOf(to)} draggable={mail.account.isOwn && mailbox.role === null} onDragStart={(event) => dragFolder(event, mailbox.id, name)} class={`folder ${depthClass}${unread > 0 && mailbox.role !== "drafts" ? " unread" : ""}`}
            aria-current={current ? "page" : undefined} onClick={(event) => follow(event, to)}>
            <Icon name={ICONS[mailbox.role ?? ""] ?? "folder"} /><span class="name" title={name}>{name}</span>
            {unread > 0 && <span class="count" aria-label={mailbox.role === "drafts" ? w.letters(unread) : w.unreadCount(unread)}>{w.count(unread)}</span>}
        </a>
        {entries().length > 0 && <Menu icon="more" label={w.folderMenu(name)} entries={entries} class="folder-menu" floating />}
    </DropPlace></li>;
}
