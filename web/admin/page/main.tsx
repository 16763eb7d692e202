import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { isSignedIn, signOut } from "../../core/page/session.js";
import { SignIn } from "../../core/page/sign_in.js";
import { Server } from "../model/server.js";
import { words } from "../words/language.js";
import { AdminPage } from "./admin_page.js";
import { server } from "./asking.js";

type State = "unknown" | "nobody" | "unreachable" | "in" | "no-part";

function Page() {
    const [state, setState] = useState<State>("unknown");
    const look = async () => {
        try {
            if (!(await isSignedIn())) return setState("nobody");
            const opened = await Server.open();
            if (opened !== undefined) opened.signedOut = () => setState("nobody");
            server.value = opened;
            setState(opened === undefined ? "no-part" : "in");
        } catch {
            setState("unreachable");
        }
    };
    const leave = async () => {
        await signOut().catch(() => undefined);
        setState("nobody");
    };
    useEffect(() => void look(), []);
    useEffect(() => { document.documentElement.lang = words.value.language; }, [words.value]);
    const w = words.value;
    if (state === "unknown") return null;
    if (state === "nobody") return <SignIn signedIn={() => void look()} />;
    if (state === "in") return <AdminPage leave={() => void leave()} />;
    return <main class="lone"><h1 class="brand">Tegami</h1><p>{state === "no-part" ? w.noPart : w.unreachable}</p>
        <p class="buttons">{state === "no-part"
            ? <><a class="primary" href="/mail/">{w.toMail}</a><button type="button" class="plain" onClick={() => void leave()}>{w.signOut}</button></>
            : <button type="button" class="primary" onClick={() => void look()}>{w.tryAgain}</button>}</p></main>;
}

render(<Page />, document.getElementById("page")!);
