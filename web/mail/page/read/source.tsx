import { useEffect, useState } from "preact/hooks";
import type { AccountMail } from "../../model/account_mail.js";
import type { Letter } from "../../model/types.js";
import { words } from "../../words/language.js";
import { Dialog } from "../../../core/page/dialog.js";

const MOST_SHOWN = 300_000; // octets

/** The letter as it came, or its header alone. */
export function Source({ mail, letter, close }: { mail: AccountMail; letter: Letter; close(): void }) {
    const w = words.value;
    const [text, setText] = useState<string>();
    const [whole, setWhole] = useState(false);
    const address = mail.account.source(letter);
    useEffect(() => {
        const load = async () => {
            const answer = await fetch(address, { headers: { Range: `bytes=0-${MOST_SHOWN - 1}` } });
            setText(answer.ok ? new TextDecoder().decode(await answer.arrayBuffer()) : w.failed);
        };
        load().catch(() => setText(w.unreachable));
    }, [address]);
    const end = text?.search(/\r?\n\r?\n/) ?? -1;
    const shown = text === undefined ? "" : whole || end < 0 ? text : text.slice(0, end);
    return <Dialog title={w.source} close={close} wide>
        <div class="source-choice">
            <label><input type="radio" name="part" checked={!whole} onChange={() => setWhole(false)} />{w.header}</label>
            <label><input type="radio" name="part" checked={whole} onChange={() => setWhole(true)} />{w.wholeLetter}</label>
            <a href={address} download="letter.eml">{w.downloadLetter}</a>
        </div>
        <pre class="source" tabIndex={0}>{shown.replaceAll(/[\u202a-\u202e\u2066-\u2069]/gu, "\ufffd")}{whole && letter.size > MOST_SHOWN ? "\n…" : ""}</pre>
    </Dialog>;
}
