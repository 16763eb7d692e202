// The open letter, with its thread.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Id } from "../../core/jmap/types.js";
import type { AccountMail } from "../model/account_mail.js";
import { SEEN } from "../model/types.js";
import { printable } from "../../core/text/printable.js";
import { words } from "../words/language.js";
import type { Commands } from "./commands.js";
import { IconButton } from "../../core/page/icons.js";
import { LetterTools } from "./list_bar.js";
import { LetterView } from "./read/letter_view.js";
import { route } from "./router.js";

export function Reader({ mail, commands }: { mail: AccountMail; commands: Commands }) {
    const w = words.value;
    const { letter } = route.value;
    const list = mail.list.value;
    if (letter === undefined || list === undefined) return <section class="reader none" aria-label={w.letter}><p>{w.nothingOpen}</p></section>;
    return <section class="reader" aria-label={w.letter}>
        <div class="reader-bar">
            <IconButton icon="back" label={w.backToList} hint="u" onClick={() => commands.closeLetter()} />
            <div class="tools"><LetterTools mail={mail} commands={commands} list={list} /></div>
        </div>
        <Thread mail={mail} commands={commands} opened={letter} />
    </section>;
}

function Thread({ mail, commands, opened }: { mail: AccountMail; commands: Commands; opened: Id }) {
    const w = words.value;
    const ids = mail.letters.thread.value;
    const row = mail.emails.row(opened).value;
    const title = useRef<HTMLHeadingElement>(null);
    const [toggled, setToggled] = useState<ReadonlyMap<Id, boolean>>(new Map());
    const [openAtFirst, setOpenAtFirst] = useState<ReadonlySet<Id>>(new Set([opened]));
    useEffect(() => {
        setToggled(new Map());
        title.current?.focus({ preventScroll: true });
    }, [opened]);
    // The letter asked for is open, and what was unread when the thread was opened; those stay open when they are read.
    useEffect(() => {
        setOpenAtFirst((before) => new Set([opened, ...ids.filter((id) => before.has(id) || mail.emails.row(id).peek()?.keywords[SEEN] !== true)]));
    }, [opened, ids]);
    const subject = printable(row?.subject ?? "") || w.noSubject;
    return <div class="thread">
        <h1 class="thread-subject" ref={title} tabIndex={-1}><bdi>{row === undefined ? "" : subject}</bdi></h1>
        {ids.map((id, index) => {
            const open = toggled.get(id) ?? openAtFirst.has(id);
            return <LetterView key={id} mail={mail} commands={commands} id={id} open={open} alone={ids.length === 1} last={index === ids.length - 1}
                toggle={() => setToggled(new Map([...toggled, [id, !open]]))} />;
        })}
    </div>;
}
