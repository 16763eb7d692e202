import type { Id } from "../../core/jmap/types.js";
import { when } from "../../core/words/numbers.js";
import { isStarred, isUnread } from "../model/emails.js";
import { labelsOf, nameOf, toneOf } from "../model/labels.js";
import type { AccountMail } from "../model/account_mail.js";
import type { MessageList } from "../model/message_list.js";
import { addressOf } from "../model/route.js";
import { DRAFT, type Row } from "../model/types.js";
import { marked } from "../search/marked.js";
import { words } from "../words/language.js";
import type { MailWords } from "../words/words.js";
import type { Commands } from "./commands.js";
import { Icon, IconButton } from "../../core/page/icons.js";
import { route } from "./router.js";
import { oneLine, printable } from "../../core/text/printable.js";
import { dragLetters } from "./dragging.js";
import { shownName } from "../read/leads.js";

const MOST_LABELS = 3; // in a row

export function ListRow({ mail, commands, list, id, position, top }: {
    mail: AccountMail; commands: Commands; list: MessageList; id: Id | undefined; position: number; top: number;
}) {
    const place = { transform: `translateY(${top}px)` };
    const row = id === undefined ? undefined : mail.emails.row(id).value;
    if (row === undefined || id === undefined) return <li class="row waiting" style={place} aria-hidden="true"><span /><span /><span /></li>;
    const w = words.value;
    const thread = list.query.collapse ? mail.emails.thread(row.threadId).value : undefined;
    const unread = isUnread(row, thread);
    const starred = isStarred(row, thread);
    const chosen = list.selection.has(id);
    const date = new Date(row.receivedAt);
    const own = { who: who(row, mail, w), subject: printable(row.subject ?? "") || w.noSubject, date: when(date, new Date(), w) };
    const found = list.snippets.get(id);
    const letters = thread?.length ?? 1;
    const labels = labelsOf(row.keywords).slice(0, MOST_LABELS);
    const said = [unread ? w.unread : "", row.keywords["$answered"] === true ? w.answered : "", starred ? w.starred : "",
        row.hasAttachment ? w.withAttachment : "", ...labels.map((keyword) => printable(nameOf(keyword, w.commonLabels))), own.who, own.subject, own.date, letters > 1 ? w.letters(letters) : ""].filter((part) => part !== "").join(", ");
    const choose = (event: MouseEvent) => {
        if (event.shiftKey && mail.cursor.peek() !== undefined) range(list, mail.cursor.peek()!, position, !chosen);
        else list.selection.toggle(id);
        mail.cursor.value = id;
        list.touch();
    };
    const mailbox = list.query.mailbox === undefined ? mail.mailboxes.value.get(Object.keys(row.mailboxIds)[0] ?? "") : undefined;
    return <li class={`row${unread ? " unread" : ""}${chosen ? " chosen" : ""}${mail.cursor.value === id ? " current" : ""}`} style={place} draggable
        onDragStart={(event) => dragLetters(event, commands, id)} aria-setsize={list.rows.total} aria-posinset={position + 1} aria-current={route.value.letter === id ? "true" : undefined}>
        <a class="open" href={addressOf(commands.routeOf(id))} aria-label={said} draggable={false} onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            mail.cursor.value = id;
            commands.open(id);
        }} />
        <label class="choice"><input type="checkbox" checked={chosen} aria-label={w.chooseLetter(own.subject)} onClick={choose} />
            <span class="face" aria-hidden="true" data-tone={tone(own.who)}>{initial(own.who)}</span></label>
        <span class="who"><bdi>{own.who}</bdi>{letters > 1 && <span class="letters">{w.count(letters)}</span>}</span>
        <time dateTime={row.receivedAt} title={new Intl.DateTimeFormat(w.language, { dateStyle: "full", timeStyle: "short" }).format(date)}>{own.date}</time>
        <span class="subject">{row.keywords["$answered"] === true && <Icon name="reply" />}{row.keywords["$forwarded"] === true && <Icon name="forward" />}
            {labels.map((keyword) => <span class="label" key={keyword} data-tone={toneOf(keyword)}>{printable(nameOf(keyword, w.commonLabels))}</span>)}
            <bdi>{found?.subject != null ? <Found snippet={found.subject} /> : own.subject}</bdi></span>
        <span class="preview">{mailbox !== undefined && <span class="place">{w.folder(mailbox)}</span>}
            <bdi>{found?.preview != null ? <Found snippet={found.preview} /> : printable(row.preview)}</bdi></span>
        <span class="signs">{row.hasAttachment && <Icon name="clip" />}
            <IconButton icon="star" filled={starred} pressed={starred} label={w.star} class={starred ? "star on" : "star"} disabled={!mail.may("maySetKeywords")} onClick={() => void commands.star(id)} /></span>
    </li>;
}

function Found({ snippet }: { snippet: string }) {
    return <>{marked(snippet).map(({ text, mark }, index) => (mark ? <mark key={index}>{oneLine(text)}</mark> : oneLine(text)))}</>;
}

/** Who wrote; of one's own drafts and what one has sent, who it is for. */
function who(row: Row, mail: AccountMail, w: MailWords): string {
    const name = (addresses: Row["from"]) => (addresses ?? []).map((one) => shownName(one) || printable(one.email)).filter((one) => one !== "").slice(0, 4).join(", ");
    const sent = mail.byRole("sent")?.id;
    if (row.keywords[DRAFT] === true) return w.draftTo(name(row.to));
    if (sent !== undefined && sent in row.mailboxIds && row.to !== null && row.to.length > 0) return w.toWhom(name(row.to));
    return name(row.from) || w.somebody;
}

/** From the cursor to this row, as far as they are known. */
function range(list: MessageList, from: Id, to: number, chosen: boolean): void {
    const start = list.rows.positionOf(from) ?? to;
    const ids = [];
    for (let position = Math.min(start, to); position <= Math.max(start, to); position += 1) {
        const id = list.rows.at(position);
        if (id !== undefined) ids.push(id);
    }
    list.selection.set(ids, chosen);
}

function initial(name: string): string {
    return /[\p{L}\p{N}]/u.exec(name)?.[0].toUpperCase() ?? "?";
}

/** One of eight calm colours, the same for the same name. */
function tone(name: string): number {
    let sum = 0;
    for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) % 9973;
    return sum % 8;
}
