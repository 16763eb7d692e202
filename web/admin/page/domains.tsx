// The domains: what stands in the DNS for them and should, their signing keys and settings.
import { useEffect, useState } from "preact/hooks";
import { ask as question } from "../../core/page/asked.js";
import { Dialog } from "../../core/page/dialog.js";
import { Icon, IconButton, type IconName } from "../../core/page/icons.js";
import { tell } from "../../core/page/notice.js";
import type { DnsRecord, Domain, SigningKey } from "../model/answers.js";
import { loadServerWords, translated, words } from "../words/language.js";
import { ask, attempt, may, useAnswer, useRows } from "./asking.js";
import { Badge, Card, Copy, Facts, Form, Said, Shown, When, type Tone } from "./parts.js";
import { go, linkTo, route } from "./router.js";
import { Table } from "./table.js";

export function DomainsPage() {
    const { domain } = route.value.query;
    return domain === undefined ? <DomainList /> : <DomainShown name={domain} key={domain} />;
}

function DomainList() {
    const w = words.value;
    const list = useRows<Domain>("/domain/list", "domains");
    const [adding, setAdding] = useState(false);
    return <Card>
        <Table label={w.pageNames.domains} list={list} name={({ name }) => name} empty={w.noDomains} texts={({ name, display }) => [name, display]}
            aside={may("/domain/add") && <button type="button" class="primary" onClick={() => setAdding(true)}><Icon name="plus" />{w.addDomain}</button>}
            columns={[
                { label: w.domain, value: ({ display }) => display, cell: (one) => <a {...linkTo("domains", { domain: one.name })}><Said text={one.display} /></a> },
                { label: w.catchAll, cell: ({ catch_all }) => (catch_all === null ? "–" : <Said text={catch_all} />) },
                { label: w.separator, cell: ({ subaddress_separator }) => (subaddress_separator === "" ? "–" : <code>{subaddress_separator}</code>) },
                { label: "MTA-STS", value: ({ mta_sts }) => mta_sts, cell: ({ mta_sts }) => w.stsModes[mta_sts] },
            ]} />
        {adding && <Form title={w.addDomain} yes={w.add} close={() => setAdding(false)}
            fields={[{ name: "name", label: w.domain, required: true, hint: w.domainHint }]}
            submit={async ({ name }) => {
                const added = await ask<Domain>("/domain/add", { name });
                setAdding(false);
                tell({ text: w.added(added.display) });
                go({ page: "domains", query: { domain: added.name } });
            }} />}
    </Card>;
}

