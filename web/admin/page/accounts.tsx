// The accounts: who has a mailbox here, how full it is, who may do what.
import { useState } from "preact/hooks";
import { ask as question } from "../../core/page/asked.js";
import { Dialog } from "../../core/page/dialog.js";
import { Icon } from "../../core/page/icons.js";
import { tell } from "../../core/page/notice.js";
import type { Account, WebSession } from "../model/answers.js";
import { newPassword } from "../model/password.js";
import { translated, words } from "../words/language.js";
import { ask, attempt, may, useAnswer, useRows } from "./asking.js";
import { Devices } from "./devices.js";
import { domainAsked, DomainChoice } from "./domain_choice.js";
import { Expunged } from "./expunged.js";
import { Badge, Card, Copy, Facts, Form, Meter, Said, Shown, When, type Field } from "./parts.js";
import { go, linkTo, route } from "./router.js";
import { Table } from "./table.js";

export const GIGABYTE = 1_000_000_000;

export function AccountsPage() {
    const { address, gone } = route.value.query;
    return address !== undefined ? <AccountShown address={address} key={address} /> : gone !== undefined ? <Removed /> : <AccountList />;
}

interface NewPassword {
    readonly address: string;
    readonly password: string;
    readonly hint: string | null;
}

function AccountList() {
    const w = words.value;
    const list = useRows<Account>("/account/list", "accounts", domainAsked());
    const [adding, setAdding] = useState(false);
    const [made, setMade] = useState<NewPassword | undefined>();
    const { domain } = domainAsked();
    return <Card>
        <Table label={w.pageNames.accounts} list={list} name={({ id }) => id} empty={w.noAccounts} texts={({ address }) => [address]} order={{ column: 0, down: false }}
            aside={<>
                <DomainChoice />
                {may("/account/removed") && <a {...linkTo("accounts", { gone: "1" })}>{w.removedAccounts}</a>}
                {may("/account/add") && <button type="button" class="primary" onClick={() => setAdding(true)}><Icon name="plus" />{w.addAccount}</button>}
            </>}
            columns={[
                { label: w.address, class: "wide", value: ({ address }) => address, cell: ({ address }) => <a {...linkTo("accounts", { address })}><Said text={address} /></a> },
                { label: w.state, value: ({ enabled }) => Number(!enabled),
                    cell: ({ enabled }) => (enabled ? <Badge tone="good">{w.active}</Badge> : <Badge tone="warn">{w.suspended}</Badge>) },
                { label: w.role, value: ({ role }) => role ?? "user", cell: (one) => <RoleBadge account={one} /> },
                { label: w.quota, class: "number", value: ({ quota_bytes }) => (quota_bytes === 0 ? undefined : quota_bytes),
                    cell: ({ quota_bytes }) => (quota_bytes === 0 ? w.unlimited : w.octets(quota_bytes)) },
                { label: w.since, value: ({ created }) => created, cell: ({ created }) => <When time={created} /> },
            ]} />
        {adding && <NewAccount domain={domain} close={() => setAdding(false)} made={(account) => { setAdding(false); setMade(account); list.again(); }} />}
        {made !== undefined && <PasswordShown made={made} close={() => { setMade(undefined); go({ page: "accounts", query: { address: made.address } }); }} />}
    </Card>;
}

function RoleBadge({ account }: { account: Account }) {
    const w = words.value;
    const role = account.role ?? "user";
    return role === "user" ? <>{w.roles["user"]}</> : <Badge tone="calm" icon="shield">{w.roles[role] ?? role}</Badge>;
}

function NewAccount({ domain, close, made }: { domain: string | undefined; close(): void; made(account: NewPassword): void }) {
    const w = words.value;
    const [password] = useState(newPassword);
    return <Form title={w.addAccount} yes={w.add} close={close} fields={[
        { name: "address", label: w.address, kind: "address", required: true, value: domain === undefined ? "" : `@${domain}` },
        { name: "password", label: w.password, required: true, value: password, hint: w.passwordHint },
        { name: "quota", label: w.quotaGigabytes, kind: "number", hint: w.quotaHint },
    ]} submit={async (values) => {
        const added = await ask<Account & { hint: string | null }>("/account/add", { address: values["address"], password: values["password"], quota_bytes: octetsOf(values["quota"]) });
        made({ address: added.address, password: values["password"]!, hint: added.hint });
    }} />;
}

function octetsOf(gigabytes: string | undefined): number {
    return Math.round(Number(gigabytes ?? 0) * GIGABYTE);
}

