// Who may do what in a folder.
import { useEffect, useState } from "preact/hooks";
import type { AccountMail } from "../model/account_mail.js";
import { refusalOf } from "../model/folder_work.js";
import { levelOf, type Level } from "../model/rights.js";
import { Sharing, type Person } from "../model/sharing.js";
import type { Mailbox } from "../model/types.js";
import { printable } from "../../core/text/printable.js";
import { words } from "../words/language.js";
import { Dialog } from "../../core/page/dialog.js";
import { IconButton } from "../../core/page/icons.js";

const LEVELS: readonly Level[] = ["read", "change", "manage"];

export function ShareDialog({ mail, mailbox: { id }, close }: { mail: AccountMail; mailbox: Mailbox; close(): void }) {
    const w = words.value;
    const mailbox = mail.mailboxes.value.get(id);
    const [sharing] = useState(() => new Sharing(mail));
    const [people, setPeople] = useState<readonly Person[]>();
    const [problem, setProblem] = useState<string>();
    const [busy, setBusy] = useState(false);
    const doing = async (work: () => Promise<unknown>) => {
        setBusy(true);
        setProblem(undefined);
        let done = false;
        try {
            done = await mail.trying(work);
            if (!done) setProblem(w.unreachable);
        } catch (error) {
            setProblem(w.shareProblem(refusalOf(error)));
        }
        setBusy(false);
        return done;
    };
    const shares = JSON.stringify(Object.keys(mailbox?.shareWith ?? {}));
    useEffect(() => { if (mailbox !== undefined) void doing(async () => setPeople(await sharing.people(mailbox))); }, [shares]);
    const give = (person: Person, level: Level | undefined) => doing(() => sharing.give(mailbox!, person.id, level));
    const submit = async (event: SubmitEvent) => {
        event.preventDefault();
        const form = event.currentTarget as HTMLFormElement;
        const fields = new FormData(form);
        const address = String(fields.get("address"));
        const level = String(fields.get("level")) as Level;
        let found: Person | undefined;
        if (!(await doing(async () => { found = await sharing.find(address); }))) return;
        if (found === undefined || found.email === mail.account.owner) return setProblem(w.shareProblem(found === undefined ? "nobody" : "owner"));
        if (await give(found, level)) form.reset();
    };
    if (mailbox === undefined || !mailbox.myRights.mayShare) return null;
    const choices = LEVELS.map((level) => <option key={level} value={level}>{w.mayDo(level)}</option>);
    return <Dialog title={w.shareFolder(w.folder(mailbox))} close={close}>
        <ul class="shares" aria-label={w.sharedWith} aria-busy={people === undefined}>
            {people?.length === 0 && <li>{w.sharedWithNobody}</li>}
            {people?.map((person) => {
                const level = levelOf(mailbox.shareWith?.[person.id] ?? {});
                const name = printable(person.email) || w.somebody;
                return <li key={person.id}><bdi>{name}</bdi>
                    <select aria-label={name} disabled={busy} value={level ?? ""} onChange={(event) => void give(person, event.currentTarget.value as Level)}>
                        {level === undefined && <option value="">{w.otherRights}</option>}{choices}</select>
                    <IconButton icon="close" label={w.endSharing(name)} disabled={busy} onClick={() => void give(person, undefined)} /></li>;
            })}
        </ul>
        <form class="fields" onSubmit={(event) => void submit(event)}>
            <label>{w.shareAddress}<input name="address" type="email" required maxLength={320} autocomplete="off" autofocus /></label>
            <label>{w.mayUseFolder}<select name="level">{choices}</select></label>
            <p class="bad" role="alert">{problem}</p>
            <footer><button type="button" class="plain" onClick={close}>{w.close}</button><button type="submit" class="primary" disabled={busy}>{w.shareNow}</button></footer>
        </form>
    </Dialog>;
}
