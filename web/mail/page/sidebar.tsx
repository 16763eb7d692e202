import { useEffect, useMemo, useState } from "preact/hooks";
import { roleHere } from "../../core/page/session.js";
import { folders } from "../model/folders.js";
import type { Mail } from "../model/mail.js";
import type { Mailbox } from "../model/types.js";
import { LANGUAGES, speak } from "../../core/words/language.js";
import { words } from "../words/language.js";
import { Menu, type Entry } from "../../core/page/dialog.js";
import { Icon, type IconName } from "../../core/page/icons.js";
import { follow, go, route } from "./router.js";
import { addressOf } from "../model/route.js";

const ICONS: { readonly [role: string]: IconName } = { inbox: "inbox", drafts: "drafts", sent: "sent", archive: "archive", junk: "junk", trash: "trash" };

export function Sidebar({ mail, help, leave, closeDrawer }: { mail: Mail; help(): void; leave(): void; closeDrawer(): void }) {
    const w = words.value;
    const listed = useMemo(() => folders(mail.mailboxes.value.values(), w.language), [mail.mailboxes.value, w]);
    const { mailbox: shown, search } = route.value;
    const current = search === undefined ? shown ?? mail.byRole("inbox")?.id : undefined;
    useEffect(() => {
        const pressed = (event: KeyboardEvent) => { if (event.key === "Escape") closeDrawer(); };
        addEventListener("keydown", pressed);
        return () => removeEventListener("keydown", pressed);
    }, []);
    const [role, setRole] = useState("user");
    useEffect(() => void roleHere().then(setRole), []);
    const settings: Entry[] = [
        { label: w.threads, checked: mail.threaded.value, run: () => mail.setThreaded(!mail.threaded.peek()) },
        ...LANGUAGES.map((language) => ({ label: language.ownName, checked: language.language === w.language, run: () => speak(language) })),
        { label: w.keys, hint: "?", run: help },
        { label: w.whereLetters, run: () => location.assign("/admin/letters") },
        { label: w.signOut, run: leave }];
    return <>
        <div class="shade" onClick={closeDrawer} aria-hidden="true" />
        <aside class="sidebar">
            <div class="brand">Tegami</div>
            {mail.account.canSend && <button type="button" class="primary compose" title={`${w.write} (c)`} onClick={() => go({ ...route.peek(), compose: "new" })}>
                <Icon name="write" />{w.write}</button>}
            <nav aria-label={w.folders}>
                <ul>{listed.map(({ mailbox, depth }) => <FolderLink key={mailbox.id} mailbox={mailbox} depth={depth} current={mailbox.id === current} />)}</ul>
            </nav>
            {role !== "user" && <a class="folder" href="/admin/"><Icon name="shield" /><span class="name">{w.administration}</span></a>}
            <Menu label={w.settings} entries={settings} class="account">
                <span class="account-name">{mail.account.address}</span><Icon name="more" />
            </Menu>
        </aside>
    </>;
}

function FolderLink({ mailbox, depth, current }: { mailbox: Mailbox; depth: number; current: boolean }) {
    const w = words.value;
    const name = w.folder(mailbox);
    const to = { mailbox: mailbox.id };
    const unread = mailbox.role === "drafts" ? mailbox.totalEmails : mailbox.role === "trash" || mailbox.role === "sent" ? 0 : mailbox.unreadEmails;
    return <li>
        <a href={addressOf(to)} class={`folder depth-${Math.min(depth, 6)}${unread > 0 && mailbox.role !== "drafts" ? " unread" : ""}`}
            aria-current={current ? "page" : undefined} onClick={(event) => follow(event, to)}>
            <Icon name={ICONS[mailbox.role ?? ""] ?? "folder"} /><span class="name" title={name}>{name}</span>
            {unread > 0 && <span class="count" aria-label={mailbox.role === "drafts" ? w.letters(unread) : w.unreadCount(unread)}>{w.count(unread)}</span>}
        </a>
    </li>;
}
