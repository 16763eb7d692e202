import { useState } from "preact/hooks";
import { knowsPasskeys } from "./passkey.js";
import { signIn, signInWithCode, signInWithPasskey, type Outcome } from "./session.js";
import { LANGUAGES, speak, words } from "../words/language.js";

export function SignIn({ signedIn }: { signedIn(): void }) {
    const [outcome, setOutcome] = useState<Outcome | undefined>();
    const [busy, setBusy] = useState(false);
    const [code, setCode] = useState<Outcome & { readonly kind: "code" }>();
    const w = words.value;
    const attempt = async (work: Promise<Outcome>) => {
        setBusy(true);
        const told = await work;
        setBusy(false);
        if (told.kind === "in") signedIn();
        else setOutcome(told);
        // A passkey that was not shown leaves the other way open.
        if (told.kind !== "no-passkey" || told.refused) setCode(told.kind === "code" ? told : undefined);
    };
    const submit = (event: SubmitEvent) => {
        event.preventDefault();
        const fields = new FormData(event.currentTarget as HTMLFormElement);
        void attempt(code !== undefined ? signInWithCode(code.ticket, String(fields.get("code")).trim())
            : signIn(String(fields.get("username")).trim(), String(fields.get("password"))));
    };
    const passkeyHelps = knowsPasskeys() && (code === undefined || code.passkey !== undefined);
    const said = outcome === undefined || outcome.kind === "in" ? undefined
        : outcome.kind === "code" ? (outcome.again ? w.wrongCode : undefined) : outcome.kind === "wrong" ? w.wrongPassword : outcome.kind === "no-passkey" ? w.noPasskey : outcome.kind === "wait" ? w.waitSeconds(outcome.seconds) : w.unreachable;
    return <main class="sign-in">
        <form onSubmit={submit}>
            <h1 class="brand">Tegami</h1>
            {code !== undefined ? <label key={code.ticket}>{w.codeOfApp}<input name="code" autocomplete="one-time-code" required autofocus spellcheck={false} maxLength={40} /></label> : <>
                <label>{w.address}<input name="username" type="email" autocomplete="username" required autofocus spellcheck={false} /></label>
                <label>{w.password}<input name="password" type="password" autocomplete="current-password" required /></label></>}
            <p class="bad" role="alert">{said}</p>
            <button type="submit" class="primary" disabled={busy}>{w.signIn}</button>
            {passkeyHelps && <button type="button" class="plain" disabled={busy} onClick={() => void attempt(signInWithPasskey(code?.passkey))}>{code === undefined ? w.signInByPasskey : w.passkeyInstead}</button>}
        </form>
        <nav class="languages" aria-label={w.languages}>
            {LANGUAGES.map((language) => <button type="button" lang={language.language} key={language.language} class="plain"
                aria-pressed={language === w} onClick={() => speak(language)}>{language.ownName}</button>)}
        </nav>
    </main>;
}
