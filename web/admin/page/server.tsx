// The program itself: where it listens, what it uses, and its configuration read anew.
import { useState } from "preact/hooks";
import { ask as question } from "../../core/page/asked.js";
import { Icon } from "../../core/page/icons.js";
import type { Status } from "../model/answers.js";
import { ASK_LONG } from "../model/server.js";
import { translated, words } from "../words/language.js";
import { ask, attempt, may, useAnswer } from "./asking.js";
import { Card, Facts, Meter, Said, Shown, When } from "./parts.js";
import { Table } from "./table.js";

interface Reloaded {
    readonly applied: readonly string[];
    readonly restart: readonly string[];
    readonly warnings: readonly string[];
    readonly problems: readonly string[];
}

interface Verified {
    readonly sound: boolean;
    readonly accounts: number;
    readonly messages: number;
    readonly findings: readonly string[];
}

export function ServerPage() {
    const w = words.value;
    const loaded = useAnswer<Status>("/status", {}, 10);
    const [reloaded, setReloaded] = useState<Reloaded | undefined>();
    const [verified, setVerified] = useState<Verified | undefined>();
    const [busy, setBusy] = useState(false);
    const doing = async (work: () => Promise<string | undefined>) => {
        setBusy(true);
        await attempt(work);
        setBusy(false);
        loaded.again();
    };
    const restart = async () => {
        if (!(await question(w.restart, w.restartText, w.restart))) return;
        await doing(async () => {
            const { problems } = await ask<{ problems: readonly string[] }>("/restart");
            return problems.length > 0 ? problems.map(translated).join(" ") : w.restarts;
        });
    };
    return <>
        <Shown loaded={loaded}>{(status) => <>
            <Card title={status.host_name} aside={<div class="buttons">
                {may("/verify") && <button type="button" class="plain" disabled={busy}
                    onClick={() => void doing(async () => { setVerified(await ask<Verified>("/verify", {}, ASK_LONG)); return undefined; })}><Icon name="shield" />{w.verify}</button>}
                {may("/restart") && <button type="button" class="plain" disabled={busy} onClick={() => void restart()}><Icon name="again" />{w.restart}</button>}</div>}>
                <Facts facts={[
                    [w.version, status.version], [w.runsSince, <When time={status.started} exact />], [w.processNumber, String(status.process)],
                    [w.connections, w.usedOf(w.count(status.connections), w.count(status.connections_max))],
                    [w.store, w.storeSize(w.octets(status.store_bytes), w.octets(status.disk_free_bytes))],
                    [w.index, status.index_waiting === 0 ? w.upToDate : w.indexWaits(status.index_waiting)],
                ]} />
            </Card>
            {verified !== undefined && <Card title={w.verify}>
                <p class={verified.sound ? "verdict good" : "verdict bad"}><Icon name={verified.sound ? "check" : "warn"} />
                    {verified.sound ? w.storeSound(verified.messages, verified.accounts) : w.storeUnsound}</p>
                {verified.findings.length > 0 && <ul class="plain-list">{verified.findings.map((finding) => <li key={finding}><Said text={translated(finding)} /></li>)}</ul>}
            </Card>}
            {may("/reload") && <Card title={w.configuration} aside={<button type="button" class="plain" disabled={busy}
                onClick={() => void doing(async () => { setReloaded(await ask<Reloaded>("/reload")); return undefined; })}><Icon name="again" />{w.reload}</button>}>
                <p class="hint">{w.configurationText}</p>
                {reloaded !== undefined && <ReloadShown reloaded={reloaded} />}
            </Card>}
            <Card title={w.memory}><ul class="meters">
                <Memory name={w.altogether} bytes={status.memory_bytes} most={status.memory_budget} />
                {status.memory.map(({ name, bytes, bytes_max }) => <Memory key={name} name={translated(name).replace(/\.$/, "")} bytes={bytes} most={bytes_max} />)}
            </ul></Card>
            <Card title={w.listens}><Table label={w.listens} list={{ rows: status.listening, more: undefined }} name={({ service, endpoint }) => service + endpoint}
                empty={w.nothingThere} columns={[
                { label: w.service, value: ({ service }) => service, cell: ({ service }) => service },
                { label: w.endpoint, value: ({ endpoint }) => endpoint, cell: ({ endpoint }) => <code>{endpoint}</code> },
            ]} /></Card>
        </>}</Shown>
    </>;
}

function Memory({ name, bytes, most }: { name: string; bytes: number; most: number | undefined }) {
    const w = words.value;
    return <li><span>{name}</span><span class="number">{most === undefined ? w.octets(bytes) : w.usedOf(w.octets(bytes), w.octets(most))}</span>
        {most !== undefined && <Meter used={bytes} most={most} label={name} />}</li>;
}

function ReloadShown({ reloaded }: { reloaded: Reloaded }) {
    const w = words.value;
    const parts = [[w.reloadProblems, reloaded.problems, "bad"], [w.reloadWarnings, reloaded.warnings, "warn"],
        [w.reloadApplied, reloaded.applied, "good"], [w.reloadRestart, reloaded.restart, "warn"]] as const;
    if (parts.every(([, lines]) => lines.length === 0)) return <p class="verdict good"><Icon name="check" />{w.reloadNothing}</p>;
    return <div role="status">{parts.filter(([, lines]) => lines.length > 0).map(([title, lines, tone]) => <div class={`verdict ${tone}`} key={title}><div><strong>{title}</strong>
        <ul class="plain-list">{lines.map((line) => <li key={line}><Said
            text={tone === "good" || lines === reloaded.restart ? line : translated(line)} /></li>)}</ul></div></div>)}</div>;
}
