// An answer to an invitation as it will be sent.
import { useState } from "preact/hooks";
import { Dialog } from "../../../core/page/dialog.js";
import { tell } from "../../../core/page/notice.js";
import { printable } from "../../../core/text/printable.js";
import type { AccountMail } from "../../model/account_mail.js";
import type { Letter } from "../../model/types.js";
import type { Answerable } from "../../read/calendar.js";
import { words } from "../../words/language.js";
import { typedAddresses } from "../../write/address_list.js";
import { Refused } from "../../write/desk.js";
import { sendAnswer, type Coming, type Guest } from "../../write/invitation_answer.js";

export interface Asked {
    readonly answer: Answerable;
    readonly guest: Guest;
    readonly coming: Coming;
}

export function AnswerDialog({ mail, letter, asked: { answer, guest, coming }, close }: { mail: AccountMail; letter: Letter; asked: Asked; close(): void }) {
    const w = words.value;
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<string>();
    const title = printable(answer.title) || w.noSubject;
    const subject = w.answerSubject(coming, title);
    const text = w.answerText(coming, printable(guest.from.name ?? "") || guest.from.email, title);
    const send = async (event: SubmitEvent) => {
        event.preventDefault();
        const comment = String(new FormData(event.currentTarget as HTMLFormElement).get("comment")).trim();
        setBusy(true);
        setProblem(undefined);
        try {
            const done = await mail.trying(async () => {
                const mailbox = { drafts: await mail.actions.mailbox("drafts"), sent: await mail.actions.mailbox("sent") };
                await sendAnswer(mail.account, { asked: answer, guest, coming, subject, text, comment, about: letter }, mailbox);
                await mail.refresh();
            });
            if (done) {
                tell({ text: w.answerSent });
                return close();
            }
            setProblem(w.answerNotSent);
        } catch (error) {
            setProblem(error instanceof Refused ? w.notSentBecause(error.type, error.details) : w.failed);
        }
        setBusy(false);
    };
    const lines = [[w.from, typedAddresses([guest.from])], [w.to, printable(answer.organizer)], [w.subject, subject]] as const;
    return <Dialog title={w.answerInvitation} close={close}>
        <form class="fields" onSubmit={(event) => void send(event)}>
            <dl class="answer-letter">{lines.map(([name, value]) => <div key={name}><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div>)}</dl>
            <p><bdi>{text}</bdi></p>
            <label>{w.comment}<textarea name="comment" rows={3} maxLength={1_000} /></label>
            <p class="bad" role="alert">{problem}</p>
            <footer><button type="button" class="plain" onClick={close}>{w.cancel}</button><button type="submit" class="primary" disabled={busy}>{w.send}</button></footer>
        </form>
    </Dialog>;
}