/** Once, and never again. */
function PasswordShown({ made, close }: { made: NewPassword; close(): void }) {
    const w = words.value;
    return <Dialog title={w.newPassword} close={close}>
        <p>{w.newPasswordText}</p>
        <Facts facts={[[w.address, <><Said text={made.address} /> <Copy text={made.address} /></>], [w.password, <><code class="secret">{made.password}</code> <Copy
            text={made.password} /></>]]} />
        {made.hint !== null && <p class="bad">{translated(made.hint)}</p>}
        <footer><button type="button" class="primary" onClick={close}>{w.done}</button></footer>
    </Dialog>;
}

type Asked = "quota" | "password" | "role";

function AccountShown({ address }: { address: string }) {
    const w = words.value;
    const loaded = useAnswer<Account>("/account/show", { address });
    const [asked, setAsked] = useState<Asked | undefined>();
    const [made, setMade] = useState<NewPassword | undefined>();
    const close = () => setAsked(undefined);
    const set = async (parameters: { readonly [name: string]: unknown }) => {
        await ask("/account/set", { address, ...parameters });
        close();
        loaded.again();
    };
    const suspend = async (enabled: boolean) => {
        if (!enabled && !(await question(w.suspend, w.suspendText(address), w.suspend))) return;
        await attempt(async () => { await set({ enabled }); return enabled ? w.resumed(address) : w.suspendedNow(address); });
    };
    const remove = async () => {
        if (!(await question(w.removeAccount(address), w.removeAccountText, w.remove))) return;
        const back = async () => { if (await attempt(async () => { await ask("/account/undelete", { address }); return w.broughtBack(address); })) go({ page: "accounts", query: { address } }); };
        try {
            await ask("/account/remove", { address });
            go({ page: "accounts", query: {} }, "replace");
            tell({ text: w.removed(address), ...(may("/account/undelete") ? { action: { label: w.undo, run: () => void back() } } : {}) }, 20_000);
        } catch (error) {
            await attempt(() => Promise.reject(error));
        }
    };
    return <>
        <p><a {...linkTo("accounts")}>{w.allAccounts}</a></p>
        <Shown loaded={loaded}>{(account) => <>
            <Card>
                <header><h2><Said text={account.address} /></h2><div class="buttons">
                    {may("/account/set") && <button type="button" class="plain"
                        onClick={() => void suspend(!account.enabled)}><Icon name={account.enabled ? "block" : "check"} />{account.enabled ? w.suspend : w.resume}</button>}
                    {may("/account/password") && <button type="button" class="plain" onClick={() => setAsked("password")}><Icon name="lock" />{w.setPassword}</button>}
                    {may("/account/remove") && <button type="button" class="plain" onClick={() => void remove()}><Icon name="trash" />{w.remove}</button>}
                </div></header>
                <Facts facts={[
                    [w.state, account.enabled ? <Badge tone="good">{w.active}</Badge> : <Badge tone="warn">{w.suspended}</Badge>],
                    [w.used, <Use account={account} change={may("/account/set") ? () => setAsked("quota") : undefined} />],
                    [w.pageNames.letters, may("/trace") ? <a {...linkTo("letters", { q: account.address })}>{w.lettersOf(account.messages ?? 0)}</a> : w.count(account.messages ?? 0)],
                    [w.role, <><RoleBadge account={account} />{account.domains !== undefined && account.domains.length > 0 && <small> {account.domains.join(", ")}</small>}
                        {may("/account/role") && <button type="button" class="link" onClick={() => setAsked("role")}>{w.change}</button>}</>],
                    [w.since, <When time={account.created} exact />],
                ]} />
            </Card>
            {may("/session/list") && <Sessions address={account.address} />}
            {may("/trace") && <Devices address={account.address} />}
            {may("/account/expunged") && <Expunged address={account.address} />}
            {asked === "quota" && <Form title={w.quota} yes={w.save} close={close} fields={[{ name: "quota", label: w.quotaGigabytes, kind: "number", hint: w.quotaHint,
                value: account.quota_bytes === 0 ? "" : String(account.quota_bytes / GIGABYTE) }]} submit={({ quota }) => set({ quota_bytes: octetsOf(quota) })} />}
            {asked === "password" && <Password address={account.address} close={close} made={(one) => { close(); setMade(one); }} />}
            {asked === "role" && <RoleForm account={account} close={close} done={() => { close(); loaded.again(); }} />}
            {made !== undefined && <PasswordShown made={made} close={() => setMade(undefined)} />}
        </>}</Shown>
    </>;
}

