// One's own account: what only its owner may change. The password is asked for again wherever somebody could get a lasting way in.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { AccountError, ownAccount, type AppPassword, type OwnAccount, type Passkey, type Purpose, type WebSession, isToken, PURPOSES } from "../../account/own_account.js";
import type { Mail } from "../../model/mail.js";
import { tell } from "../../../core/page/notice.js";
import { printable } from "../../../core/text/printable.js";
import { words } from "../../words/language.js";
import { ask } from "../../../core/page/asked.js";
import { knowsPasskeys } from "../../../core/page/passkey.js";
import { Dialog } from "../../../core/page/dialog.js";
import { Code, Secrets } from "./secrets.js";

/** Does what may be refused, and says why it was. Returns whether it was done. */
type Try = (work: () => Promise<unknown>) => Promise<boolean>;

/** `factorFirst`: nothing but what sets up a second factor, which is required; it is closed when one is in force. */
export function AccountDialog({ mail, close, factorFirst = false }: { mail: Pick<Mail, "trying">; close(): void; factorFirst?: boolean }) {
    const w = words.value;
    const [account, setAccount] = useState<OwnAccount>();
    const [problem, setProblem] = useState<string>();
    const attempt: Try = async (work) => {
        setProblem(undefined);
        try {
            if (await mail.trying(work)) return true;
            setProblem(w.unreachable);
        } catch (error) {
            setProblem(w.accountProblem(error instanceof AccountError ? error.word : "unavailable"));
        }
        return false;
    };
    const [passkeys, setPasskeys] = useState<readonly Passkey[]>([]);
    const look = () => attempt(async () => {
        setPasskeys(await ownAccount.passkeys());
        setAccount(await ownAccount.look());
    });
    useEffect(() => void look(), []);
    const factor = account?.secondFactor;
    useEffect(() => { if (factorFirst && factor?.inForce === true) close(); }, [factor?.inForce]);
    return <Dialog title={factorFirst ? w.secondFactor : w.ownAccount} close={close} wide>
        {factorFirst && <p>{w.factorRequired}</p>}
        <p class="bad" role="alert">{problem}</p>
        {account === undefined || factor === undefined ? <p class="nothing" aria-busy="true" /> : <div class="own-account">
            {!factorFirst && <Password attempt={attempt} factor={factor} />}
            <Passkeys attempt={attempt} factor={factor} all={passkeys} changed={() => void look()} />
            <SecondFactor attempt={attempt} factor={factor} passkeys={passkeys.length > 0} changed={() => void look()} />
            {!factorFirst && <AppPasswords attempt={attempt} needed={factor.inForce || factor.required} />}
            {!factorFirst && <Sessions attempt={attempt} />}
        </div>}
    </Dialog>;
}

function Section({ title, text, children }: { title: string; text?: string; children: ComponentChildren }) {
    return <section class="fields"><h3>{title}</h3>{text !== undefined && <p>{text}</p>}{children}</section>;
}

/** A form whose fields are handed over as text; it is empty again when it was done. */
function Fields({ yes, done, children }: { yes: string; done(text: (name: string) => string): Promise<boolean>; children: ComponentChildren }) {
    const [busy, setBusy] = useState(false);
    const submit = async (event: SubmitEvent) => {
        event.preventDefault();
        const form = event.currentTarget as HTMLFormElement;
        const fields = new FormData(form);
        setBusy(true);
        const all = await done((name) => String(fields.get(name) ?? ""));
        setBusy(false);
        if (all) form.reset();
    };
    return <form class="fields" onSubmit={(event) => void submit(event)}>{children}<footer><button type="submit" class="plain" disabled={busy}>{yes}</button></footer></form>;
}

function PasswordField() {
    return <label>{words.value.password}<input name="password" type="password" autocomplete="current-password" required /></label>;
}

type Factor = OwnAccount["secondFactor"];

/** For what takes a code beside the password; where a passkey will do, it may be left empty. */
function CodeField({ factor }: { factor?: Factor }) {
    const passkey = factor !== undefined && factor.kinds.includes("passkey") && knowsPasskeys();
    return <label>{words.value.codeOfApp}<input name="code" autocomplete="one-time-code" required={!passkey} spellcheck={false} maxLength={40} />
        {passkey && <small>{words.value.emptyForPasskey}</small>}</label>;
}

function Password({ attempt, factor }: { attempt: Try; factor: Factor }) {
    const w = words.value;
    return <Section title={w.changePassword} text={w.changePasswordText}>
        <Fields yes={w.changePassword} done={async (text) => {
            const done = await attempt(() => ownAccount.changePassword(text("password"), text("new"), text("code")));
            if (done) tell({ text: w.passwordChanged });
            return done;
        }}>
            <PasswordField />
            <label>{w.newPassword}<input name="new" type="password" autocomplete="new-password" required minLength={8} /></label>
            {factor.inForce && <CodeField factor={factor} />}
        </Fields>
    </Section>;
}

function Passkeys({ attempt, factor, all, changed }: { attempt: Try; factor: Factor; all: readonly Passkey[]; changed(): void }) {
    const w = words.value;
    const remove = async ({ id, name }: Passkey) => {
        if (await ask(w.removePasskey, w.removePasskeyText(printable(name)), w.removePasskey) && await attempt(() => ownAccount.removePasskey(id))) changed();
    };
    return <Section title={w.passkeys} text={knowsPasskeys() ? w.passkeysText : w.passkeysUnknown}>
        <ul class="entries">{all.map((one) => <li key={one.id}><span><strong><bdi>{printable(one.name)}</bdi></strong> {one.used === null ? w.neverUsed : w.lastUsed(day(one.used))}</span>
            <button type="button" class="plain" onClick={() => void remove(one)}>{w.removePasskey}</button></li>)}</ul>
        {knowsPasskeys() && <Fields yes={w.addPasskey} done={async (text) => {
            const done = await attempt(() => ownAccount.addPasskey(text("name").trim(), text("password"), text("code")));
            if (done) changed();
            return done;
        }}>
            <label>{w.passkeyName}<input name="name" required maxLength={50} autocomplete="off" /></label><PasswordField />{factor.inForce && <CodeField factor={factor} />}
        </Fields>}
    </Section>;
}

