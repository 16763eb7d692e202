// Letters that are to be sent later: each can be taken back, to be changed or not to be sent at all.
import { useEffect, useState } from "preact/hooks";
import type { Mail } from "../model/mail.js";
import { tell } from "../../core/page/notice.js";
import { printable } from "../../core/text/printable.js";
import { words } from "../words/language.js";
import { takeBack } from "../write/desk.js";
import { waitingLetters, type Waiting } from "../write/waiting.js";
import { Dialog } from "../../core/page/dialog.js";
import { go, route } from "./router.js";

export function WaitingLetters({ mail, close }: { mail: Mail; close(): void }) {
    const w = words.value;
    const [all, setAll] = useState<readonly Waiting[]>();
    const load = () => mail.trying(async () => setAll(await waitingLetters(mail.account))).catch(() => setAll([]));
    useEffect(() => void load(), []);
    const back = async ({ submission, email }: Waiting, edit: boolean) => {
        let done = false;
        const asked = await mail.trying(async () => {
            const mailbox = { drafts: await mail.actions.mailbox("drafts"), sent: await mail.actions.mailbox("sent") };
            done = await takeBack(mail.account, { submission, email, held: true }, mailbox);
            await mail.refresh();
        }).catch(() => false);
        tell(done ? { text: w.notSentAfterAll } : { text: asked ? w.goneAlready : w.unreachable, bad: true });
        if (!done || !edit) return void load();
        close();
        go({ ...route.peek(), compose: `draft:${email}` });
    };
    const date = new Intl.DateTimeFormat(w.language, { dateStyle: "full", timeStyle: "short" });
    return <Dialog title={w.waiting} close={close} wide>
        {all === undefined ? <p class="nothing" aria-busy="true" /> : all.length === 0 ? <p class="nothing">{w.nothingWaits}</p> : <ul class="waiting-letters">{all.map((one) => <li key={one.submission}>
            <div><strong><bdi>{printable(one.subject) || w.noSubject}</bdi></strong><span><bdi>{w.toWhom(one.recipients.map(printable).join(", "))}</bdi></span><time dateTime={one.sendAt.toISOString()}>{date.format(one.sendAt)}</time></div>
            <button type="button" class="plain" onClick={() => void back(one, true)}>{w.edit}</button>
            <button type="button" class="plain" onClick={() => void back(one, false)}>{w.doNotSend}</button></li>)}</ul>}
    </Dialog>;
}
