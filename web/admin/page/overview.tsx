// Is all well? What asks for somebody, what mail came and went, and what there is room for.
import { useState, useMemo } from "preact/hooks";
import { Icon, type IconName } from "../../core/page/icons.js";
import type { Status } from "../model/answers.js";
import type { PageName } from "../model/route.js";
import { columnsOf, type Traffic } from "../model/traffic.js";
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
    return <div class="tiles">
        <Tile icon="clock" title={w.pageNames.queue} page="queue" value={w.letters(status.queued)}
            text={status.queue_oldest === null ? w.queueEmpty : <>{w.oldest}: <When time={status.queue_oldest} /></>} />
        <Tile icon="server" title={w.memory} page="server" value={w.octets(status.memory_bytes)} text={w.of(w.octets(status.memory_budget))}
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
    return <Card title={w.mailTitle} aside={<div class="choices" role="group" aria-label={w.span}>
        <button type="button" class="plain" aria-pressed={span === "hours"} onClick={() => setSpan("hours")}>{w.lastHours(48)}</button>
        <button type="button" class="plain" aria-pressed={span === "days"} onClick={() => setSpan("days")}>{w.lastDays(90)}</button></div>}>
        <Shown loaded={loaded}>{({ reasons, domains }) => <><Chart label={w.mailTitle} columns={columns!} every={span === "hours" ? 6 : 14}
            parts={[{ label: w.mailIn, kind: "first" }, { label: w.mailOut, kind: "second" }, { label: w.mailJunk, kind: "warn" }, { label: w.mailRefused, kind: "bad" }]} />
            {reasons !== undefined && reasons.length > 0 && <><h3>{w.mailReasons}</h3><ul class="reasons">{reasons.map(({ status, count }) => <li key={status}>
                <span>{w.statuses[status] ?? status}</span><strong>{w.count(count)}</strong><Meter used={count} most={reasons[0]!.count} label={status} /></li>)}</ul></>}
            {domains !== undefined && domains.length > 1 && <><h3>{w.mailDomains}</h3><Table label={w.mailDomains} list={{ rows: domains, more: undefined }}
                name={({ domain }) => domain} empty={w.nothingThere} order={{ column: 1, down: true }} columns={[
                { label: w.domain, class: "wide", value: ({ domain }) => domain, cell: ({ domain }) => <Said text={domain} /> },
                { label: w.mailIn, class: "number", value: ({ received }) => received, cell: ({ received }) => w.count(received) },
                { label: w.mailOut, class: "number", value: ({ relayed }) => relayed, cell: ({ relayed }) => w.count(relayed) },
                { label: w.mailRefused, class: "number", value: ({ rejected }) => rejected, cell: ({ rejected }) => w.count(rejected) },
            ]} /></>}</>}</Shown>
    </Card>;
}
