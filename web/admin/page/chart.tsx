// Columns of parts upon each other, with what they stand for, and the same as a table.
import { useId } from "preact/hooks";
import { draw } from "../model/bars.js";
import { words } from "../words/language.js";

const WIDTH = 720;
const HEIGHT = 170;
const LEFT = 44;
const BELOW = 24;

export interface Part {
    readonly label: string;
    readonly kind: "first" | "second" | "bad" | "warn";
}

export function Chart({ label, parts, columns, every }: {
    label: string; parts: readonly Part[]; columns: readonly { readonly name: string; readonly short: string; readonly values: readonly number[] }[];
    /** Of so many columns one has its name below. */
    every: number;
}) {
    const w = words.value;
    const name = useId();
    const { columns: bars, lines } = draw(columns.map(({ values }) => values), WIDTH, HEIGHT);
    const place = WIDTH / Math.max(1, columns.length);
    return <figure class="chart">
        <figcaption id={name}><span class="unheard">{label}</span>
            <ul class="legend">{parts.map((part, at) => <li key={part.label}><span class={`key ${part.kind}`} />{part.label}
                <strong>{w.count(columns.reduce((sum, column) => sum + (column.values[at] ?? 0), 0))}</strong></li>)}</ul>
        </figcaption>
        <svg viewBox={`0 0 ${WIDTH + LEFT + 4} ${HEIGHT + BELOW + 8}`} role="img" aria-labelledby={name}>
            <g transform={`translate(${LEFT} 8)`}>
                {lines.map(({ value, y }) => <g key={value}><line x1="0" x2={WIDTH} y1={y} y2={y} /><text x="-8" y={y + 4} text-anchor="end">{w.count(value)}</text></g>)}
                {columns.map((column, at) => <g key={column.name}>
                    <title>{`${column.name}\n${parts.map((part, number) => `${part.label}: ${w.count(column.values[number] ?? 0)}`).join("\n")}`}</title>
                    <rect class="place" x={at * place} y="0" width={place} height={HEIGHT} />
                    {bars[at]!.map((bar, number) => bar && <rect key={number} class={parts[number]!.kind} x={bar.x} y={bar.y} width={bar.width} height={bar.height} rx="1" />)}
                    {at % every === 0 && <text x={at * place + place / 2} y={HEIGHT + 18} text-anchor="middle">{column.short}</text>}
                </g>)}
            </g>
        </svg>
        <details><summary>{w.asTable}</summary><div class="table-frame"><table>
            <thead><tr><th scope="col">{w.time}</th>{parts.map((part) => <th scope="col" key={part.label} class="number">{part.label}</th>)}</tr></thead>
            <tbody>{columns.filter(({ values }) => values.some((value) => value > 0)).map((column) => <tr key={column.name}><th scope="row">{column.name}</th>
                {column.values.map((value, at) => <td key={at} class="number">{w.count(value)}</td>)}</tr>)}</tbody>
        </table></div></details>
    </figure>;
}
