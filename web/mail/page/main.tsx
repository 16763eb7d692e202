import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { SignedOutError } from "../../core/jmap/client.js";
import { keep, kept } from "../../core/page/kept.js";
import { lazy } from "../../core/page/lazy.js";
import { jmapSession, signOut, whoIsSignedIn } from "../../core/page/session.js";
import { SignIn } from "../../core/page/sign_in.js";
import { forgetKept, knownHere, LEAVING, type Known } from "../offline/keeping.js";
import { words } from "../words/language.js";
import { MailPage } from "./mail_page.js";
import { beginWorker } from "./service_worker.js";

const AccountDialog = lazy(() => import("./account/account_dialog.js").then((part) => part.AccountDialog));

type Who = Known | "nobody" | "owes-factor" | "unknown" | "unreachable";

function Page() {
    const [who, setWho] = useState<Who>("unknown");
    const look = async () => {
        try {
            if (kept(LEAVING) !== undefined) await signOut().then(() => keep(LEAVING, undefined));
            const signedIn = await whoIsSignedIn();
            if (signedIn === "somebody") return setWho({ session: await jmapSession(), heard: new Date() });
            await forgetKept("keep letters");
            setWho(signedIn);
        } catch {
            setWho(kept(LEAVING) !== undefined ? "nobody" : (await knownHere()) ?? "unreachable");
        }
    };
    const signedOut = async () => {
        await forgetKept("keep letters");
        setWho("nobody");
    };
    /** Whoever has set up no second factor is signed out. */
    const leave = async () => {
        try {
            if ((await whoIsSignedIn()) === "owes-factor") await signOut();
        } finally {
            await look();
        }
    };
    const trying = async (work: () => Promise<unknown>) => {
        try {
            await work();
            return true;
        } catch (error) {
            if (!(error instanceof SignedOutError)) throw error;
            await signedOut();
            return false;
        }
    };
    useEffect(() => void look(), []);
    useEffect(() => { document.documentElement.lang = words.value.language; }, [words.value]);
    if (who === "unknown") return null;
    if (who === "nobody") return <SignIn signedIn={() => { keep(LEAVING, undefined); void look(); }} />;
    if (who === "owes-factor") return <main class="lone"><h1 class="brand">Tegami</h1><AccountDialog mail={{ trying }} factorFirst close={() => void leave()} /></main>;
    if (who === "unreachable") return <main class="lone"><p>{words.value.unreachable}</p>
        <button type="button" class="primary" onClick={() => void look()}>{words.value.tryAgain}</button></main>;
    return <MailPage key={who.session.username} known={who} signedOut={() => void signedOut()} />;
}

render(<Page />, document.getElementById("page")!);
beginWorker();
