// Who changed what, when and from where, and with what outcome.
import { useState } from "preact/hooks";
import { Dialog } from "../../core/page/dialog.js";
import { Icon } from "../../core/page/icons.js";
import { holdConversion } from "../../core/page/keys.js";
import { translated, words } from "../words/language.js";
import { may, useRows } from "./asking.js";
import { Badge, Card, Facts, Said, When } from "./parts.js";
import { go, route } from "./router.js";
import { Table } from "./table.js";

interface AuditRow {
    readonly time: string;
    readonly who: string;
    /** Nothing in the rows about one's own account. */
    readonly from?: string;
    readonly operation: string;
    readonly about: string;
    readonly parameters: unknown;
    /** As HTTP says it; nothing: it did not come to an end. */
    readonly status: number | null;
    readonly refusal?: string;
}

export function AuditPage() {
    const w = words.value;
    const { account = "", operation = "" } = route.value.query;
    const all = may("/audit/list");
    const list = useRows<AuditRow>(all ? "/audit/list" : "/audit/own", "rows",
        all ? { ...(account === "" ? {} : { account }), ...(operation === "" ? {} : { operation }) } : {});
    const [open, setOpen] = useState<AuditRow | undefined>();
    return <Card>
        <p class="hint">{all ? w.auditText : w.ownAudit}</p>
        {all && <form class="ask-line narrow" role="search" onKeyDown={holdConversion} onSubmit={(event) => {
            event.preventDefault();
            const typed = new FormData(event.currentTarget);
            go({ page: "audit", query: { account: String(typed.get("account")).trim(), operation: String(typed.get("operation")).trim() } });
        }}>
            <label>{w.account}<input name="account" type="search" defaultValue={account} autocomplete="off" autocapitalize="none" spellcheck={false} /></label>
            <label>{w.operation}<input name="operation" type="search" defaultValue={operation} placeholder="/account/add"
                autocomplete="off" autocapitalize="none" spellcheck={false} /></label>
            <button type="submit" class="plain"><Icon name="search" />{w.find}</button>
        </form>}
        <Table label={w.pageNames.audit} list={list} name={(row) => `${row.time} ${row.who} ${row.operation} ${row.about} ${JSON.stringify(row.parameters)}`}
            empty={w.noAudit} texts={({ who, about, operation: one }) => [who, about, one, w.operations[one] ?? ""]}
            columns={[
                { label: w.time, value: ({ time }) => time, cell: (row) => <button type="button" class="link"
                    onClick={() => setOpen(row)}><When time={row.time} exact /></button> },
                { label: w.who, value: ({ who }) => who, cell: ({ who }) => <Said text={who} /> },
                { label: w.operation, value: ({ operation: one }) => one, cell: ({ operation: one }) => <>{w.operations[one] ?? <code>{one}</code>}</> },
                { label: w.about, class: "wide", value: ({ about }) => about, cell: ({ about }) => (about === "" ? w.thisServer : <Said text={about} />) },
                { label: w.outcome, value: ({ status }) => status ?? undefined, cell: (row) => <Came row={row} /> },
            ]} />
        {open !== undefined && <Dialog title={w.operations[open.operation] ?? open.operation} close={() => setOpen(undefined)} wide>
            <Facts facts={[
                [w.time, <When time={open.time} exact />], [w.who, <Said text={open.who} />], [w.fromWhere, open.from === undefined ? "–" : <Said text={open.from} />],
                [w.operation, <code>{open.operation}</code>], [w.about, open.about === "" ? w.thisServer : <Said text={open.about} />],
                [w.outcome, <><Came row={open} /> {open.refusal !== undefined && open.refusal !== "" && <Said text={translated(open.refusal)} />}</>],
            ]} />
            <h3>{w.parameters}</h3>
            <pre class="zone" tabIndex={0}><Said text={typeof open.parameters === "string" ? open.parameters : JSON.stringify(open.parameters, undefined, 2)} /></pre>
        </Dialog>}
    </Card>;
}

function Came({ row }: { row: AuditRow }) {
    const w = words.value;
    if (row.status == null) return <Badge tone="warn">{w.noOutcome}</Badge>;
    return row.status < 300 ? <Badge tone="good">{w.doneShort}</Badge> : <Badge tone="bad">{w.refusedShort}</Badge>;
}
