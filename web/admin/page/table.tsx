// A table that is filtered, sorted and turned over; on a phone each row is a card.
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Icon, IconButton } from "../../core/page/icons.js";
import { csv, type Value } from "../model/csv.js";
import { filtered, PAGE_ROWS, pageOf, sorted, type Order } from "../model/rows.js";
import { words } from "../words/language.js";
import type { Rows } from "./asking.js";

export interface Column<Row> {
    readonly label: string;
    cell(row: Row): ComponentChildren;
    /** What it is sorted by, and stands in a file; nothing: neither. */
    value?(row: Row): Value;
    readonly class?: "number" | "wide" | "actions";
}

/** Limit: pieces of a listing that one press loads. */
const PIECES_MOST = 20;

export function Table<Row>({ label, list, columns, name, texts, empty, aside, order: first }: {
    label: string; list: Pick<Rows<Row>, "rows" | "more"> & Partial<Pick<Rows<Row>, "busy" | "fault">>; columns: readonly Column<Row>[]; name(row: Row): string | number;
    /** What the filter looks at; nothing: there is none. */
    texts?(row: Row): readonly string[]; empty: string; aside?: ComponentChildren; order?: Order;
}) {
    const [typed, setTyped] = useState("");
    const [order, setOrder] = useState<Order | undefined>(first);
    const [page, setPage] = useState(0);
    const [busy, setBusy] = useState(0);
    const w = words.value;
    const { rows, more } = list;
    const found = useMemo(() => (texts === undefined ? rows : filtered(rows, typed, texts)), [rows, typed]);
    const value = order === undefined ? undefined : columns[order.column]?.value;
    const all = useMemo(() => (value === undefined ? found : sorted(found, value, order!.down, w.language)), [found, order, w]);
    const last = Math.max(0, Math.ceil(all.length / PAGE_ROWS) - 1);
    const at = Math.min(page, last);
    const filters = texts !== undefined && (rows.length > 8 || more !== undefined || typed !== "");
    // Each piece is asked for with what the one before has left, so that the next is asked for when the table is drawn again.
    useEffect(() => {
        if (busy === 0) return;
        if (more === undefined) setBusy(0);
        else void more().then((done) => setBusy((before) => (done ? before - 1 : 0)));
    }, [busy]);
    const save = () => {
        const told = columns.filter((column) => column.value !== undefined);
        const text = csv(told.map((column) => column.label), all.map((row) => told.map((column) => column.value!(row))));
        // Spreadsheets take what begins so for UTF-8.
        const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
        Object.assign(document.createElement("a"), { href: address, download: `${label}.csv` }).click();
        setTimeout(() => URL.revokeObjectURL(address), 10_000);
    };
    const heading = (column: Column<Row>, number: number) => {
        if (column.value === undefined) return column.label === "" ? <span class="unheard">{w.actions}</span> : column.label;
        const mine = order?.column === number;
        return <button type="button" class="sort" onClick={() => { setOrder({ column: number, down: mine && !order.down }); setPage(0); }}>
            {column.label}<span class="arrow" aria-hidden="true">{mine && <Icon name={order.down ? "down" : "up"} />}</span></button>;
    };
    return <div class="table">
        {(filters || aside !== undefined) && <div class="table-head">
            {filters && <div class="filter"><Icon name="search" /><input type="search" aria-label={w.filterList(label)} placeholder={w.filter} value={typed}
                onInput={(event) => { setTyped(event.currentTarget.value); setPage(0); }} spellcheck={false} /></div>}
            {aside}
            {texts !== undefined && all.length > 0 && <IconButton icon="download" label={w.saveList(label)} onClick={save} />}
        </div>}
        {list.fault !== undefined && <p class="fault" role="alert">{list.fault}</p>}
        {all.length === 0
            ? <p class="nothing" role="status">{list.busy === true ? w.loading : typed === "" ? empty : w.noneMatches}</p>
            : <div class="table-frame"><table role="table" aria-label={label}>
                <thead role="rowgroup"><tr role="row">{columns.map((column, number) => <th role="columnheader" scope="col" key={number} class={column.class}
                    aria-sort={order?.column === number ? (order.down ? "descending" : "ascending") : undefined}>{heading(column, number)}</th>)}</tr></thead>
                <tbody role="rowgroup">{pageOf(all, at).map((row) => <tr role="row" key={name(row)}>
                    {columns.map((column, number) => <td role="cell" key={number} data-label={column.label} class={column.class}><div>{column.cell(row)}</div></td>)}
                </tr>)}</tbody>
            </table></div>}
        {(last > 0 || more !== undefined) && <nav class="pager" aria-label={w.pages(label)}>
            {more !== undefined && <button type="button" class="plain" disabled={busy > 0} onClick={() => setBusy(typed === "" ? 1 : PIECES_MOST)}>
                {typed === "" ? w.loadMore : w.lookFurther}</button>}
            <span class="space" />
            {last > 0 && <>
                <span role="status">{w.rowsOf(at * PAGE_ROWS + 1, Math.min(all.length, (at + 1) * PAGE_ROWS), all.length, more !== undefined)}</span>
                <IconButton icon="back" label={w.pageBefore} disabled={at === 0} onClick={() => setPage(at - 1)} />
                <IconButton icon="next" label={w.pageAfter} disabled={at === last} onClick={() => setPage(at + 1)} />
            </>}
        </nav>}
    </div>;
}
