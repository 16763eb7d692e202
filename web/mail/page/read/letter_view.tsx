// One letter of a thread: closed it is a line, open it has head, body and attachments, and is read.
import { useEffect, useState } from "preact/hooks";
import type { Id } from "../../../core/jmap/types.js";
import { when } from "../../../core/words/numbers.js";
import type { AccountMail } from "../../model/account_mail.js";
import { tell } from "../../../core/page/notice.js";
import { DRAFT, SEEN, STARRED, type Letter } from "../../model/types.js";
import { printable } from "../../../core/text/printable.js";
import { shownName } from "../../read/leads.js";
import { words } from "../../words/language.js";
import { ask } from "../../../core/page/asked.js";
import type { Commands } from "../commands.js";
import { Menu, type Entry } from "../../../core/page/dialog.js";
import { Icon, IconButton } from "../../../core/page/icons.js";
import { lazy } from "../../../core/page/lazy.js";
import { go, route } from "../router.js";
import { Attachments } from "./attachments.js";
import { LetterBody } from "./letter_body.js";
import { LetterHead } from "./letter_head.js";
import { Source } from "./source.js";
import { isHtml } from "../../read/body.js";
import { leaveList, unsubscribe, type Unsubscribe } from "../../read/unsubscribe.js";
import { mailto } from "../../write/mailto.js";

const InvitationCard = lazy(() => import("./invitation_card.js").then((part) => part.InvitationCard));

type View = "best" | "text";

export function LetterView({ mail, commands, id, open, alone, last, toggle }: { mail: AccountMail; commands: Commands; id: Id; open: boolean; alone: boolean; last: boolean; toggle(): void }) {
    const w = words.value;
    const row = mail.emails.row(id).value;
    const letter = mail.letters.letter(id).value;
    const [gone, setGone] = useState(false);
    const [view, setView] = useState<View>("best");
    const [source, setSource] = useState(false);
    const [missing, setMissing] = useState(false);
    const offline = mail.offline.value !== undefined;
    useEffect(() => {
        if (open) void mail.trying(async () => { if (!(await mail.letters.load(id))) setGone(true); }).then((done) => setMissing(!done));
    }, [open, id, offline]);
    useEffect(() => {
        if (open && letter !== undefined && row?.keywords[SEEN] !== true) void commands.shown(row ?? letter);
    }, [open, letter === undefined, id]);
    if (gone) return <p class="nothing">{w.letterGone}</p>;
    if (row === undefined) return <article class="letter" aria-busy="true" />;
    const starred = row.keywords[STARRED] === true;
    const from = row.from?.[0];
    const sender = (from === undefined ? "" : shownName(from) || printable(from.email)) || w.somebody;
    if (!open)
        return <article class="letter closed">
            <button type="button" class="closed-line" aria-expanded={false} onClick={toggle}>
                <span class="who"><bdi>{sender}</bdi></span><span class="preview"><bdi>{printable(row.preview)}</bdi></span>
                {row.hasAttachment && <Icon name="clip" />}<time dateTime={row.receivedAt}>{when(new Date(row.receivedAt), new Date(), w)}</time>
            </button>
        </article>;
    const write = (what: string) => go({ ...route.peek(), compose: `${what}:${commands.composed(id)}` });
    const more: Entry[] = letter === undefined ? [] : [
        ...(mail.account.canSend ? [{ label: w.replyAll, icon: "replyAll" as const, run: () => write("all") }, { label: w.forward, icon: "forward" as const, run: () => write("forward") }] : []),
        ...(isHtml(letter) ? [{ label: view === "text" ? w.asWritten : w.asText, run: () => setView(view === "text" ? "best" : "text") }] : []),
        { label: w.downloadLetter, icon: "download" as const, run: () => download(mail, letter) },
        { label: w.source, run: () => setSource(true) },
        ...(mail.account.isOwn && letter.messageId?.[0] !== undefined ? [{ label: w.whereLetter, run: () => location.assign(`/admin/letters?q=${encodeURIComponent(letter.messageId![0]!)}`) }] : []),
        { label: w.print, icon: "print" as const, run: () => print() },
        ...(mail.account.isOwn ? leave(mail, letter) : []),
        { label: w.fromThisPerson, icon: "search" as const, run: () => go({ ...mail.account.place, search: `from:${from?.email ?? ""}` }) }];
    return <article class="letter" aria-label={w.letterFrom(sender)}>
        <LetterHead mail={mail} row={row} letter={letter} toggle={alone ? undefined : toggle}>
            <IconButton icon="star" filled={starred} pressed={starred} label={w.star} hint="s" class={starred ? "star on" : "star"} disabled={!mail.may("maySetKeywords")} onClick={() => void commands.star(id)} />
            {mail.account.canSend && <IconButton icon="reply" label={w.reply} hint="r" onClick={() => write("reply")} />}
            <Menu icon="more" label={w.more} entries={more} />
        </LetterHead>
        {letter === undefined ? missing && offline ? <p class="nothing">{w.notKeptHere}</p> : <div class="letter-wait" aria-busy="true"><span /><span /><span /></div> : <Open mail={mail} letter={letter} text={view === "text"} />}
        {letter !== undefined && last && mail.account.canSend && <footer class="answers">
            {row.keywords[DRAFT] === true
                ? mail.account.isOwn && <button type="button" class="plain" onClick={() => write("draft")}><Icon name="write" />{w.goOnWriting}</button>
                : <><button type="button" class="plain" onClick={() => write("reply")}><Icon name="reply" />{w.reply}</button>
                    {people(letter) > 1 && <button type="button" class="plain" onClick={() => write("all")}><Icon name="replyAll" />{w.replyAll}</button>}
                    <button type="button" class="plain" onClick={() => write("forward")}><Icon name="forward" />{w.forward}</button></>}
        </footer>}
        {source && letter !== undefined && <Source mail={mail} letter={letter} close={() => setSource(false)} />}
    </article>;
}

