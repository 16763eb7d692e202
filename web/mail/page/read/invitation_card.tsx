import { useEffect, useState } from "preact/hooks";
import type { AccountMail } from "../../model/account_mail.js";
import type { Letter, Part } from "../../model/types.js";
import { invitations, type Invitation, type Moment } from "../../read/calendar.js";
import { words } from "../../words/language.js";
import type { MailWords } from "../../words/words.js";
import { identitiesOf } from "../../write/desk.js";
import { COMING, guestOf, keywordOf, type Coming } from "../../write/invitation_answer.js";
import type { Identity } from "../../write/reply.js";
import { AnswerDialog, type Asked } from "./answer_dialog.js";

const LARGEST = 200_000; // octets that are looked at
const MOST_SHOWN = 20; // guests

/** What a letter invites to, and the answer to it, which is a letter of one's own. */
export function InvitationCard({ mail, letter, part }: { mail: AccountMail; letter: Letter; part: Part }) {
    const [found, setFound] = useState<readonly Invitation[]>([]);
    const [identities, setIdentities] = useState<readonly Identity[]>([]);
    const [answering, setAnswering] = useState<Asked>();
    const asks = mail.account.isOwn && mail.account.canSend && found.some(({ answer }) => answer !== undefined);
    useEffect(() => {
        if (asks) void mail.trying(async () => setIdentities(await identitiesOf(mail.account))).catch(() => undefined); // then nothing is offered
    }, [asks]);
    const address = mail.account.download(part, "invitation.ics");
    useEffect(() => {
        const load = async () => {
            const answer = await fetch(address, { headers: { Range: `bytes=0-${LARGEST - 1}` } });
            if (answer.ok) setFound(invitations(new TextDecoder().decode((await answer.arrayBuffer()).slice(0, LARGEST))));
        };
        load().catch(() => undefined); // it is among the attachments all the same
    }, [address]);
    const keywords = mail.emails.row(letter.id).value?.keywords ?? letter.keywords;
    const said = COMING.find((coming) => keywords[keywordOf(coming)] === true);
    return <>
        {found.map((one, index) => <Event key={index} event={one} said={said} answer={answerTo(one, identities, (asked) => setAnswering(asked))} />)}
        {answering !== undefined && <AnswerDialog mail={mail} letter={letter} asked={answering} close={() => setAnswering(undefined)} />}
    </>;
}

/** Nothing where none is asked for of whoever reads it. */
function answerTo({ answer }: Invitation, identities: readonly Identity[], answered: (asked: Asked) => void): ((coming: Coming) => void) | undefined {
    const guest = answer && guestOf(answer, identities);
    return answer && guest && ((coming) => answered({ answer, guest, coming }));
}

function Event({ event, said, answer }: { event: Invitation; said: Coming | undefined; answer: ((coming: Coming) => void) | undefined }) {
    const w = words.value;
    const lines = [[w.when, when(event, w)], [w.repeats, event.repeats === undefined ? "" : repeats(event, w)], [w.place, event.place], [w.invitedBy, event.organizer],
        [w.guests, event.guests.slice(0, MOST_SHOWN).join(", ") + (event.guests.length > MOST_SHOWN ? w.andOthers(event.guests.length - MOST_SHOWN) : "")]] as const;
    return <section class={event.cancelled ? "invitation cancelled" : "invitation"} aria-label={w.invitation}>
        <h2><bdi>{event.title || w.noSubject}</bdi></h2>
        {event.cancelled && <p class="bad">{w.cancelled}</p>}
        <dl>{lines.filter(([, value]) => value !== "").map(([name, value]) => <div key={name}><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div>)}</dl>
        {said !== undefined && <p class="said" role="status">{w.youSaid(said)}</p>}
        {answer !== undefined && !event.cancelled && <div class="coming" role="group" aria-label={w.answerInvitation}>{COMING.map((coming) =>
            <button key={coming} type="button" class="plain" aria-pressed={said === coming} onClick={() => answer(coming)}>{w.coming(coming)}</button>)}</div>}
    </section>;
}

function when({ begins, ends, foreignZone }: Invitation, w: MailWords): string {
    if (begins === undefined) return "";
    const format = new Intl.DateTimeFormat(w.language, begins.wholeDay ? { dateStyle: "full" } : { dateStyle: "full", timeStyle: "short" });
    const last = ends === undefined ? begins.at : begins.wholeDay ? ends.at - 1 : ends.at; // the end of a day is the next one's beginning
    const said = last <= begins.at ? format.format(begins.at) : format.formatRange(begins.at, last);
    return foreignZone === undefined ? said : `${said} (${foreignZone})`;
}

function repeats({ repeats: rule }: Invitation, w: MailWords): string {
    const day = new Intl.DateTimeFormat(w.language, { weekday: "long", timeZone: "UTC" });
    const names = rule!.days.map((number) => day.format(Date.UTC(2026, 0, 4 + number))); // a Sunday
    const until = (moment: Moment) => new Intl.DateTimeFormat(w.language, { dateStyle: "long" }).format(moment.at);
    return w.every(rule!.every, rule!.interval, names, rule!.count, rule!.until === undefined ? undefined : until(rule!.until));
}
