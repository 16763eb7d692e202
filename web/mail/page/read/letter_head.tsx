import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { labelsOf, nameOf, toneOf } from "../../model/labels.js";
import type { AccountMail } from "../../model/account_mail.js";
import type { Letter, Row } from "../../model/types.js";
import { printable } from "../../../core/text/printable.js";
import { shownName } from "../../read/leads.js";
import { senderOf } from "../../read/verdicts.js";
import { words } from "../../words/language.js";
import type { Address } from "../../write/address.js";
import { Icon, IconButton } from "../../../core/page/icons.js";

/** Who wrote to whom and when, and who it really came from. */
export function LetterHead({ mail, row, letter, toggle, children }: {
    mail: AccountMail; row: Row; letter: Letter | undefined; toggle: (() => void) | undefined; children: ComponentChildren;
}) {
    const w = words.value;
    const [details, setDetails] = useState(false);
    const from = row.from?.[0];
    const name = from === undefined ? "" : shownName(from);
    const sent = [letter?.sentAt, row.receivedAt].map((date) => new Date(date ?? "")).find((date) => !Number.isNaN(date.getTime())); // an enclosed letter may have neither
    const date = sent === undefined ? "" : new Intl.DateTimeFormat(w.language, { dateStyle: "long", timeStyle: "short" }).format(sent);
    const to = [...(row.to ?? []), ...(letter?.cc ?? [])];
    return <header class="letter-head">
        <div class="from">
            <strong><bdi>{name || printable(from?.email ?? "") || w.somebody}</bdi></strong>
            {name !== "" && <span class="address"><bdi>{printable(from?.email ?? "")}</bdi></span>}
            {labelsOf(row.keywords).map((keyword) => <span class="label" key={keyword} data-tone={toneOf(keyword)}>{printable(nameOf(keyword, w.commonLabels))}</span>)}
            {letter !== undefined && from !== undefined && <Verdict mail={mail} letter={letter} email={from.email} />}
        </div>
        <div class="letter-tools">{children}{toggle !== undefined && <IconButton icon="up" label={w.fold} onClick={toggle} />}</div>
        <div class="under">
            <button type="button" class="to" aria-expanded={details} onClick={() => setDetails(!details)}>
                <span><bdi>{to.length === 0 ? w.toNobody : w.toWhom(to.slice(0, 3).map((one) => shownName(one) || printable(one.email)).join(", ")
                    + (to.length > 3 ? w.andOthers(to.length - 3) : ""))}</bdi></span><Icon name="down" />
            </button>
            <time dateTime={row.receivedAt}>{date}</time>
        </div>
        {details && letter !== undefined && <dl class="details">
            <Line name={w.from} people={letter.from} /><Line name={w.sender} people={letter.sender} /><Line name={w.replyTo} people={letter.replyTo} />
            <Line name={w.to} people={letter.to} /><Line name={w.cc} people={letter.cc} /><Line name={w.bcc} people={letter.bcc} />
            <div><dt>{w.date}</dt><dd>{date}</dd></div>
        </dl>}
    </header>;
}

function Line({ name, people }: { name: string; people: readonly Address[] | null }) {
    if (people === null || people.length === 0) return null;
    const most = 200;
    return <div><dt>{name}</dt><dd><bdi>{people.slice(0, most).map(written).join(", ")}{people.length > most && words.value.andOthers(people.length - most)}</bdi></dd></div>;
}

function written({ name, email }: Address): string {
    const plain = printable(name ?? "");
    return plain === "" ? printable(email) : `${plain} <${printable(email)}>`;
}

/** Who it really came from, in words: nothing is said of one's own letters. */
function Verdict({ mail, letter, email }: { mail: AccountMail; letter: Letter; email: string }) {
    const w = words.value;
    const domain = printable(email.slice(email.lastIndexOf("@") + 1)).toLowerCase();
    const fields = letter["header:Authentication-Results:asRaw:all"];
    if (fields.length === 0) return null;
    const sender = senderOf(fields, mail.account.server, domain);
    const said = sender.kind === "proven" ? w.proven(sender.domain) : sender.kind === "vouched" ? w.vouched(sender.domain, sender.signers.map(printable).join(", "))
        : sender.kind === "forged" ? w.forged(sender.domain) : w.unproven(sender.domain);
    const short = sender.kind === "proven" ? w.provenShort : sender.kind === "vouched" ? w.vouchedShort : sender.kind === "forged" ? w.forgedShort : w.unprovenShort;
    return <details class={`verdict ${sender.kind}`}>
        <summary><Icon name={sender.kind === "proven" ? "shield" : sender.kind === "forged" ? "warn" : "question"} />{short}</summary><p>{said}</p>
    </details>;
}