function DomainShown({ name }: { name: string }) {
    const w = words.value;
    const loaded = useAnswer<Domain>("/domain/show", { name });
    const [changing, setChanging] = useState(false);
    const remove = async (domain: Domain) => {
        if (!(await question(w.removeDomain(domain.display), w.removeDomainText, w.remove))) return;
        if (await attempt(async () => { await ask("/domain/remove", { name }); return w.removed(domain.display); })) go({ page: "domains", query: {} }, "replace");
    };
    return <>
        <p><a {...linkTo("domains")}>{w.allDomains}</a></p>
        <Shown loaded={loaded}>{(domain) => <>
            <Card>
                <header><h2><Said text={domain.display} /></h2><div class="buttons">
                    {may("/domain/set") && <button type="button" class="plain" onClick={() => setChanging(true)}><Icon name="write" />{w.change}</button>}
                    {may("/domain/remove") && <button type="button" class="plain" onClick={() => void remove(domain)}><Icon name="trash" />{w.remove}</button>}
                </div></header>
                <Facts facts={[
                    [w.pageNames.accounts, may("/account/list") ? <a {...linkTo("accounts", { domain: name })}>{w.count(domain.accounts ?? 0)}</a> : w.count(domain.accounts ?? 0)],
                    [w.pageNames.aliases, may("/alias/list") ? <a {...linkTo("aliases", { domain: name })}>{w.count(domain.aliases ?? 0)}</a> : w.count(domain.aliases ?? 0)],
                    [w.catchAll, domain.catch_all === null ? w.none : <Said text={domain.catch_all} />],
                    [w.separator, domain.subaddress_separator === "" ? w.none : <><code>{domain.subaddress_separator}</code>
                        <small> anna{domain.subaddress_separator}shop@{domain.display}</small></>],
                    ["MTA-STS", w.stsModes[domain.mta_sts]],
                ]} />
            </Card>
            {may("/dns/check") && <Dns domain={name} />}
            {may("/dkim/list") && <Keys domain={name} />}
            {changing && <Form title={domain.display} yes={w.save} close={() => setChanging(false)} fields={[
                { name: "catch_all", label: w.catchAll, value: domain.catch_all ?? "", kind: "address", hint: w.catchAllHint },
                { name: "subaddress_separator", label: w.separator, value: domain.subaddress_separator, hint: w.separatorHint },
                { name: "mta_sts", label: "MTA-STS", value: domain.mta_sts, hint: w.stsHint,
                    choices: (["none", "testing", "enforce"] as const).map((mode) => [mode, w.stsModes[mode]] as const) },
            ]} submit={async ({ catch_all, subaddress_separator, mta_sts }) => {
                const set = await ask<Domain>("/domain/set", { name, catch_all: catch_all === "" ? null : catch_all, subaddress_separator, mta_sts });
                setChanging(false);
                tell({ text: set.hints === undefined ? w.saved : set.hints.map(translated).join(" ") }, set.hints === undefined ? 7_000 : 60_000);
                loaded.again();
            }} />}
        </>}</Shown>
    </>;
}

interface Checked {
    readonly records: readonly DnsRecord[];
    readonly mail_suffers: boolean;
}

const STATES: { readonly [state in NonNullable<DnsRecord["state"]>]: readonly [Tone, IconName] } = {
    right: ["good", "check"], missing: ["bad", "close"], wrong: ["bad", "warn"], "no-answer": ["warn", "question"] };

function Dns({ domain }: { domain: string }) {
    const w = words.value;
    const checked = useAnswer<Checked>("/dns/check", { domain });
    const keys = useAnswer<KeyAnswer>(may("/dns/publish") && may("/dkim/list") ? "/dkim/list" : undefined, { domain });
    const [zone, setZone] = useState<readonly string[] | undefined>();
    const showZone = () => void attempt(async () => { setZone((await ask<{ zone: readonly string[] }>("/dns/records", { domain })).zone); return undefined; });
    const publish = async () => {
        if (!(await question(w.publish, w.publishText, w.publish))) return;
        await attempt(async () => {
            const done = await ask<{ failed: boolean; records: readonly DnsRecord[] }>("/dns/publish", { domain });
            return done.failed ? done.records.filter(({ outcome }) => outcome === "failed").map((record) => translated(record.words ?? "")).join(" ") : w.published;
        });
        checked.again();
    };
    const sorted = [...(checked.answer?.records ?? [])].sort((one, other) => Number(one.state === "right") - Number(other.state === "right"));
    return <Card title={w.inTheDns} aside={<div class="buttons">
        {may("/dns/records") && <button type="button" class="plain" onClick={showZone}><Icon name="file" />{w.zoneLines}</button>}
        {keys.answer?.publishes === true && <button type="button" class="plain" onClick={() => void publish()}>{w.publish}</button>}
        <IconButton icon="again" label={w.lookAgain} onClick={checked.again} /></div>}>
        {checked.busy && checked.answer === undefined && <p class="waiting-line" role="status">{w.asksDns}</p>}
        <Shown loaded={{ ...checked, busy: false }}>{(answer) => <>
            <p class={answer.mail_suffers ? "verdict bad" : "verdict good"}><Icon name={answer.mail_suffers ? "warn" : "check"} />
                {answer.mail_suffers ? w.mailSuffers : w.dnsRight(answer.records.filter(({ state }) => state === "right").length, answer.records.length)}</p>
            <ul class="records">{sorted.map((record, at) => <Record key={at} record={record} />)}</ul>
        </>}</Shown>
        {zone !== undefined && <Dialog title={w.zoneLines} wide close={() => setZone(undefined)}>
            <pre class="zone" tabIndex={0}>{zone.join("\n")}</pre><footer><Copy text={`${zone.join("\n")}\n`} label={w.copyAll} /></footer></Dialog>}
    </Card>;
}

