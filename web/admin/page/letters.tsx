// "Why did this letter not come?": the letters that somebody sent or was sent, and the way of one of them.
import { useEffect, useMemo, useState } from "preact/hooks";
import { Icon, type IconName } from "../../core/page/icons.js";
import { holdConversion } from "../../core/page/keys.js";
import type { JourneyEvent } from "../model/answers.js";
import { field, journeys, type Branch, type Journey, type Standing } from "../model/journey.js";
import { loadServerWords, serverWords, words } from "../words/language.js";
import { useAnswer } from "./asking.js";
import { Badge, Card, Copy, Facts, Said, Shown, When, type Tone } from "./parts.js";
import { go, linkTo, route } from "./router.js";
import { Table } from "./table.js";

const TONES: { readonly [standing in Standing]: readonly [Tone, IconName] } = {
    arrived: ["good", "check"], handed: ["good", "check"], waits: ["warn", "clock"], refused: ["bad", "close"], ended: ["calm", "trash"] };

export function LettersPage() {
    const w = words.value;
    const { q = "", letter = "" } = route.value.query;
    useEffect(loadServerWords, []);
    const asked = letter !== "" && q === "" ? letter : q;
    const loaded = useAnswer<{ events: readonly JourneyEvent[] }>(asked === "" ? undefined : "/trace", { what: asked });
    const found = useMemo(() => journeys(loaded.answer?.events ?? []), [loaded.answer]);
    const open = letter === "" ? (found.length === 1 ? found[0] : undefined) : found.find(({ name }) => name === letter);
    return <>
        <form class="ask" role="search" onKeyDown={holdConversion} onSubmit={(event) => {
            event.preventDefault();
            const typed = String(new FormData(event.currentTarget).get("q")).trim();
            if (typed === asked) loaded.again();
            else go({ page: "letters", query: { q: typed } });
        }}>
            <label for="letters-q">{w.whichLetter}</label>
            <div class="ask-line">
                <div class="search-box"><Icon name="search" /><input id="letters-q" key={asked} type="search" name="q" defaultValue={asked} required
                    autocomplete="off" autocapitalize="none" spellcheck={false}
                    placeholder="anna@example.org" /></div>
                <button type="submit" class="primary">{w.find}</button>
            </div>
            <p class="hint">{w.whichLetterHint}</p>
        </form>
        {asked !== "" && <Shown loaded={loaded}>{() => found.length === 0
            ? <Card><p class="nothing">{w.nothingKnown}</p></Card>
            : open !== undefined
                ? <>{found.length > 1 && <p><a {...linkTo("letters", { q })}>{w.allLetters(found.length)}</a></p>}<Way journey={open} /></>
                : <Card title={w.lettersFound(found.length)}><Found q={q} found={found} /></Card>}</Shown>}
    </>;
}

function Found({ q, found }: { q: string; found: readonly Journey[] }) {
    const w = words.value;
    return <Table label={w.pageNames.letters} list={{ rows: found, more: undefined }} name={({ name }) => name} empty={w.nothingKnown}
        texts={(one) => [one.from, ...one.to, one.subject ?? "", one.messageId, one.begun]} order={{ column: 0, down: true }}
        columns={[
            { label: w.time, value: ({ begun }) => begun, cell: (one) => <a {...linkTo("letters", { q, letter: one.name })}><When time={one.begun} exact /></a> },
            { label: w.from, value: ({ from }) => from, cell: ({ from }) => (from === "" ? w.aReport : <Said text={from} />) },
            { label: w.to, value: ({ to }) => to.join(", "), cell: ({ to }) => <Said text={to.join(", ")} /> },
            { label: w.subject, class: "wide", value: ({ subject }) => subject, cell: ({ subject }) => <Said text={subject ?? ""} /> },
            { label: w.outcome, value: ({ standing }) => standing, cell: ({ standing }) => <Outcome standing={standing} /> },
        ]} />;
}