function Use({ account, change }: { account: Account; change: (() => void) | undefined }) {
    const w = words.value;
    const used = account.used_bytes ?? 0;
    return <><span>{account.quota_bytes === 0 ? w.octets(used) : w.usedOf(w.octets(used), w.octets(account.quota_bytes))}</span>
        {change !== undefined && <button type="button" class="link" onClick={change}>{w.change}</button>}
        {account.quota_bytes > 0 && <Meter used={used} most={account.quota_bytes} label={w.usedOf(w.octets(used), w.octets(account.quota_bytes))} />}</>;
}

function Password({ address, close, made }: { address: string; close(): void; made(one: NewPassword): void }) {
    const w = words.value;
    const [password] = useState(newPassword);
    return <Form title={w.setPassword} yes={w.save} close={close} fields={[{ name: "password", label: w.password, required: true, value: password, hint: w.setPasswordHint }]}
        submit={async (values) => {
            const { hint } = await ask<{ hint: string | null }>("/account/password", { address, password: values["password"] });
            made({ address, password: values["password"]!, hint });
        }} />;
}

function RoleForm({ account, close, done }: { account: Account; close(): void; done(): void }) {
    const w = words.value;
    const fields: Field[] = [
        { name: "role", label: w.role, value: account.role ?? "user", hint: w.roleHint,
            choices: ["user", "auditor", "domain-administrator", "administrator"].map((role) => [role, w.roles[role]!] as const) },
        { name: "domains", label: w.roleDomains, value: (account.domains ?? []).join(", "), hint: w.roleDomainsHint }];
    return <Form title={w.role} yes={w.save} close={close} fields={fields} submit={async ({ role, domains }) => {
        const named = (domains ?? "").split(/[\s,、]+/u).filter((one) => one !== "");
        await ask("/account/role", { address: account.address, role, ...(role === "domain-administrator" ? { domains: named } : {}) });
        tell({ text: w.saved });
        done();
    }} />;
}

function Sessions({ address }: { address: string }) {
    const w = words.value;
    const list = useRows<WebSession>("/session/list", "sessions", { address });
    const end = async (id?: string) => {
        await attempt(async () => { await ask("/session/end", { address, ...(id === undefined ? {} : { id }) }); return w.sessionsEnded; });
        list.again();
    };
    return <Card title={w.webSessions} aside={may("/session/end") && list.rows.length > 0 && <button type="button" class="plain" onClick={() => void end()}>{w.endAll}</button>}>
        <Table label={w.webSessions} list={list} name={({ id }) => id} empty={w.nobodySignedIn} columns={[
            { label: w.browser, class: "wide", cell: ({ agent }) => <Said text={agent} /> },
            { label: w.client, cell: ({ client }) => <Said text={client} /> },
            { label: w.since, value: ({ since }) => since, cell: ({ since }) => <When time={since} /> },
            { label: w.lastUsed, value: ({ used }) => used, cell: ({ used }) => used },
            ...(may("/session/end") ? [{ label: "", class: "actions" as const, cell: ({ id }: WebSession) => <button type="button" class="link"
                onClick={() => void end(id)}>{w.end}</button> }] : []),
        ]} />
    </Card>;
}

function Removed() {
    const w = words.value;
    const list = useRows<Account>("/account/removed", "accounts");
    const back = async (address: string) => {
        await attempt(async () => { await ask("/account/undelete", { address }); return w.broughtBack(address); });
        list.again();
    };
    return <>
        <p><a {...linkTo("accounts")}>{w.allAccounts}</a></p>
        <Card title={w.removedAccounts}><Table label={w.removedAccounts} list={list} name={({ id }) => id} empty={w.noRemovedAccounts} texts={({ address }) => [address]} columns={[
            { label: w.address, class: "wide", value: ({ address }) => address, cell: ({ address }) => <Said text={address} /> },
            { label: w.removedOn, value: ({ removed }) => removed, cell: ({ removed }) => <When time={removed} /> },
            { label: w.keptUntil, value: ({ kept_until }) => kept_until, cell: ({ kept_until }) => <When time={kept_until} /> },
            ...(may("/account/undelete") ? [{ label: "", class: "actions" as const, cell: ({ address }: Account) => <button type="button" class="plain"
                onClick={() => void back(address)}>{w.bringBack}</button> }] : []),
        ]} /></Card>
    </>;
}
