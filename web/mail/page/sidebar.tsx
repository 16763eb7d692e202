import { useEffect, useMemo, useState } from "preact/hooks";
import { Menu, type Entry } from "../../core/page/dialog.js";
import { Icon } from "../../core/page/icons.js";
import { lazy } from "../../core/page/lazy.js";
import { roleHere } from "../../core/page/session.js";
import { LANGUAGES, speak } from "../../core/words/language.js";
import { areOn, canNotify, renew, turnOff, turnOn } from "../account/notifications.js";
import { tell } from "../../core/page/notice.js";
import { folders } from "../model/folders.js";
import type { AccountMail } from "../model/account_mail.js";
import type { Mail } from "../model/mail.js";
import type { Mailbox } from "../model/types.js";
import { words } from "../words/language.js";
import { FolderList } from "./folder_list.js";
import type { Shaping } from "./folder_menu.js";
import { go, route } from "./router.js";

const Identities = lazy(() => import("./identities.js").then((part) => part.Identities));
const WaitingLetters = lazy(() => import("./waiting.js").then((part) => part.WaitingLetters));
const AccountDialog = lazy(() => import("./account/account_dialog.js").then((part) => part.AccountDialog));
const UnsentLetters = lazy(() => import("./unsent.js").then((part) => part.UnsentLetters));
const DeletedLetters = lazy(() => import("./deleted_letters.js").then((part) => part.DeletedLetters));
const ShareDialog = lazy(() => import("./share_dialog.js").then((part) => part.ShareDialog));
const FolderDialog = lazy(() => import("./folder_dialog.js").then((part) => part.FolderDialog));

export function Sidebar({ mail, help, leave, closeDrawer }: { mail: Mail; help(): void; leave(): void; closeDrawer(): void }) {
    const w = words.value;
    const [shaping, setShaping] = useState<Shaping>();
    const [sharing, setSharing] = useState<{ readonly mail: AccountMail; readonly mailbox: Mailbox }>();
    const [naming, setNaming] = useState(false);
    const [own, setOwn] = useState(false);
    const [waiting, setWaiting] = useState(false);
    const [deleted, setDeleted] = useState(false);
    const [unsentShown, setUnsentShown] = useState(false);
    const unsent = mail.unsent.value.filter(({ kind }) => kind === "letter").length;
    const listed = useMemo(() => folders(mail.mailboxes.value.values(), w.language), [mail.mailboxes.value, w]);
    const { account, mailbox: shown, search } = route.value;
    const current = (of: AccountMail) => (search === undefined && account === of.account.place.account ? shown ?? of.first : undefined);
    useEffect(() => {
        const pressed = (event: KeyboardEvent) => { if (event.key === "Escape") closeDrawer(); };
        addEventListener("keydown", pressed);
        return () => removeEventListener("keydown", pressed);
    }, []);
    const [role, setRole] = useState("user");
    useEffect(() => void roleHere().then(setRole), []);
    const [notified, setNotified] = useState(false);
    const shelf = mail.shelf;
    useEffect(() => {
        if (shelf === undefined || !canNotify(mail.account.session)) return;
        void areOn(shelf).then(setNotified);
        void mail.trying(() => renew(mail.account, shelf, w)).catch(() => undefined);
    }, [shelf]);
    const notify = async (on: boolean) => {
        let allowed = true;
        const done = await mail.trying(async () => { if (on) allowed = await turnOn(mail.account, shelf!, w); else await turnOff(mail.account, shelf!); }).catch(() => undefined);
        if (done === true) setNotified(on && allowed);
        if (!allowed || done !== true) tell({ text: !allowed ? w.notificationsBlocked : done === undefined ? w.failed : w.unreachable, bad: true });
    };
    const settings: Entry[] = [
        { label: w.threads, checked: mail.threaded.value, run: () => mail.setThreaded(!mail.threaded.peek()) },
        ...LANGUAGES.map((language) => ({ label: language.ownName, checked: language.language === w.language, run: () => speak(language) })),
        ...(shelf !== undefined && canNotify(mail.account.session) ? [{ label: w.notifications, checked: notified, run: () => void notify(!notified) }] : []),
        ...(mail.account.canSend ? [{ label: w.identities, run: () => setNaming(true) }] : []),
        { label: w.ownAccount, run: () => setOwn(true) },
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
                {mail.waiting.value > 0 && <button type="button" class="folder waits" onClick={() => setWaiting(true)}><Icon name="clock" /><span class="name">{w.waiting}</span>
                    <span class="count">{w.count(mail.waiting.value)}</span></button>}
                {unsent > 0 && <button type="button" class="folder waits" onClick={() => setUnsentShown(true)}><Icon name="clock" /><span class="name">{w.unsent}</span>
                    <span class="count">{w.count(unsent)}</span></button>}
                <FolderList mail={mail} listed={listed} current={current(mail)} shape={setShaping} share={(mailbox) => setSharing({ mail, mailbox })} showDeleted={() => setDeleted(true)} />
                {[...mail.shared.value.values()].filter((other) => other.mailboxes.value.size > 0).map((other) => <section key={other.account.id} class="others" aria-label={other.account.owner}>
                    <h2 title={other.account.owner}><bdi>{other.account.owner}</bdi></h2>
                    <FolderList mail={other} listed={folders(other.mailboxes.value.values(), w.language)} current={current(other)} shape={setShaping} share={(mailbox) => setSharing({ mail: other, mailbox })} />
                </section>)}
            </nav>
            {role !== "user" && <a class="folder" href="/admin/"><Icon name="shield" /><span class="name">{w.administration}</span></a>}
            <Menu label={w.settings} entries={settings} class="account">
                <span class="account-name">{mail.account.address}</span><Icon name="more" />
            </Menu>
        </aside>
        {waiting && <WaitingLetters mail={mail} close={() => setWaiting(false)} />}
        {unsentShown && <UnsentLetters mail={mail} close={() => setUnsentShown(false)} />}
        {deleted && <DeletedLetters mail={mail} close={() => setDeleted(false)} />}
        {own && <AccountDialog mail={mail} close={() => setOwn(false)} />}
        {naming && <Identities mail={mail} close={() => setNaming(false)} />}
        {sharing !== undefined && <ShareDialog {...sharing} close={() => setSharing(undefined)} />}
        {shaping !== undefined && <FolderDialog mail={mail} mailbox={shaping.mailbox} parent={shaping.parent} close={() => setShaping(undefined)} />}
    </>;
}
