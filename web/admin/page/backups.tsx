// Backups of the store, and mail brought back from them.
import { useState } from "preact/hooks";
import { tell } from "../../core/page/notice.js";
import type { Status } from "../model/answers.js";
import { ASK_LONG } from "../model/server.js";
import { words } from "../words/language.js";
import { ask, may, reason, useAnswer } from "./asking.js";
import { Card, Facts, Form, Meter, Said, Shown, When } from "./parts.js";
import { Table } from "./table.js";

interface Points {
    readonly points: readonly { readonly point: string; readonly time: string; readonly accounts: number; readonly bytes: number; readonly damage: readonly string[] }[];
    readonly unreadable: readonly string[];
    readonly verified: { readonly time: string; readonly problems: number } | null;
}

interface Step {
    readonly unit: string;
    readonly done: number;
    readonly total: number;
}

export function BackupsPage() {
    const w = words.value;
    const loaded = useAnswer<Status>(may("/status") ? "/status" : undefined);
    const [asked, setAsked] = useState<"backup" | "restore" | undefined>();
    const [point, setPoint] = useState("");
    const [step, setStep] = useState<Step | undefined>();
    const folder = loaded.answer?.last_backup?.folder ?? "";
    const points = useAnswer<Points>(folder !== "" && may("/backup/list") ? "/backup/list" : undefined, { directory: folder });
    const close = () => setAsked(undefined);
    /** What takes long says how far it is. */
    const work = async <Answer,>(operation: string, parameters: { readonly [name: string]: unknown }): Promise<Answer> => {
        const name = `page-${crypto.randomUUID()}`;
        const timer = setInterval(() => void ask<Step>("/progress", { progress: name }).then(setStep, () => undefined), 1_000);
        try {
            return await ask<Answer>(operation, { ...parameters, progress: name }, ASK_LONG);
        } finally {
            clearInterval(timer);
            setStep(undefined);
            loaded.again();
            points.again();
        }
    };
    const run = (begun: Promise<string>) => {
        close();
        begun.then((done) => tell({ text: done }, 30_000), (error: unknown) => tell({ text: reason(error), bad: true }, 30_000));
    };
    return <>
        {step !== undefined && <Card><p role="status">{w.underWay}
            {" "}{step.unit === "bytes" ? w.usedOf(w.octets(step.done), w.octets(step.total)) : w.usedOf(w.count(step.done), w.count(step.total))}</p>
            <Meter used={step.done} most={step.total} label={w.underWay} /></Card>}
        <Card title={w.lastBackup} aside={<div class="buttons">
            {may("/backup") && <button type="button" class="primary" disabled={step !== undefined} onClick={() => setAsked("backup")}>{w.backupNow}</button>}
            {may("/restore") && <button type="button" class="plain" disabled={step !== undefined} onClick={() => { setPoint(""); setAsked("restore"); }}>{w.restore}</button>}</div>}>
            {may("/status") && <Shown loaded={loaded}>{({ last_backup }) => last_backup === null ? <p class="nothing">{w.noBackup}</p>
                : <Facts facts={[[w.time, <><When time={last_backup.time} exact /> (<When time={last_backup.time} />)</>], [w.folder, <code><Said
                    text={last_backup.folder} /></code>]]} />}</Shown>}
            <p class="hint">{w.backupText}</p>
        </Card>
        {folder !== "" && may("/backup/list") && <Card title={w.points} aside={may("/backup/verify") && <button type="button" class="plain" disabled={step !== undefined}
            onClick={() => run(work<{ sound: boolean; damage: readonly string[] }>("/backup/verify", { directory: folder })
                .then(({ damage }) => (damage.length === 0 ? w.backupSound : w.backupDamaged(damage.length))))}>{w.readAll}</button>}>
            <Shown loaded={points}>{({ points: all, unreadable, verified }) => <>
                <p class={verified !== null && verified.problems > 0 ? "bad" : "hint"}>{verified === null ? w.neverVerified
                    : <>{verified.problems === 0 ? w.backupSound : w.backupDamaged(verified.problems)} <When time={verified.time} /></>}</p>
                {unreadable.length > 0 && <p class="bad">{w.unreadablePoints(unreadable.join(", "))}</p>}
                <Table label={w.points} list={{ rows: [...all].reverse(), more: undefined }} name={(one) => one.point} empty={w.noBackup} texts={(one) => [one.point]} columns={[
                    { label: w.point, value: (one) => one.point, cell: (one) => <code>{one.point}</code> },
                    { label: w.time, value: (one) => one.time, cell: (one) => <When time={one.time} /> },
                    { label: w.pageNames.accounts, class: "number", value: (one) => one.accounts, cell: (one) => w.count(one.accounts) },
                    { label: w.size, class: "number", value: (one) => one.bytes, cell: (one) => w.octets(one.bytes) },
                    { label: w.state, value: (one) => one.damage.length, cell: (one) => one.damage.map((sentence) => <p class="bad" key={sentence}><Said text={sentence} /></p>) },
                    { label: w.actions, value: () => "", cell: (one) => may("/restore") && <button type="button" class="plain" disabled={step !== undefined}
                        onClick={() => { setPoint(one.point); setAsked("restore"); }}>{w.restore}</button> },
                ]} />
            </>}</Shown>
        </Card>}
        {asked === "backup" && <Form title={w.backupNow} yes={w.begin} close={close} fields={[
            { name: "directory", label: w.folder, required: true, value: folder, hint: w.backupFolderHint },
            { name: "keep", label: w.keepPoints, kind: "number", hint: w.keepHint },
        ]} submit={async ({ directory, keep }) => run(work<{ point: string; bytes_written: number }>("/backup", { directory, keep: Number(keep ?? 0) })
            .then(({ point, bytes_written }) => w.backupDone(point, w.octets(bytes_written))))} />}
        {asked === "restore" && <Form title={w.restore} yes={w.begin} close={close} fields={[
            { name: "directory", label: w.folder, required: true, value: folder },
            { name: "account", label: w.account, kind: "address", required: true },
            { name: "mailbox", label: w.mailbox, hint: w.mailboxHint },
            { name: "message", label: "Message-ID", hint: w.messageHint },
            { name: "into", label: w.intoMailbox, hint: w.intoHint, value: w.restoredOn(new Date().toISOString().slice(0, 10)) },
            { name: "point", label: w.point, hint: w.pointHint, value: point },
        ]} submit={async (values) => {
            const named = Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== "" && (name !== "into" || values["mailbox"] !== "" || values["message"] !== "")));
            run(work<{ restored: number; already_there: number }>("/restore", named).then(({ restored, already_there }) => w.restoreDone(restored, already_there)));
        }} />}
    </>;
}
