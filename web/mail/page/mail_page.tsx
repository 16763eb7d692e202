// The page of who is signed in: folders, list and letter side by side as far as there is room; on a phone one of them at a time.
import { useEffect, useMemo, useState } from "preact/hooks";
import { lazy } from "../../core/page/lazy.js";
import { ask } from "../../core/page/asked.js";
import { isSignedIn, signOut } from "../../core/page/session.js";
import { Mail } from "../model/mail.js";
import { forgetKept, LEAVING, type Known } from "../offline/keeping.js";
import { tell } from "../../core/page/notice.js";
import { forgetAllowed } from "../read/pictures.js";
import { forgetDrafts, savedHere } from "../write/saved.js";
import { words } from "../words/language.js";
import { Commands } from "./commands.js";
import { Keys } from "./help.js";
import { useKeys } from "./use_keys.js";
import { forgetLabels } from "./label_menu.js";
import { ListView } from "./list_view.js";
import { keep } from "../../core/page/kept.js";
import { NoticeLine } from "../../core/page/notice_line.js";
import { Reader } from "./reader.js";
import { back, go, route, withoutCompose } from "./router.js";
import { Sidebar } from "./sidebar.js";

const DAY = 86_400_000;
const Composer = lazy(() => import("./compose/composer.js").then((part) => part.Composer));

export function MailPage({ known: { session, heard }, signedOut }: { known: Known; signedOut(): void }) {
    const mail = useMemo(() => new Mail(session, signedOut, heard), []);
    const { account, mailbox, search, letter, compose } = route.value;
    const other = account === undefined ? undefined : mail.shared.value.get(account);
    const shown = other ?? mail;
    const commands = useMemo(() => new Commands(shown), [shown]);
    const ready = mail.mailboxes.value.size > 0;
    const known = shown.mailboxes.value.size > 0;
    const [drawer, setDrawer] = useState(false);
    const [help, setHelp] = useState(false);
    useEffect(() => {
        void mail.begin();
        const unsaved = savedHere(mail.account.address);
        if (unsaved !== undefined && route.peek().compose === undefined && mail.account.canSend)
            tell({ text: words.peek().unsavedFound, action: { label: words.peek().openIt, run: () => go({ ...route.peek(), compose: unsaved.what }) } }, 60_000);
        const again = setInterval(() => void mail.trying(async () => { if (!(await isSignedIn())) signedOut(); }), DAY); // gets a new cookie
        return () => {
            clearInterval(again);
            mail.close();
        };
    }, []);
    const elsewhere = account !== undefined && other === undefined; // it shares nothing any more
    useEffect(() => { if (elsewhere) go({}, "replace"); }, [elsewhere]);
    useEffect(() => { if (letter === undefined) void other?.look(); }, [other, mailbox, letter === undefined]); // also where the server tells of no changes of others
    const { first } = shown;
    const threaded = mail.threaded.value;
    useEffect(() => { if (known && !elsewhere) shown.show(search === undefined ? mailbox ?? first : undefined, search); }, [known, elsewhere, shown, mailbox, first, search, threaded]);
    useEffect(() => {
        if (!known || elsewhere) return;
        void mail.trying(() => shown.letters.show(letter, threaded && search === undefined));
        if (letter !== undefined) shown.cursor.value = letter;
    }, [known, elsewhere, shown, letter, threaded, search]);
    useEffect(() => setDrawer(false), [account, mailbox, search, letter]);
    useKeys(commands, () => setHelp(true));
    useTitle(mail);

    const leave = async () => {
        const unsent = mail.unsent.peek().length;
        if (unsent > 0 && !(await ask(words.peek().signOut, words.peek().unsentText(unsent), words.peek().signOut))) return;
        keep(LEAVING, "yes"); // where the server does not hear it now, it is told before anything else
        await mail.trying(async () => { await signOut(); keep(LEAVING, undefined); }).catch(() => undefined);
        await forgetKept("forget letters");
        forgetDrafts();
        forgetAllowed();
        forgetLabels();
        signedOut();
    };
    const state = `${letter === undefined ? "listing" : "reading"}${drawer ? " drawer-open" : ""}`;
    return <div class={`page ${state}`}>
        <Sidebar mail={mail} help={() => setHelp(true)} leave={() => void leave()} closeDrawer={() => setDrawer(false)} />
        <ListView key={`list ${shown.account.id}`} mail={shown} commands={commands} openDrawer={() => setDrawer(true)} />
        <Reader key={`reader ${shown.account.id}`} mail={shown} commands={commands} />
        {compose !== undefined && ready
            && <Composer mail={mail} what={compose} key={compose} close={() => back(withoutCompose(route.peek()))} />}
        {mail.offline.value !== undefined && <p class="offline" role="status">{words.value.offline(since(mail.offline.value))}{mail.unsent.value.length > 0 && ` ${words.value.changesWait(mail.unsent.value.length)}`}</p>}
        {!ready && mail.offline.value !== undefined && <div class="lone first-answer"><p>{words.value.noAnswerYet}</p>
            <button type="button" class="primary" onClick={() => mail.comeBackNow()}>{words.value.tryAgain}</button></div>}
        <NoticeLine />
        {help && <Keys close={() => setHelp(false)} />}
    </div>;
}

/** A moment of today, or its day, too. */
function since(moment: Date): string {
    const today = moment.toDateString() === new Date().toDateString();
    return new Intl.DateTimeFormat(words.value.language, { ...(today ? {} : { dateStyle: "medium" }), timeStyle: "short" }).format(moment);
}

/** The tab says what is shown, and how much is unread in the inbox. */
function useTitle(mail: Mail): void {
    const inbox = mail.byRole("inbox");
    const unread = inbox?.unreadEmails ?? 0;
    useEffect(() => {
        document.title = `${unread > 0 ? `(${words.peek().count(unread)}) ` : ""}Tegami`;
    }, [unread]);
}
