// Is all well? What asks for somebody, what mail came and went, and what there is room for.
import { useState, useMemo } from "preact/hooks";
import { Icon, type IconName } from "../../core/page/icons.js";
import type { Status } from "../model/answers.js";
import type { PageName } from "../model/route.js";
import { draw } from "../model/bars.js";
import { timesOf, within, type Durations } from "../model/durations.js";
import { columnsOf, type Traffic, type Waiting } from "../model/traffic.js";
import { translated, words } from "../words/language.js";
import { may, server, useAnswer } from "./asking.js";
import { Chart } from "./chart.js";
import { Card, Meter, Said, Shown, When, type Tone } from "./parts.js";
import { domainAsked } from "./domain_choice.js";
import { linkTo } from "./router.js";
import { Table } from "./table.js";

const LITTLE_DISK = 5_000_000_000;
const SOON = 14;

export function Overview() {
    const w = words.value;
    const loaded = useAnswer<Status>(may("/status") ? "/status" : undefined, {}, 30);
    return <>
        {may("/status") ? <Shown loaded={loaded}>{(status) => <><Warnings status={status} /><Tiles status={status} /></>}</Shown>
            : <Card><p>{w.welcome(server.value!.caller.address)}</p></Card>}
        {may("/trace") && <Card class="shortcut"><Icon name="route" /><p><strong>{w.whyNot}</strong><br />{w.whyNotText}</p>
            <a class="plain" {...linkTo("letters")}>{w.pageNames.letters}</a></Card>}
        {may("/overview") && <Mail />}
    </>;
}

function Warnings({ status }: { status: Status }) {
    const w = words.value;
    if (status.warnings.length === 0)
        return <Card class="well"><p class="all-well"><Icon name="check" /><span><strong>{w.allWell}</strong> {w.allWellText(status.host_name)} <When time={status.started} /></span></p></Card>;
    return <Card class="not-well" title={w.thingsToDo(status.warnings.length)}>
        <ul class="warnings">{status.warnings.map((warning) => <li key={warning}><Icon name="warn" /><Said text={translated(warning)} /></li>)}</ul></Card>;
}

function Tile({ icon, title, value, text, page, tone = "calm", meter }: {
    icon: IconName; title: string; value: string; text: preact.ComponentChildren; page: PageName; tone?: Tone; meter?: readonly [number, number];
}) {
    return <a class={`tile ${tone}`} {...linkTo(page)}>
        <span class="tile-title"><Icon name={icon} />{title}</span><strong>{value}</strong><small>{text}</small>
        {meter !== undefined && <Meter used={meter[0]} most={meter[1]} label={title} />}
    </a>;
}

function Tiles({ status }: { status: Status }) {
    const w = words.value;
    const days = status.certificates.flatMap(({ days_left }) => (days_left === undefined ? [] : [days_left]));
    const least = days.length === 0 ? undefined : Math.min(...days);
    const backup = status.last_backup;
    const most = [...status.memory].sort((one, other) => other.bytes - one.bytes)[0];
    return <div class="tiles">
        <Tile icon="clock" title={w.pageNames.queue} page="queue" value={w.letters(status.queued)}
            text={status.queue_oldest === null ? w.queueEmpty : <>{w.oldest}: <When time={status.queue_oldest} /></>} />
        <Tile icon="server" title={w.memory} page="server" value={w.octets(status.memory_bytes)}
            text={<>{w.of(w.octets(status.memory_budget))}{most !== undefined && <> · {w.mostOfIt(translated(most.name).replace(/\.$/, ""))}</>}</>}
            meter={[status.memory_bytes, status.memory_budget]} />
        <Tile icon="folder" title={w.disk} page="server" value={w.free(w.octets(status.disk_free_bytes))} text={w.storeTakes(w.octets(status.store_bytes))}
            tone={status.disk_free_bytes < LITTLE_DISK ? "warn" : "calm"}
            meter={[status.store_bytes, status.store_bytes + status.disk_free_bytes]} />
        <Tile icon="people" title={w.connections} page="server" value={w.count(status.connections)} text={w.of(w.count(status.connections_max))}
            meter={[status.connections, status.connections_max]} />
        <Tile icon="shield" title={w.pageNames.certificates} page="certificates" value={least === undefined ? w.noneYet : least < 0 ? w.ended : w.daysLeft(least)}
            text={status.certificates.map(({ name }) => name).join(", ")}
            tone={least !== undefined && least < SOON ? "warn" : "calm"} />
        <Tile icon="archive" title={w.lastBackup} page="backups" value={backup === null ? w.never : w.ago(new Date(backup.time), new Date())}
            text={backup === null ? w.noBackup : <Said text={backup.folder} />} tone={backup === null ? "warn" : "calm"} />
    </div>;
}

