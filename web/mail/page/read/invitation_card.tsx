import { useEffect, useState } from "preact/hooks";
import type { Mail } from "../../model/mail.js";
import type { Part } from "../../model/types.js";
import { invitations, type Invitation, type Moment } from "../../read/calendar.js";
import { words } from "../../words/language.js";
import type { MailWords } from "../../words/words.js";

const LARGEST = 200_000; // octets that are looked at
const MOST_SHOWN = 20; // guests

/** What a letter invites to. It is answered by a letter of one's own. */
export function InvitationCard({ mail, part }: { mail: Mail; part: Part }) {
    const [found, setFound] = useState<readonly Invitation[]>([]);
    const address = mail.account.download(part, "invitation.ics");
    useEffect(() => {
        const load = async () => {
            const answer = await fetch(address, { headers: { Range: `bytes=0-${LARGEST - 1}` } });
            if (answer.ok) setFound(invitations(new TextDecoder().decode((await answer.arrayBuffer()).slice(0, LARGEST))));
        };
        load().catch(() => undefined); // it is among the attachments all the same
    }, [address]);
    return <>{found.map((one, index) => <Event key={index} event={one} />)}</>;
}

function Event({ event }: { event: Invitation }) {
    const w = words.value;
    const lines = [[w.when, when(event, w)], [w.repeats, event.repeats === undefined ? "" : repeats(event, w)], [w.place, event.place], [w.invitedBy, event.organizer],
        [w.guests, event.guests.slice(0, MOST_SHOWN).join(", ") + (event.guests.length > MOST_SHOWN ? w.andOthers(event.guests.length - MOST_SHOWN) : "")]] as const;
    return <section class={event.cancelled ? "invitation cancelled" : "invitation"} aria-label={w.invitation}>
        <h2><bdi>{event.title || w.noSubject}</bdi></h2>
        {event.cancelled && <p class="bad">{w.cancelled}</p>}
        <dl>{lines.filter(([, value]) => value !== "").map(([name, value]) => <div key={name}><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div>)}</dl>
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
