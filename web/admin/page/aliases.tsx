// Other addresses, and whom their letters go to.
import { useState } from "preact/hooks";
import { Icon, IconButton } from "../../core/page/icons.js";
import { tell } from "../../core/page/notice.js";
import type { Alias } from "../model/answers.js";
import { words } from "../words/language.js";
import { ask, attempt, may, useRows } from "./asking.js";
import { domainAsked, DomainChoice } from "./domain_choice.js";
import { Card, Form, Said } from "./parts.js";
import { Table } from "./table.js";

export function AliasesPage() {
    const w = words.value;
    const list = useRows<Alias>("/alias/list", "aliases", domainAsked());
    const [adding, setAdding] = useState(false);
    const { domain } = domainAsked();
    const add = async (address: string, targets: readonly string[]) => { await ask("/alias/add", { address, targets }); };
    const remove = async ({ address, targets }: Alias) => {
        const undo = () => void attempt(async () => { await add(address, targets); list.again(); return w.added(address); });
        if (!(await attempt(async () => { await ask("/alias/remove", { address }); return undefined; }))) return;
        tell({ text: w.removed(address), action: { label: w.undo, run: undo } }, 20_000);
        list.again();
    };
    return <Card>
        <Table label={w.pageNames.aliases} list={list} name={({ address }) => address} empty={w.noAliases} texts={({ address, targets }) => [address, ...targets]}
            order={{ column: 0, down: false }}
            aside={<><DomainChoice />
                {may("/alias/add") && <button type="button" class="primary" onClick={() => setAdding(true)}><Icon name="plus" />{w.addAlias}</button>}</>}
            columns={[
                { label: w.address, value: ({ address }) => address, cell: ({ address }) => <Said text={address} /> },
                { label: w.goesTo, class: "wide", value: ({ targets }) => targets.join(", "), cell: ({ targets }) => <Said text={targets.join(", ")} /> },
                ...(may("/alias/remove") ? [{ label: "", class: "actions" as const,
                    cell: (alias: Alias) => <IconButton icon="trash" label={`${w.remove}: ${alias.address}`} onClick={() => void remove(alias)} /> }] : []),
            ]} />
        {adding && <Form title={w.addAlias} yes={w.add} close={() => setAdding(false)} fields={[
            { name: "address", label: w.address, kind: "address", required: true, value: domain === undefined ? "" : `@${domain}` },
            { name: "targets", label: w.goesTo, required: true, long: true, hint: w.targetsHint },
        ]} submit={async (values) => {
            await add(values["address"]!, values["targets"]!.split(/[\s,、;]+/u).filter((one) => one !== ""));
            setAdding(false);
            tell({ text: w.added(values["address"]!) });
            list.again();
        }} />}
    </Card>;
}
