import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Session } from "../../core/jmap/types.js";
import { isSignedIn, jmapSession } from "../../core/page/session.js";
import { words } from "../words/language.js";
import { MailPage } from "./mail_page.js";
import { SignIn } from "../../core/page/sign_in.js";

type Who = Session | "nobody" | "unknown" | "unreachable";

function Page() {
    const [who, setWho] = useState<Who>("unknown");
    const look = async () => {
        try {
            setWho((await isSignedIn()) ? await jmapSession() : "nobody");
        } catch {
            setWho("unreachable");
        }
    };
    useEffect(() => void look(), []);
    useEffect(() => { document.documentElement.lang = words.value.language; }, [words.value]);
    if (who === "unknown") return null;
    if (who === "nobody") return <SignIn signedIn={() => void look()} />;
    if (who === "unreachable") return <main class="lone"><p>{words.value.unreachable}</p>
        <button type="button" class="primary" onClick={() => void look()}>{words.value.tryAgain}</button></main>;
    return <MailPage key={who.username} session={who} signedOut={() => setWho("nobody")} />;
}

render(<Page />, document.getElementById("page")!);
