import { useState } from "preact/hooks";
import { signIn, signInWithCode, type Outcome } from "./session.js";
import { LANGUAGES, speak, words } from "../words/language.js";

export function SignIn({ signedIn }: { signedIn(): void }) {
    const [outcome, setOutcome] = useState<Outcome | undefined>();
    const [busy, setBusy] = useState(false);
    const w = words.value;
    const submit = async (event: SubmitEvent) => {
        event.preventDefault();
        const fields = new FormData(event.currentTarget as HTMLFormElement);
        setBusy(true);
        const told = outcome?.kind === "code" ? await signInWithCode(outcome.ticket, String(fields.get("code")).trim())
            : await signIn(String(fields.get("username")).trim(), String(fields.get("password")));
        setBusy(false);
        if (told.kind === "in") signedIn();
        else setOutcome(told);
    };
    const said = outcome === undefined || outcome.kind === "in" ? undefined
        : outcome.kind === "code" ? (outcome.again ? w.wrongCode : undefined) : outcome.kind === "wrong" ? w.wrongPassword : outcome.kind === "wait" ? w.waitSeconds(outcome.seconds) : w.unreachable;
    return <main class="sign-in">
        <form onSubmit={(event) => void submit(event)}>
            <h1 class="brand">Tegami</h1>
            {outcome?.kind === "code" ? <label key={outcome.ticket}>{w.codeOfApp}<input name="code" autocomplete="one-time-code" required autofocus spellcheck={false} maxLength={40} /></label> : <>
                <label>{w.address}<input name="username" type="email" autocomplete="username" required autofocus spellcheck={false} /></label>
                <label>{w.password}<input name="password" type="password" autocomplete="current-password" required /></label></>}
            <p class="bad" role="alert">{said}</p>
            <button type="submit" class="primary" disabled={busy}>{w.signIn}</button>
        </form>
        <nav class="languages" aria-label={w.languages}>
            {LANGUAGES.map((language) => <button type="button" lang={language.language} key={language.language} class="plain"
                aria-pressed={language === w} onClick={() => speak(language)}>{language.ownName}</button>)}
        </nav>
    </main>;
}
