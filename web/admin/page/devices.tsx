// The mail programs that fetched letters of an account lately, as far as the ways of its letters tell.
import { useState } from "preact/hooks";
import type { JourneyEvent } from "../model/answers.js";
import { devices } from "../model/journey.js";
import { words } from "../words/language.js";
import { useAnswer } from "./asking.js";
import { Card, Said, Shown, When } from "./parts.js";
import { Table } from "./table.js";

export function Devices({ address }: { address: string }) {
    const w = words.value;
    const [open, setOpen] = useState(false);
    const loaded = useAnswer<{ events: readonly JourneyEvent[] }>(open ? "/trace" : undefined, { what: address });
    return <Card title={w.devices} aside={!open && <button type="button" class="plain" onClick={() => setOpen(true)}>{w.show}</button>}>
        <p class="hint">{w.devicesText}</p>
        {open && <Shown loaded={loaded}>{({ events }) => <Table label={w.devices} list={{ rows: devices(events, address), more: undefined }}
            name={({ service, client }) => `${service} ${client}`} empty={w.nothingThere} columns={[
                { label: w.client, class: "wide", cell: ({ client }) => <Said text={client} /> },
                { label: w.service, value: ({ service }) => service, cell: ({ service }) => <Said text={service} /> },
                { label: w.lettersColumn, class: "number", value: ({ letters }) => letters, cell: ({ letters }) => w.count(letters) },
                { label: w.lastUsed, value: ({ last }) => last, cell: ({ last }) => <When time={last} /> },
            ]} />}</Shown>}
    </Card>;
}
