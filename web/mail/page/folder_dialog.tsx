// A folder is made, or gets another name or place.
import { useState } from "preact/hooks";
import type { Id } from "../../core/jmap/types.js";
import { refusalOf } from "../model/folder_work.js";
import { folders } from "../model/folders.js";
import type { Mail } from "../model/mail.js";
import type { Mailbox } from "../model/types.js";
import { words } from "../words/language.js";
import { Dialog } from "../../core/page/dialog.js";
import { go } from "./router.js";

/** `mailbox`: the one that is changed; nothing: one is made, in `parent`. */
export function FolderDialog({ mail, mailbox, parent, close }: { mail: Mail; mailbox?: Mailbox | undefined; parent?: Id | undefined; close(): void }) {
    const w = words.value;
    const [problem, setProblem] = useState<string>();
    const [busy, setBusy] = useState(false);
    const out = new Set(mailbox === undefined ? [] : mail.folders.within(mailbox).map(({ id }) => id));
    const place = mailbox === undefined ? parent : mailbox.parentId;
    const places = folders(mail.mailboxes.value.values(), w.language).filter(({ mailbox: one }) => !out.has(one.id));
    const submit = async (event: SubmitEvent) => {
        event.preventDefault();
        const fields = new FormData(event.currentTarget as HTMLFormElement);
        const form = { name: String(fields.get("name")).trim(), parentId: String(fields.get("parent")) || null, isSubscribed: fields.has("subscribed") };
        setBusy(true);
        try {
            const done = await mail.trying(async () => {
                if (mailbox !== undefined) await mail.folders.change(mailbox, form);
                else go({ mailbox: await mail.folders.make(form) });
            });
            if (done) return close();
            setProblem(w.unreachable);
        } catch (error) {
            setProblem(w.folderProblem(refusalOf(error)));
        }
        setBusy(false);
    };
    return <Dialog title={mailbox === undefined ? w.newFolder : w.changeFolder} close={close}>
        <form class="fields" onSubmit={(event) => void submit(event)}>
            <label>{w.name}<input name="name" defaultValue={mailbox?.name ?? ""} required maxLength={200} autocomplete="off" autofocus /></label>
            <label>{w.inFolder}<select name="parent"><option value="">{w.topLevel}</option>
                {places.map(({ mailbox: one, depth }) => <option key={one.id} value={one.id} selected={one.id === place}>{"\u2003".repeat(depth) + w.folder(one)}</option>)}</select></label>
            <label class="box"><input name="subscribed" type="checkbox" defaultChecked={mailbox?.isSubscribed ?? true} />{w.subscribed}</label>
            <p class="bad" role="alert">{problem}</p>
            <footer><button type="button" class="plain" onClick={close}>{w.cancel}</button>
                <button type="submit" class="primary" disabled={busy}>{mailbox === undefined ? w.makeFolder : w.save}</button></footer>
        </form>
    </Dialog>;
}
