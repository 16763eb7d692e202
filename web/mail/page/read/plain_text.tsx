import { useMemo, useState } from "preact/hooks";
import { blocks, type Block } from "../../read/plain_text.js";
import { oneLine } from "../../../core/text/printable.js";
import { followMailto } from "../router.js";
import { words } from "../../words/language.js";

const MOST_LINES = 5_000;

/** A letter in plain text: a quote is folded, unless own words below it answer it. */
export function PlainText({ text, flowed, delSp }: { text: string; flowed: boolean; delSp: boolean }) {
    const groups = useMemo(() => grouped(shortened(blocks(text.replace(/\s+$/, ""), flowed, delSp))), [text, flowed, delSp]);
    return <div class="plain-text">
        {groups.map((group, index) => (group[0]!.depth === 0 ? <Lines key={index} block={group[0]!} />
            : <Quote key={index} blocks={group} folded={!isAnswered(groups.slice(index + 1))} />))}
    </div>;
}

/** Blocks that are quoted, one below the other, belong together. */
function grouped(all: readonly Block[]): readonly (readonly Block[])[] {
    const groups: Block[][] = [];
    for (const block of all) {
        const last = groups.at(-1);
        if (last !== undefined && block.depth > 0 && last[0]!.depth > 0) last.push(block);
        else groups.push([block]);
    }
    return groups;
}

/** Whether own words come after a quote: then it was quoted to be answered. */
function isAnswered(after: readonly (readonly Block[])[]): boolean {
    return after.some(([block]) => block!.depth === 0 && !block!.signature && block!.lines.some((line) => line.some((piece) => piece.text.trim() !== "")));
}

function Lines({ block }: { block: Block }) {
    return <div class={block.signature ? "lines signature" : "lines"} dir="auto">{block.lines.map((line, index) => <div key={index}>
        {line.map((piece, at) => (piece.kind === "link" ? <a key={at} href={piece.href} target="_blank" rel="noopener noreferrer" onClick={followMailto}>{oneLine(piece.text)}</a> : piece.text))}
        {line.length === 1 && line[0]!.text === "" && <br />}
    </div>)}</div>;
}

function Quote({ blocks: all, folded }: { blocks: readonly Block[]; folded: boolean }) {
    const [open, setOpen] = useState(!folded);
    if (!open) {
        const lines = all.reduce((sum, block) => sum + block.lines.length, 0);
        return <button type="button" class="unfold" aria-expanded={false} onClick={() => setOpen(true)}>{words.value.quoted(lines)}</button>;
    }
    return <>{all.map((block, index) => {
        let shown = <Lines block={block} />;
        for (let depth = block.depth - 1; depth >= 0; depth -= 1) shown = <blockquote class={`quote-${depth % 3}`}>{shown}</blockquote>;
        return <div key={index}>{shown}</div>;
    })}</>;
}

/** So many lines that a page can be made of them. */
function shortened(all: readonly Block[]): readonly Block[] {
    let left = MOST_LINES;
    return all.flatMap((block) => {
        const lines = block.lines.slice(0, left);
        left -= lines.length;
        return lines.length === 0 ? [] : [{ ...block, lines }];
    });
}