/** How the list that it came through is left: in one step by our server, which looks whether the letter was signed, or by a page or a letter. */
function leave(mail: AccountMail, letter: Letter): Entry[] {
    const field = letter["header:List-Unsubscribe:asRaw"];
    const way = unsubscribe(field, letter["header:List-Unsubscribe-Post:asText"], true);
    if (way === undefined) return [];
    return [{ label: words.value.unsubscribe, run: () => {
        if (way.kind === "one-click") void leaveInOneStep(mail, letter, unsubscribe(field, null, false));
        else goElsewhere(way);
    } }];
}

async function leaveInOneStep(mail: AccountMail, letter: Letter, otherwise: Unsubscribe | undefined): Promise<void> {
    const w = words.peek();
    const sender = letter.from?.[0];
    if (!(await ask(w.unsubscribe, w.unsubscribeText(printable(sender?.name?.trim() || sender?.email || "") || w.somebody), w.unsubscribe))) return;
    let left = false;
    const asked = await mail.trying(async () => { left = await leaveList(letter.id); });
    if (left) tell({ text: w.unsubscribed });
    else if (!asked) tell({ text: w.unreachable, bad: true });
    else tell({ text: w.notUnsubscribed, bad: true, ...(otherwise === undefined ? {} : { action: { label: w.otherWay, run: () => goElsewhere(otherwise) } }) });
}

function goElsewhere(way: Unsubscribe): void {
    if (way.kind === "letter") go({ ...route.peek(), compose: mailto(way) });
    else window.open(way.address, "_blank", "noopener,noreferrer");
}

function Open({ mail, letter, text }: { mail: AccountMail; letter: Letter; text: boolean }) {
    const calendar = letter.attachments.find(({ type, blobId }) => type === "text/calendar" && blobId !== null);
    return <>
        {calendar !== undefined && <InvitationCard mail={mail} letter={letter} part={calendar} />}
        <LetterBody mail={mail} letter={letter} text={text} />
        <Attachments mail={mail} letter={letter} />
    </>;
}

function download(mail: AccountMail, letter: Letter): void {
    const link = document.createElement("a");
    link.href = mail.account.source(letter);
    link.download = "letter.eml";
    link.click();
}

/** How many would get an answer to all. */
function people(letter: Letter): number {
    return (letter.from?.length ?? 0) + (letter.to?.length ?? 0) + (letter.cc?.length ?? 0) - 1;
}
