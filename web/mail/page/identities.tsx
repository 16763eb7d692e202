// One's names and signatures, for each address that one writes from. They are kept by the server, for all devices.
import { useEffect, useState } from "preact/hooks";
import type { Mail } from "../model/mail.js";
import { words } from "../words/language.js";
import { changeIdentities, identitiesOf } from "../write/desk.js";
import type { Identity } from "../write/reply.js";
import { Dialog } from "../../core/page/dialog.js";

export function Identities({ mail, close }: { mail: Mail; close(): void }) {
    const w = words.value;
    const [all, setAll] = useState<readonly Identity[]>();
    const [problem, setProblem] = useState<string>();
    useEffect(() => {
        mail.trying(async () => setAll(await identitiesOf(mail.account))).then((done) => { if (!done) setProblem(w.unreachable); }).catch(() => setProblem(w.failed));
    }, []);
    const submit = async (event: SubmitEvent) => {
        event.preventDefault();
        const fields = new FormData(event.currentTarget as HTMLFormElement);
        const text = (name: string) => String(fields.get(name) ?? "").replaceAll("\r\n", "\n");
        try {
            const done = await mail.trying(() => changeIdentities(mail.account, (all ?? []).map((one) => ({ ...one, name: text(`name ${one.id}`).trim(), textSignature: text(`signature ${one.id}`).trimEnd() }))));
            if (done) return close();
            setProblem(w.unreachable);
        } catch {
            setProblem(w.failed);
        }
    };
    return <Dialog title={w.identities} close={close}>
        <form class="fields" onSubmit={(event) => void submit(event)} aria-busy={all === undefined}>
            {all?.map((one) => <fieldset key={one.id}><legend><bdi>{one.email}</bdi></legend>
                <label>{w.yourName}<input name={`name ${one.id}`} defaultValue={one.name} maxLength={200} autocomplete="name" /></label>
                <label>{w.signature}<textarea name={`signature ${one.id}`} defaultValue={one.textSignature ?? ""} rows={4} maxLength={10_000} /></label></fieldset>)}
            <p class="bad" role="alert">{problem}</p>
            <footer><button type="button" class="plain" onClick={close}>{w.cancel}</button><button type="submit" class="primary" disabled={all === undefined}>{w.save}</button></footer>
        </form>
    </Dialog>;
}
