// The page of who is signed in: folders, list and letter side by side as far as there is room; on a phone one of them at a time.
import { useEffect, useMemo, useState } from "preact/hooks";
import { lazy } from "../../core/page/lazy.js";
import { isSignedIn, signOut } from "../../core/page/session.js";
import type { Session } from "../../core/jmap/types.js";
import { Mail } from "../model/mail.js";
import { tell } from "../../core/page/notice.js";
import { forgetAllowed } from "../read/pictures.js";
import { forgetDrafts, savedHere } from "../write/saved.js";
import { words } from "../words/language.js";
import { Commands } from "./commands.js";
import { Keys } from "./help.js";
import { useKeys } from "./use_keys.js";
import { forgetLabels } from "./label_menu.js";
import { ListView } from "./list_view.js";
import { NoticeLine } from "../../core/page/notice_line.js";
import { Reader } from "./reader.js";
import { back, go, route, withoutCompose } from "./router.js";
import { Sidebar } from "./sidebar.js";

const DAY = 86_400_000;
const Composer = lazy(() => import("./compose/composer.js").then((part) => part.Composer));

export function MailPage({ session, signedOut }: { session: Session; signedOut(): void }) {
    const mail = useMemo(() => new Mail(session, signedOut), []);
    const commands = useMemo(() => new Commands(mail), []);
    const ready = mail.mailboxes.value.size > 0;
    const [drawer, setDrawer] = useState(false);
    const [help, setHelp] = useState(false);
    useEffect(() => {
        void mail.trying(() => mail.loadMailboxes());
        void mail.trying(() => mail.loadWaiting()).catch(() => undefined);
        const unsaved = savedHere(mail.account.address);
        if (unsaved !== undefined && route.peek().compose === undefined && mail.account.canSend)
            tell({ text: words.peek().unsavedFound, action: { label: words.peek().openIt, run: () => go({ ...route.peek(), compose: unsaved.what }) } }, 60_000);
        const again = setInterval(() => void mail.trying(async () => { if (!(await isSignedIn())) signedOut(); }), DAY); // gets a new cookie
        return () => {
            clearInterval(again);
            mail.close();
        };
    }, []);
    const { mailbox, search, letter, compose } = route.value;
    const inbox = mail.byRole("inbox")?.id;
    const threaded = mail.threaded.value;
    useEffect(() => { if (ready) mail.show(search === undefined ? mailbox ?? inbox : undefined, search); }, [ready, mailbox, inbox, search, threaded]);
    useEffect(() => {
        if (!ready) return;
        void mail.trying(() => mail.letters.show(letter, threaded && search === undefined));
        if (letter !== undefined) mail.cursor.value = letter;
    }, [ready, letter, threaded, search]);
    useEffect(() => setDrawer(false), [mailbox, search, letter]);
    useKeys(commands, () => setHelp(true));
    useTitle(mail);

    const leave = async () => {
        await mail.trying(signOut);
        forgetDrafts();
        forgetAllowed();
        forgetLabels();
        signedOut();
    };
    const state = `${letter === undefined ? "listing" : "reading"}${drawer ? " drawer-open" : ""}`;
    return <div class={`page ${state}`}>
        <Sidebar mail={mail} commands={commands} help={() => setHelp(true)} leave={() => void leave()} closeDrawer={() => setDrawer(false)} />
        <ListView mail={mail} commands={commands} openDrawer={() => setDrawer(true)} />
        <Reader mail={mail} commands={commands} />
        {compose !== undefined && ready
            && <Composer mail={mail} what={compose} key={compose} close={() => back(withoutCompose(route.peek()))} />}
        {mail.offline.value && <p class="offline" role="status">{words.value.offline}</p>}
        <NoticeLine />
        {help && <Keys close={() => setHelp(false)} />}
    </div>;
}

/** The tab says what is shown, and how much is unread in the inbox. */
function useTitle(mail: Mail): void {
    const inbox = mail.byRole("inbox");
    const unread = inbox?.unreadEmails ?? 0;
    useEffect(() => {
        document.title = `${unread > 0 ? `(${words.peek().count(unread)}) ` : ""}Tegami`;
    }, [unread]);
}
