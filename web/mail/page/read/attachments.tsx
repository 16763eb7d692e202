import { useState } from "preact/hooks";
import type { AccountMail } from "../../model/account_mail.js";
import type { Letter, Part } from "../../model/types.js";
import { LARGEST_FILE } from "../../offline/kept_mail.js";
import { attached, isLetter, isPicture, isText } from "../../read/body.js";
import { printable } from "../../../core/text/printable.js";
import { words } from "../../words/language.js";
import { tell } from "../../../core/page/notice.js";
import { Icon, IconButton } from "../../../core/page/icons.js";
import { lazy } from "../../../core/page/lazy.js";

const LARGEST_PREVIEW = 15_000_000;
const MOST_SHOWN = 200;
const LONGEST_SAVING = 60_000; // milliseconds until the browser has it

const FileView = lazy(() => import("./file_view.js").then((part) => part.FileView));

export function Attachments({ mail, letter }: { mail: AccountMail; letter: Letter }) {
    const w = words.value;
    const parts = attached(letter);
    if (parts.length === 0) return null;
    return <section class="attachments" aria-label={w.attachments}>
        <ul>{parts.slice(0, MOST_SHOWN).map((part, index) => <Attachment key={index} mail={mail} part={part} />)}</ul>
    </section>;
}

/** The server gives every part as a file to keep, whatever it says it is. */
function Attachment({ mail, part }: { mail: AccountMail; part: Part }) {
    const w = words.value;
    const name = printable(part.name ?? "") || (part.type === "message/rfc822" ? w.enclosedLetter : w.namelessFile);
    const address = mail.account.download(part, part.type === "message/rfc822" ? "letter.eml" : "file");
    const picture = isPicture(part) && part.size <= LARGEST_PREVIEW;
    const [shown, setShown] = useState(false);
    const viewable = part.blobId !== null && part.size <= LARGEST_PREVIEW && (isPicture(part) || isText(part) || isLetter(part));
    return <li>
        <a href={address} download={name} title={`${name}, ${w.octets(part.size)}`} aria-label={w.downloadFile(name, w.octets(part.size))} onClick={(event) => {
            if (part.blobId === null || part.size > LARGEST_FILE) return; // the browser's own affair
            event.preventDefault();
            void save(mail, part, name);
        }}>
            {picture ? <img src={address} alt="" loading="lazy" /> : <span class="kind"><Icon name="file" /><span>{ending(name, part.type)}</span></span>}
            <span class="file-name"><bdi>{name}</bdi></span><span class="file-size">{w.octets(part.size)}</span>
        </a>
        {viewable && <IconButton icon="read" label={w.showFile(name)} class="show-file" onClick={() => setShown(true)} />}
        {shown && <FileView mail={mail} part={part} name={name} close={() => setShown(false)} />}
    </li>;
}

/** Through the page, which keeps it: what was opened is there without connection. */
async function save(mail: AccountMail, part: Part, name: string): Promise<void> {
    const file = await mail.file(part);
    if (file === undefined) return tell({ text: words.peek().unreachable, bad: true });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), LONGEST_SAVING);
}

function ending(name: string, type: string): string {
    return (/\.([a-z0-9]{1,5})$/i.exec(name)?.[1] ?? type.split("/")[1]?.slice(0, 5) ?? "").toUpperCase();
}
