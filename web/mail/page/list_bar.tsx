// What can be done with the chosen letters, or with the list where none is chosen.
import { folders } from "../model/folders.js";
import type { AccountMail } from "../model/account_mail.js";
import type { MessageList } from "../model/message_list.js";
import { words } from "../words/language.js";
import type { Commands } from "./commands.js";
import { Menu, type Entry } from "../../core/page/dialog.js";
import { IconButton } from "../../core/page/icons.js";
import { LabelMenu } from "./label_menu.js";

export function ListBar({ mail, commands, list, title }: { mail: AccountMail; commands: Commands; list: MessageList; title: string }) {
    void list.changed.value;
    const w = words.value;
    const total = list.rows.total;
    const chosen = list.selection.count(total);
    const all = () => {
        if (chosen === total) list.selection.none();
        else list.selection.all();
        list.touch();
    };
    const nothing = () => {
        list.selection.none();
        list.touch();
    };
    return <div class="list-bar">
        <input type="checkbox" class="all" checked={chosen > 0 && chosen === total} indeterminate={chosen > 0 && chosen < total} disabled={total === 0}
            aria-label={w.chooseAll} title={w.chooseAll} onClick={all} />
        {chosen === 0 ? <><h1><bdi>{title}</bdi></h1><span class="total">{list.state.value === "known" ? list.query.collapse ? w.conversations(total) : w.letters(total) : ""}</span></>
            : <><span class="total" role="status" aria-label={w.chosen(chosen)} title={w.chosen(chosen)}>{w.count(chosen)}</span>
                <div class="tools"><LetterTools mail={mail} commands={commands} list={list} />
                    <IconButton icon="close" label={w.chooseNothing} onClick={nothing} /></div></>}
    </div>;
}

/** Buttons for what is chosen, or for the open letter. */
export function LetterTools({ mail, commands, list }: { mail: AccountMail; commands: Commands; list: MessageList }) {
    const w = words.value;
    const here = list.query.mailbox === undefined ? undefined : mail.mailboxes.value.get(list.query.mailbox);
    const inJunk = here?.role === "junk";
    const others = places(mail, commands, here?.id);
    return <>
        {commands.mayArchive && <IconButton icon="archive" label={w.archive} hint="e" onClick={() => void commands.archive()} disabled={here?.role === "archive"} />}
        {commands.mayRemove && <IconButton icon="trash" label={here?.role === "trash" ? w.deleteFinally : w.delete} hint="#" onClick={() => void commands.remove()} />}
        {commands.mayJunk(!inJunk) && <IconButton icon={inJunk ? "inbox" : "junk"} label={inJunk ? w.notJunk : w.junk} hint={inJunk ? undefined : "!"} onClick={() => void commands.junk(!inJunk)} />}
        {mail.may("maySetSeen") && <IconButton icon="unread" label={w.keyReadOrUnread} hint="Shift+N" onClick={() => void commands.toggleRead()} />}
        {mail.may("maySetKeywords") && <LabelMenu mail={mail} commands={commands} />}
        {others.length > 0 && <Menu icon="move" label={w.move} entries={others} />}
    </>;
}

function places(mail: AccountMail, commands: Commands, here: string | undefined): Entry[] {
    const w = words.value;
    if (!mail.may("mayRemoveItems")) return [];
    return folders(mail.mailboxes.value.values(), w.language).filter(({ mailbox }) => mail.takes(mailbox) && mailbox.id !== here && mailbox.role !== "drafts" && mailbox.role !== "sent")
        .map(({ mailbox, depth }) => ({ label: w.folder(mailbox), depth, run: () => void commands.move(mailbox.id) }));
}
