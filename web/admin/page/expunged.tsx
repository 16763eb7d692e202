// Letters that somebody deleted for good, and that can still be brought back.
import { useState } from "preact/hooks";
import { ask as question } from "../../core/page/asked.js";
import type { Json } from "../model/server.js";
import { words } from "../words/language.js";
import { ask, attempt, may, useRows } from "./asking.js";
import { Card, Said, When } from "./parts.js";
import { Table } from "./table.js";

interface Gone {
    readonly mailbox: string;
    readonly uid: number;
    readonly expunged: string;
    readonly bytes: number;
    readonly from?: string;
    readonly subject?: string;
    readonly message_id?: string;
}

interface Back {
    readonly brought_back: readonly unknown[];
    readonly next?: string;
}

export function Expunged({ address }: { address: string }) {
    const w = words.value;
    const [open, setOpen] = useState(false);
    const list = useRows<Gone>(open ? "/account/expunged" : undefined, "messages", { address });
    const bring = async (which: Json) => {
        await attempt(async () => {
            let count = 0;
            let from: string | undefined;
            do {
                const back: Back = await ask<Back>("/account/undelete", { address, ...which, ...(from === undefined ? {} : { from }) });
                count += back.brought_back.length;
                from = back.next;
            } while (from !== undefined);
            return w.lettersBack(count);
        });
        list.again();
    };
    const all = async () => { if (await question(w.bringAllBack, w.bringAllBackText, w.bringAllBack)) await bring({}); };
    return <Card title={w.deletedLetters} aside={open
        ? may("/account/undelete") && list.rows.length > 0 && <button type="button" class="plain" onClick={() => void all()}>{w.bringAllBack}</button>
        : <button type="button" class="plain" onClick={() => setOpen(true)}>{w.show}</button>}>
        {open ? <Table label={w.deletedLetters} list={list} name={({ mailbox, uid }) => `${mailbox} ${uid}`} empty={w.nothingDeleted}
            texts={({ from, subject, mailbox }) => [from ?? "", subject ?? "", mailbox]} columns={[
            { label: w.subject, class: "wide", value: ({ subject }) => subject, cell: ({ subject }) => <Said text={subject ?? ""} /> },
            { label: w.from, value: ({ from }) => from, cell: ({ from }) => <Said text={from ?? ""} /> },
            { label: w.folder, value: ({ mailbox }) => mailbox, cell: ({ mailbox }) => <Said text={mailbox} /> },
            { label: w.deletedOn, value: ({ expunged }) => expunged, cell: ({ expunged }) => <When time={expunged} /> },
            ...(may("/account/undelete") ? [{ label: "", class: "actions" as const, cell: ({ message_id, mailbox }: Gone) => message_id !== undefined
                && <button type="button" class="link" onClick={() => void bring({ message_id, mailbox })}>{w.bringBack}</button> }] : []),
        ]} /> : <p class="hint">{w.deletedText}</p>}
    </Card>;
}
