import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { signOut, whoIsSignedIn } from "../../core/page/session.js";
import { SignIn } from "../../core/page/sign_in.js";
import { Server } from "../model/server.js";
import { words } from "../words/language.js";
import { AdminPage } from "./admin_page.js";
import { server } from "./asking.js";

type State = "unknown" | "owes-factor" | "nobody" | "unreachable" | "in";

function Page() {
    const [state, setState] = useState<State>("unknown");
    const look = async () => {
        try {
            if ((await whoIsSignedIn()) === "owes-factor") return setState("owes-factor");
            const opened = await Server.open();
            if (opened !== undefined) opened.signedOut = () => setState("nobody");
            server.value = opened;
            setState(opened === undefined ? "nobody" : "in");
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
    if (state === "owes-factor") return <main class="lone"><h1 class="brand">Tegami</h1><p><a href="/mail/">{w.factorFirst}</a></p></main>;
    if (state === "in") return <AdminPage leave={() => void leave()} />;
    return <main class="lone"><h1 class="brand">Tegami</h1><p>{w.unreachable}</p>
        <button type="button" class="primary" onClick={() => void look()}>{w.tryAgain}</button></main>;
}

render(<Page />, document.getElementById("page")!);
