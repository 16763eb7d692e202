// An attached file, shown without leaving the page: a picture, a text, or an enclosed letter.
import { useEffect, useState } from "preact/hooks";
import { printable } from "../../../core/text/printable.js";
import { Dialog } from "../../../core/page/dialog.js";
import type { AccountMail } from "../../model/account_mail.js";
import { LETTER, PART, type Letter, type Part } from "../../model/types.js";
import { isLetter, isPicture, textOfFile } from "../../read/body.js";
import { words } from "../../words/language.js";
import { Attachments } from "./attachments.js";
import { LetterBody } from "./letter_body.js";
import { LetterHead } from "./letter_head.js";
import { PlainText } from "./plain_text.js";

const MOST_TEXT = 500_000; // octets

type Shown = { readonly picture: string } | { readonly text: string } | { readonly letter: Letter } | "nothing";

export function FileView({ mail, part, name, close }: { mail: AccountMail; part: Part; name: string; close(): void }) {
    const w = words.value;
    const [shown, setShown] = useState<Shown>();
    useEffect(() => {
        let picture: string | undefined;
        const load = async (): Promise<Shown> => {
            if (isLetter(part)) return enclosedLetter(mail, part);
            const file = await mail.file(part);
            if (file === undefined) return "nothing";
            if (!isPicture(part)) return { text: textOfFile(await file.slice(0, MOST_TEXT).arrayBuffer(), part.charset) };
            return { picture: picture = URL.createObjectURL(file.slice(0, file.size, part.type)) };
        };
        load().then(setShown, () => setShown("nothing"));
        return () => { if (picture !== undefined) URL.revokeObjectURL(picture); };
    }, [part]);
    return <Dialog title={name} close={close} wide>
        <div class="file-view" aria-busy={shown === undefined}>
            {shown === "nothing" && <p class="nothing" role="alert">{w.unreachable}</p>}
            {typeof shown === "object" && "picture" in shown && <img src={shown.picture} alt={name} />}
            {typeof shown === "object" && "text" in shown && <>
                <PlainText text={shown.text} flowed={false} delSp={false} />
                {part.size > MOST_TEXT && <p class="cut">{w.cut}</p>}
            </>}
            {typeof shown === "object" && "letter" in shown && <article class="letter">
                <h3>{printable(shown.letter.subject ?? "") || w.noSubject}</h3>
                <LetterHead mail={mail} row={shown.letter} letter={shown.letter} toggle={undefined}>{null}</LetterHead>
                <LetterBody mail={mail} letter={shown.letter} text={false} />
                <Attachments mail={mail} letter={shown.letter} />
            </article>}
        </div>
    </Dialog>;
}

/** Of what it says about who sent it nothing is believed: anybody may have written that. */
async function enclosedLetter(mail: AccountMail, part: Part): Promise<Shown> {
    const properties = LETTER.filter((name) => !["id", "threadId", "mailboxIds", "keywords", "receivedAt"].includes(name));
    const parsed = await mail.account.ask((batch, accountId) => batch.call("Email/parse", { accountId, blobIds: [part.blobId], properties, bodyProperties: PART,
        fetchTextBodyValues: true, fetchHTMLBodyValues: true, maxBodyValueBytes: MOST_TEXT }),
    (answers, call) => (answers.of(call)["parsed"] as unknown as { readonly [blob: string]: Letter } | null)?.[part.blobId ?? ""]);
    if (parsed === undefined) return "nothing";
    return { letter: { ...parsed, id: "", threadId: "", mailboxIds: {}, keywords: {}, receivedAt: parsed.sentAt ?? "", "header:Authentication-Results:asRaw:all": [] } };
}
