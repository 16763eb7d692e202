import type { Mail } from "../../model/mail.js";
import type { Letter, Part } from "../../model/types.js";
import { attached, isPicture } from "../../read/body.js";
import { printable } from "../../../core/text/printable.js";
import { words } from "../../words/language.js";
import { Icon } from "../../../core/page/icons.js";

const LARGEST_PREVIEW = 15_000_000;
const MOST_SHOWN = 200;

export function Attachments({ mail, letter }: { mail: Mail; letter: Letter }) {
    const w = words.value;
    const parts = attached(letter);
    if (parts.length === 0) return null;
    return <section class="attachments" aria-label={w.attachments}>
        <ul>{parts.slice(0, MOST_SHOWN).map((part, index) => <Attachment key={index} mail={mail} part={part} />)}</ul>
    </section>;
}

/** The server gives every part as a file to keep, whatever it says it is. */
function Attachment({ mail, part }: { mail: Mail; part: Part }) {
    const w = words.value;
    const name = printable(part.name ?? "") || (part.type === "message/rfc822" ? w.enclosedLetter : w.namelessFile);
    const address = mail.account.download(part, part.type === "message/rfc822" ? "letter.eml" : "file");
    const picture = isPicture(part) && part.size <= LARGEST_PREVIEW;
    return <li>
        <a href={address} download={name} title={`${name}, ${w.octets(part.size)}`} aria-label={w.downloadFile(name, w.octets(part.size))}>
            {picture ? <img src={address} alt="" loading="lazy" /> : <span class="kind"><Icon name="file" /><span>{ending(name, part.type)}</span></span>}
            <span class="file-name"><bdi>{name}</bdi></span><span class="file-size">{w.octets(part.size)}</span>
        </a>
    </li>;
}

function ending(name: string, type: string): string {
    return (/\.([a-z0-9]{1,5})$/i.exec(name)?.[1] ?? type.split("/")[1]?.slice(0, 5) ?? "").toUpperCase();
}