function Record({ record }: { record: DnsRecord }) {
    const w = words.value;
    const [tone, icon] = STATES[record.state ?? "no-answer"];
    const quiet = !record.needed && record.state === "missing";
    useEffect(() => { if (w.language !== "en") loadServerWords(); }, [w]);
    return <li class={quiet ? "calm" : tone}>
        <span class="dot"><Icon name={icon} /><span class="unheard">{w.dnsStates[record.state ?? "no-answer"]}</span></span>
        <div>
            <p class="record-head"><strong class="type">{record.type}</strong> <code><Said text={record.name ?? "?"} /></code> <Copy text={record.name ?? ""} />
                {!record.needed && <Badge tone="calm">{w.optional}</Badge>}</p>
            {record.data !== null && record.state !== "right" && <p class="record-data"><code><Said text={record.data} /></code><Copy text={record.data} /></p>}
            {record.found !== undefined && record.found.length > 0 && record.state !== "right"
                && <p class="hint">{w.nowThere}: {record.found.map((one) => <code key={one}><Said text={one} /></code>)}</p>}
            {record.words !== undefined && record.words !== "" && record.state !== "right" && <p><Said text={translated(record.words)} /></p>}
            <details open={record.state === "wrong" || (record.state === "missing" && record.needed)}><summary>{w.whatFor}</summary>
                <p><Said text={translated(record.what_for)} /></p>
                {record.without !== "" && <p class="hint">{w.without}: <Said text={translated(record.without)} /></p>}
                {record.state === "right" && record.data !== null && <p class="record-data"><code><Said text={record.data} /></code><Copy text={record.data} /></p>}
            </details>
        </div>
    </li>;
}

interface KeyAnswer {
    /** Whether a name server takes changes from here. */
    readonly publishes: boolean;
    readonly domains: readonly { readonly keys: readonly SigningKey[] }[];
}

function Keys({ domain }: { domain: string }) {
    const w = words.value;
    const loaded = useAnswer<KeyAnswer>("/dkim/list", { domain });
    const rotate = async () => {
        if (!(await question(w.rotateKeys, w.rotateKeysText, w.rotateKeys))) return;
        await attempt(async () => { await ask("/dkim/rotate", { domain }); return w.keysRotated; });
        loaded.again();
    };
    return <Card title={w.signingKeys} aside={may("/dkim/rotate") && <button type="button" class="plain"
        onClick={() => void rotate()}><Icon name="again" />{w.rotateKeys}</button>}>
        <Shown loaded={loaded}>{({ domains }) => <Table label={w.signingKeys} list={{ rows: domains.flatMap(({ keys }) => keys), more: undefined }}
            name={({ selector, kind }) => selector + kind} empty={w.noKeys} columns={[
            { label: w.selector, cell: ({ selector }) => <code>{selector}</code> },
            { label: w.kind, cell: ({ kind }) => kind },
            { label: w.state, cell: ({ state, usable }) => <Badge
                tone={!usable ? "bad" : state === "signing" ? "good" : "calm"}>{usable ? w.keyStates[state] : w.unusable}</Badge> },
            { label: w.since, cell: ({ since }) => <When time={since} /> },
            { label: w.until, cell: ({ until }) => <When time={until} /> },
            { label: w.record, class: "actions", cell: ({ text }) => <Copy text={text} label={w.copy} /> },
        ]} />}</Shown>
    </Card>;
}
