// Whose logins are refused at the moment, because too many of them failed.
import { Icon } from "../../core/page/icons.js";
import type { Ban } from "../model/answers.js";
import { words } from "../words/language.js";
import { ask, attempt, may, useRows } from "./asking.js";
import { Card, Said, When } from "./parts.js";
import { Table } from "./table.js";

export function BansPage() {
    const w = words.value;
    const list = useRows<Ban>("/ban/list", "bans");
    const lift = async (who?: string) => {
        await attempt(async () => { await ask("/ban/remove", who === undefined ? {} : { who }); return w.banLifted; });
        list.again();
    };
    return <Card>
        <p class="hint">{w.bansText}</p>
        {list.rows.length === 0 && !list.busy && list.fault === undefined ? <p class="all-well"><Icon name="check" />{w.noBans}</p>
            : <Table label={w.pageNames.bans} list={list} name={({ client, login }) => `${client} ${login}`} empty={w.noBans}
                texts={({ client, login }) => [client ?? "", login ?? ""]}
                aside={may("/ban/remove") && <button type="button" class="plain" onClick={() => void lift()}>{w.liftAll}</button>} columns={[
                    { label: w.client, value: ({ client }) => client ?? "", cell: ({ client }) => (client === null ? w.anywhere : <code><Said text={client} /></code>) },
                    { label: w.account, class: "wide", value: ({ login }) => login ?? "", cell: ({ login }) => (login === null ? w.anybody : <Said text={login} />) },
                    { label: w.until, value: ({ until }) => until, cell: ({ until }) => <When time={until} /> },
                    ...(may("/ban/remove") ? [{ label: "", class: "actions" as const, cell: ({ client, login }: Ban) => <button type="button" class="plain"
                        onClick={() => void lift(client ?? login ?? "")}>{w.lift}</button> }] : []),
                ]} />}
    </Card>;
}
