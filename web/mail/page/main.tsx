import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { keep, kept } from "../../core/page/kept.js";
import { isSignedIn, jmapSession, signOut } from "../../core/page/session.js";
import { SignIn } from "../../core/page/sign_in.js";
import { forgetKept, knownHere, LEAVING, type Known } from "../offline/keeping.js";
import { words } from "../words/language.js";
import { MailPage } from "./mail_page.js";
import { beginWorker } from "./service_worker.js";

type Who = Known | "nobody" | "unknown" | "unreachable";

function Page() {
    const [who, setWho] = useState<Who>("unknown");
    const look = async () => {
        try {
            if (kept(LEAVING) !== undefined) await signOut().then(() => keep(LEAVING, undefined));
            if (await isSignedIn()) return setWho({ session: await jmapSession(), heard: new Date() });
            await forgetKept("keep letters");
            setWho("nobody");
        } catch {
            setWho(kept(LEAVING) !== undefined ? "nobody" : (await knownHere()) ?? "unreachable");
        }
    };
    const signedOut = async () => {
        await forgetKept("keep letters");
        setWho("nobody");
    };
    useEffect(() => void look(), []);
    useEffect(() => { document.documentElement.lang = words.value.language; }, [words.value]);
    if (who === "unknown") return null;
    if (who === "nobody") return <SignIn signedIn={() => { keep(LEAVING, undefined); void look(); }} />;
    if (who === "unreachable") return <main class="lone"><p>{words.value.unreachable}</p>
        <button type="button" class="primary" onClick={() => void look()}>{words.value.tryAgain}</button></main>;
    return <MailPage key={who.session.username} known={who} signedOut={() => void signedOut()} />;
}

render(<Page />, document.getElementById("page")!);
beginWorker();
