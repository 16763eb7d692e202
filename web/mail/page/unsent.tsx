// Letters that wait for a connection: each can be changed, or left out.
import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../../core/page/dialog.js";
import { tell } from "../../core/page/notice.js";
import { printable } from "../../core/text/printable.js";
import type { Mail } from "../model/mail.js";
import type { LetterWaits } from "../offline/outgoing.js";
import { words } from "../words/language.js";
import { recipients } from "../write/draft.js";
import { forgetHere, saveHere } from "../write/saved.js";
import { go, route } from "./router.js";

export function UnsentLetters({ mail, close }: { mail: Mail; close(): void }) {
    const w = words.value;
    const [all, setAll] = useState<readonly (readonly [string, LetterWaits])[]>();
    const unsent = mail.unsent.value;
    useEffect(() => void mail.outgoing?.waiting().then((waiting) => setAll(waiting.filter((one): one is readonly [string, LetterWaits] => one[1].kind === "letter"))), [unsent]);
    const take = async (name: string, edit: boolean) => {
        const letter = await mail.outgoing?.take(name);
        if (letter === undefined) return tell({ text: w.goneAlready, bad: true });
        const what = `here:${name}`;
        if (!edit) return forgetHere(mail.account.address, what);
        saveHere({ account: mail.account.address, what, draft: letter.draft, older: letter.email ?? letter.older });
        close();
        go({ ...route.peek(), compose: what });
    };
    return <Dialog title={w.unsent} close={close} wide>
        {all === undefined ? <p class="nothing" aria-busy="true" /> : all.length === 0 ? <p class="nothing">{w.nothingWaits}</p> : <ul class="waiting-letters">{all.map(([name, { draft, refused, tried }]) => <li key={name}>
            <div><strong><bdi>{printable(draft.subject) || w.noSubject}</bdi></strong><span><bdi>{w.toWhom(recipients(draft).map(printable).join(", "))}</bdi></span>
                {refused !== undefined ? <span class="bad">{w.notSentBecause(refused.type, refused)}</span> : tried && <span>{w.beingSent}</span>}</div>
            <button type="button" class="plain" onClick={() => void take(name, true)}>{w.edit}</button>
            <button type="button" class="plain" onClick={() => void take(name, false)}>{w.discard}</button></li>)}</ul>}
    </Dialog>;
}