function Outcome({ standing }: { standing: Standing }) {
    const [tone, icon] = TONES[standing];
    return <Badge tone={tone} icon={icon}>{words.value.standings[standing]}</Badge>;
}

function Way({ journey }: { journey: Journey }) {
    const w = words.value;
    return <>
        <Card class="letter-way">
            <header><h2><Said text={journey.subject ?? w.letter} /></h2><Outcome standing={journey.standing} /></header>
            <Picture journey={journey} />
            <Facts facts={[
                [w.from, journey.from === "" ? w.aReport : <Said text={journey.from} />],
                [w.to, <Said text={journey.to.join(", ")} />],
                [w.began, <When time={journey.begun} exact />],
                ...(journey.messageId === "" ? [] : [["Message-ID", <code><Said text={journey.messageId} /></code>] as const]),
                [w.letterName, <><code>{journey.name}</code> <Copy text={journey.name} /></>],
            ]} />
        </Card>
        <Card title={w.stepByStep}><ol class="steps">{journey.events.map((event, at) => <Step key={at} event={event} before={journey.events[at - 1]} />)}</ol></Card>
    </>;
}

/** From where it came, by this server, to where each recipient's copy is. */
function Picture({ journey }: { journey: Journey }) {
    const w = words.value;
    const { origin, verdict, branches } = journey;
    return <div class="way" role="group" aria-label={w.theWay}>
        <div class="station">
            <span class="dot"><Icon name={origin.kind === "account" ? "user" : origin.kind === "server" ? "globe" : "server"} /></span>
            <strong><Said text={origin.kind === "here" ? w.thisServer : origin.name || origin.client} /></strong>
            {origin.client !== "" && <small><Said text={origin.client} /></small>}
        </div>
        <span class="track" aria-hidden="true" />
        <div class="station">
            <span class="dot own"><Icon name="server" /></span>
            <strong>{w.thisServer}</strong>
            <small><When time={journey.begun} exact /></small>
            {verdict !== undefined && <small>{w.senderCheck}: <Said text={verdict} /></small>}
        </div>
        <ul class="branches">{branches.slice(0, 30).map((branch) => <BranchEnd key={branch.who} branch={branch} />)}</ul>
        {branches.length > 30 && <p class="hint">{w.andOthers(branches.length - 30)}</p>}
    </div>;
}

function BranchEnd({ branch }: { branch: Branch }) {
    const w = words.value;
    const [tone, icon] = TONES[branch.standing];
    return <li class={`branch ${tone}`}>
        <span class="dot"><Icon name={icon} /></span>
        <div>
            <strong><Said text={branch.who} /></strong>
            <p>{w.standings[branch.standing]}{branch.place !== "" && <> · <Said text={branch.place} /></>} · <When time={branch.time} exact /></p>
            {branch.words !== "" && <p class="their-words"><Said text={branch.words} /></p>}
            {branch.fetched !== undefined && <p>{w.fetched} <When time={branch.fetched} exact /></p>}
        </div>
    </li>;
}

function Step({ event, before }: { event: JourneyEvent; before: JourneyEvent | undefined }) {
    const w = words.value;
    const [open, setOpen] = useState(false);
    const said = serverWords.value;
    const lines = event.fields.filter(([name]) => name === "line" || name === "answer").map(([, line]) => line);
    const seconds = before === undefined ? 0 : (Date.parse(event.time) - Date.parse(before.time)) / 1000;
    return <li>
        <p class="step-time"><When time={event.time} exact />{seconds >= 1 && <small>{w.after(seconds)}</small>}</p>
        <div>
            <p><Said text={said?.event(event) ?? event.kind} /></p>
            {said?.verdicts(event).map((sentence) => <p class="detail" key={sentence}><Said text={sentence} /></p>)}
            {lines.length > 0 && <details open={open} onToggle={(toggled) => setOpen(toggled.currentTarget.open)}><summary>{w.dialogue(field(event, "server"))}</summary>
                <pre>{lines.map((line, at) => <div key={at}><Said text={line} /></div>)}</pre></details>}
        </div>
    </li>;
}
