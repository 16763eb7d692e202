// What other servers saw of mail in our domains' names (DMARC), and of connections to our servers (TLS).
import type { ComponentChildren } from "preact";
import type { DmarcDomain, DmarcHost, TlsDomain } from "../model/answers.js";
import { translated, words } from "../words/language.js";
import { may, useAnswer } from "./asking.js";
import { Card, Said, Shown } from "./parts.js";
import { domainAsked, DomainChoice } from "./domain_choice.js";
import { go, route } from "./router.js";
import { Table } from "./table.js";

const SPANS = ["7", "30", "90"];

export function ReportsPage() {
    const w = words.value;
    const days = SPANS.includes(route.value.query["days"] ?? "") ? route.value.query["days"]! : "30";
    return <>
        <div class="table-head"><DomainChoice /><div class="choices" role="group"
            aria-label={w.span}>{SPANS.map((span) => <button type="button" class="plain" key={span} aria-pressed={span === days}
            onClick={() => go({ page: "reports", query: { ...route.peek().query, days: span } }, "replace")}>{w.lastDays(Number(span))}</button>)}</div></div>
        {may("/dmarc/reports") && <Dmarc days={Number(days)} />}
        {may("/tls/reports") && <Tls days={Number(days)} />}
    </>;
}

/** How much of it is good, as a bar. */
function Share({ good, bad, label }: { good: number; bad: number; label: string }) {
    const part = good + bad === 0 ? 100 : (good / (good + bad)) * 100;
    return <svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={label}>
        <rect class="bad" width="100" height="10" /><rect class="good" width={part} height="10" /></svg>;
}

/** Those about which a report came. */
function Reported<Domain extends { readonly reports: number }>({ domains, children }: { domains: readonly Domain[]; children(domain: Domain): ComponentChildren }) {
    const told = domains.filter(({ reports }) => reports > 0);
    return told.length === 0 ? <p class="nothing">{words.value.noReports}</p> : <>{told.map(children)}</>;
}

function Dmarc({ days }: { days: number }) {
    const w = words.value;
    const loaded = useAnswer<{ domains: readonly DmarcDomain[] }>("/dmarc/reports", { ...domainAsked(), days });
    return <Card title={w.dmarcTitle}>
        <p class="hint">{w.dmarcText}</p>
        <Shown loaded={loaded}>{({ domains }) => <Reported domains={domains}>{(domain) => <section class="about" key={domain.domain}>
            <h3><Said text={domain.display} /></h3>
            <Share good={domain.passed} bad={domain.failed} label={w.passedOf(domain.passed, domain.letters)} />
            <p>{w.passedOf(domain.passed, domain.letters)} {domain.failed > 0 && w.failedOf(domain.failed, domain.quarantined, domain.rejected)}
                <small> {w.reportsBy(domain.reports, domain.reporters.map(({ organization }) => organization))}</small></p>
            <Table label={w.hostsOf(domain.display)} list={{ rows: domain.hosts, more: undefined }} name={({ address }) => address} empty={w.nothingThere}
                order={{ column: 2, down: true }}
                texts={({ address, name }) => [address, name ?? ""]} columns={[
                    { label: w.sendingServer, class: "wide", value: ({ name, address }) => name ?? address, cell: (host) => <Host host={host} /> },
                    { label: w.passed, class: "number", value: ({ passed }) => passed, cell: ({ passed }) => w.count(passed) },
                    { label: w.failedShort, class: "number", value: ({ failed }) => failed,
                        cell: ({ failed }) => (failed > 0 ? <strong class="bad">{w.count(failed)}</strong> : "0") },
                    { label: w.lettersColumn, class: "number", value: ({ letters }) => letters, cell: ({ letters }) => w.count(letters) },
                ]} />
        </section>}</Reported>}</Shown>
    </Card>;
}

function Host({ host }: { host: DmarcHost }) {
    return host.name === null ? <code>{host.address}</code> : <><Said text={host.name} /> <small><code>{host.address}</code></small></>;
}

function Tls({ days }: { days: number }) {
    const w = words.value;
    const loaded = useAnswer<{ domains: readonly TlsDomain[] }>("/tls/reports", { ...domainAsked(), days });
    return <Card title={w.tlsTitle}>
        <p class="hint">{w.tlsText}</p>
        <Shown loaded={loaded}>{({ domains }) => <Reported domains={domains}>{(domain) => <section class="about" key={domain.domain}>
            <h3><Said text={domain.display} /></h3>
            <Share good={domain.succeeded} bad={domain.failed} label={w.succeededOf(domain.succeeded, domain.succeeded + domain.failed)} />
            <p>{w.succeededOf(domain.succeeded, domain.succeeded + domain.failed)}
                <small> {w.reportsBy(domain.reports, domain.reporters.map(({ organization }) => organization))}</small></p>
            {domain.failures.length > 0 && <Table label={w.failuresOf(domain.display)} list={{ rows: domain.failures, more: undefined }}
                name={({ type, host, reason }) => `${type} ${host} ${reason}`} empty={w.nothingThere} columns={[
                { label: w.whatFailed, class: "wide", cell: ({ type, reason }) => <>{translated(type)} <small><Said text={reason} /></small></> },
                { label: w.host, cell: ({ host }) => <Said text={host} /> },
                { label: w.connections, class: "number", value: ({ sessions }) => sessions, cell: ({ sessions }) => w.count(sessions) },
            ]} />}
        </section>}</Reported>}</Shown>
    </Card>;
}