function Mail() {
    const w = words.value;
    const [span, setSpan] = useState<"hours" | "days">("hours");
    const loaded = useAnswer<Traffic>("/overview", domainAsked(), 60);
    const columns = useMemo(() => loaded.answer && columnsOf(loaded.answer, span, w.language), [loaded.answer, span, w]);
    const { answer } = loaded;
    return <><Card title={w.mailTitle} aside={<div class="choices" role="group" aria-label={w.span}>
        <button type="button" class="plain" aria-pressed={span === "hours"} onClick={() => setSpan("hours")}>{w.lastHours(48)}</button>
        <button type="button" class="plain" aria-pressed={span === "days"} onClick={() => setSpan("days")}>{w.lastDays(90)}</button></div>}>
        <Shown loaded={loaded}>{({ reasons, domains }) => <><Chart label={w.mailTitle} columns={columns!} every={span === "hours" ? 6 : 14}
            parts={[{ label: w.mailIn, kind: "first" }, { label: w.mailOut, kind: "second" }, { label: w.mailJunk, kind: "warn" }, { label: w.mailRefused, kind: "bad" }]} />
            {reasons !== undefined && reasons.length > 0 && <><h3>{w.mailReasons}</h3>
                <Bars rows={reasons.map(({ status, count }) => ({ name: status, count, shown: w.statuses[status] ?? status }))} /></>}
            {domains !== undefined && domains.length > 1 && <><h3>{w.mailDomains}</h3><Table label={w.mailDomains} list={{ rows: domains, more: undefined }}
                name={({ domain }) => domain} empty={w.nothingThere} order={{ column: 1, down: true }} columns={[
                { label: w.domain, class: "wide", value: ({ domain }) => domain, cell: ({ domain }) => <Said text={domain} /> },
                { label: w.mailIn, class: "number", value: ({ received }) => received, cell: ({ received }) => w.count(received) },
                { label: w.mailOut, class: "number", value: ({ relayed }) => relayed, cell: ({ relayed }) => w.count(relayed) },
                { label: w.mailRefused, class: "number", value: ({ rejected }) => rejected, cell: ({ rejected }) => w.count(rejected) },
            ]} /></>}</>}</Shown>
    </Card>
    {answer?.queue !== undefined && answer.queue.looked_at > 0 && <Queue waiting={answer.queue} />}
    {answer?.durations !== undefined && <Paces all={answer.durations} since={answer.machine?.started} />}</>;
}

function Bars({ rows }: { rows: readonly { readonly name: string; readonly count: number; readonly shown: preact.ComponentChildren }[] }) {
    const w = words.value;
    const most = Math.max(...rows.map(({ count }) => count));
    return <ul class="reasons">{rows.map(({ name, count, shown }) => <li key={name}><span>{shown}</span><strong>{w.count(count)}</strong><Meter used={count} most={most} label={name} compares /></li>)}</ul>;
}

function Queue({ waiting }: { waiting: Waiting }) {
    const w = words.value;
    return <Card title={w.waits}>
        {waiting.more && <p class="hint">{w.ofTheOldest(waiting.looked_at)}</p>}
        <div class="beside">
            <div><h3>{w.byAge}</h3><Bars rows={Object.entries(waiting.ages).map(([age, count]) => ({ name: age, count, shown: w.ages[age] ?? age }))} /></div>
            <div><h3>{w.destination}</h3><Bars rows={waiting.destinations.slice(0, 10).map(({ destination, count }) => ({ name: destination, count,
                shown: may("/queue/list") ? <a {...linkTo("queue", { destination })}><Said text={destination} /></a> : <Said text={destination} /> }))} /></div>
        </div>
    </Card>;
}

function Paces({ all, since }: { all: readonly Durations[]; since: string | undefined }) {
    const w = words.value;
    const bound = (milliseconds: number | undefined) => (milliseconds === undefined ? w.longer : w.milliseconds(milliseconds));
    return <Card title={w.paces}>
        <p class="hint">{w.pacesSince} <When time={since} exact /></p>
        <div class="beside">{all.map((one) => <div key={one.what}><h3>{w.paceNames[one.what] ?? one.what}</h3>
            {timesOf(one) === 0 ? <p class="hint">{w.notYet}</p> : <>
                <p class="hint">{w.times(timesOf(one))}: {w.pace(bound(within(one, 0.5)), bound(within(one, 0.99)))}</p>
                <Spread durations={one} bound={bound} /></>}</div>)}</div>
    </Card>;
}

/** How many took how long, from the quickest to the slowest. */
function Spread({ durations, bound }: { durations: Durations; bound(milliseconds: number | undefined): string }) {
    const w = words.value;
    const { columns } = draw(durations.buckets.map(({ count }) => [count]), 300, 48);
    return <figure class="chart spread"><svg viewBox="0 0 300 64" role="img" aria-label={w.paceNames[durations.what] ?? durations.what}>
        {durations.buckets.map(({ milliseconds, count }, at) => <g key={at}><title>{`${milliseconds === undefined ? w.longer : `≤ ${bound(milliseconds)}`}: ${w.times(count)}`}</title>
            <rect class="place" x={(at * 300) / durations.buckets.length} y="0" width={300 / durations.buckets.length} height="48" />
            {columns[at]![0] !== undefined && <rect class="first" rx="1" {...columns[at]![0]} />}
            {at % 3 === 2 && <text x={((at + 0.5) * 300) / durations.buckets.length} y="60" text-anchor="middle">{bound(milliseconds)}</text>}</g>)}
        <line x1="0" x2="300" y1="48" y2="48" />
    </svg></figure>;
}