function SecondFactor({ attempt, factor, passkeys, changed }: { attempt: Try; factor: Factor; passkeys: boolean; changed(): void }) {
    const w = words.value;
    const [begun, setBegun] = useState<{ readonly secret: string; readonly uri: string }>();
    const [codes, setCodes] = useState<readonly string[]>();
    if (codes !== undefined) return <Section title={w.secondFactor} text={w.recoveryText}>
        <Secrets secrets={codes} /><footer><button type="button" class="primary" onClick={() => { setCodes(undefined); changed(); }}>{w.keptThem}</button></footer></Section>;
    if (factor.inForce) return <Section title={w.secondFactor} text={w.factorInForce(factor.recoveryCodes)}>
        <Fields yes={w.newCodes} done={(text) => attempt(async () => setCodes(await ownAccount.newRecoveryCodes(text("password"), text("code"))))}><PasswordField /><CodeField factor={factor} /></Fields>
        <details><summary>{w.endFactor}</summary><Fields yes={w.endFactor} done={async (text) => {
            const done = await attempt(() => ownAccount.endFactor(text("password"), text("code")));
            if (done) changed();
            return done;
        }}><PasswordField /><CodeField factor={factor} /></Fields></details>
    </Section>;
    if (begun !== undefined) return <Section title={w.secondFactor} text={w.scanText}>
        <Code text={begun.uri} /><Secrets secrets={[begun.secret]} />
        <Fields yes={w.turnOn} done={(text) => attempt(async () => { setCodes(await ownAccount.confirmTotp(text("code"))); setBegun(undefined); })}><CodeField /></Fields>
    </Section>;
    return <Section title={w.secondFactor} text={w.factorText}>
        <Fields yes={w.beginFactor} done={(text) => attempt(async () => setBegun(await ownAccount.beginTotp(text("password"))))}><PasswordField /></Fields>
        {passkeys && <details><summary>{w.factorByPasskeys}</summary><p>{w.factorByPasskeysText}</p>
            <Fields yes={w.turnOn} done={(text) => attempt(async () => setCodes(await ownAccount.factorByPasskeys(text("password"))))}><PasswordField /></Fields></details>}
    </Section>;
}

function AppPasswords({ attempt, needed }: { attempt: Try; needed: boolean }) {
    const w = words.value;
    const [all, setAll] = useState<readonly AppPassword[]>([]);
    const [made, setMade] = useState<AppPassword & { readonly secret: string }>();
    const load = () => attempt(async () => setAll(await ownAccount.appPasswords()));
    useEffect(() => void load(), []);
    const remove = async ({ id, name }: AppPassword) => {
        if (await ask(w.removePassword, w.removePasswordText(printable(name)), w.removePassword) && await attempt(() => ownAccount.removeAppPassword(id))) await load();
    };
    return <Section title={w.appPasswords} text={needed ? w.appPasswordsNeeded : w.appPasswordsText}>
        {made !== undefined && <><p>{isToken(made) ? w.tokenShownOnce : w.shownOnce}</p><Secrets secrets={[made.secret]} /></>}
        <ul class="entries">{all.map((one) => <li key={one.id}><span><strong><bdi>{printable(one.name)}</bdi></strong> {one.used === null ? w.neverUsed : w.lastUsed(day(one.used))}
            <br /><small>{one.protocols.map((protocol) => w.protocolNames[protocol] ?? protocol).join(", ")}</small></span>
            <button type="button" class="plain" onClick={() => void remove(one)}>{w.removePassword}</button></li>)}</ul>
        <Fields yes={w.makePassword} done={async (text) => {
            const done = await attempt(async () => setMade(await ownAccount.makeAppPassword(text("name").trim(), text("password"), text("purpose") as Purpose)));
            if (done) await load();
            return done;
        }}>
            <label>{w.program}<input name="name" required maxLength={50} autocomplete="off" /></label>
            <label>{w.mayUse}<select name="purpose">{(Object.keys(PURPOSES) as Purpose[]).map((one) => <option key={one} value={one}>{w.purposes[one]}</option>)}</select></label>
            <PasswordField />
        </Fields>
    </Section>;
}

function Sessions({ attempt }: { attempt: Try }) {
    const w = words.value;
    const [all, setAll] = useState<readonly WebSession[]>([]);
    const load = () => attempt(async () => setAll(await ownAccount.sessions()));
    useEffect(() => void load(), []);
    return <Section title={w.sessions}>
        <ul class="entries">{all.map((one) => <li key={one.id}><span><bdi>{printable(one.agent).slice(0, 120) || one.client}</bdi> <small>{printable(one.client)}, {one.current ? w.thisBrowser : w.lastUsed(day(one.used))}</small></span>
            {!one.current && <button type="button" class="plain" onClick={() => void attempt(async () => { await ownAccount.endSession(one.id); await load(); })}>{w.signOut}</button>}</li>)}</ul>
    </Section>;
}

function day(text: string): string {
    const date = new Date(text);
    return Number.isNaN(date.getTime()) ? printable(text) : new Intl.DateTimeFormat(words.value.language, { dateStyle: "medium", timeZone: "UTC" }).format(date);
}
