import { useEffect, useRef, useState } from "preact/hooks";
import { keyInField } from "../../../core/page/keys.js";
import { folders } from "../../model/folders.js";
import type { AccountMail } from "../../model/account_mail.js";
import { typedFor } from "../../search/form.js";
import { words } from "../../words/language.js";
import { Icon, IconButton } from "../../../core/page/icons.js";
import { go, route } from "../router.js";

/** Where a search is typed; the form beside it types for those who like forms. */
export function SearchBox({ mail }: { mail: AccountMail }) {
    const w = words.value;
    const { search } = route.value;
    const [open, setOpen] = useState(false);
    const field = useRef<HTMLInputElement>(null);
    useEffect(() => { if (field.current !== document.activeElement) field.current!.value = search ?? ""; }, [search]);
    const look = (typed: string) => {
        setOpen(false);
        if (typed.trim() === "") go(mail.account.place);
        else go({ ...mail.account.place, search: typed.trim() });
    };
    const pressed = (event: KeyboardEvent) => {
        const key = keyInField(event);
        if (key === "Enter") look(field.current!.value);
        else if (key === "Escape") field.current!.blur();
        else return;
        event.preventDefault();
    };
    const clear = () => {
        field.current!.value = "";
        go(mail.account.place);
    };
    return <div role="search" class="search">
        <div class="search-box">
            <Icon name="search" />
            <input ref={field} type="search" placeholder={w.searchMail} aria-label={w.searchMail} title={`${w.searchMail} (/)`} enterkeyhint="search" autocomplete="off"
                spellcheck={false} onKeyDown={pressed} />
            {search !== undefined && <IconButton icon="close" label={w.endSearch} onClick={clear} />}
            <IconButton icon="filter" label={w.searchForm} pressed={open} onClick={() => setOpen(!open)} />
        </div>
        {open && <SearchForm mail={mail} look={(typed) => { field.current!.value = typed; look(typed); }} close={() => setOpen(false)} />}
    </div>;
}

function SearchForm({ mail, look, close }: { mail: AccountMail; look(typed: string): void; close(): void }) {
    const w = words.value;
    const first = useRef<HTMLInputElement>(null);
    useEffect(() => first.current!.focus(), []);
    const submit = (event: SubmitEvent) => {
        event.preventDefault();
        const fields = new FormData(event.currentTarget as HTMLFormElement);
        const text = (name: string) => String(fields.get(name) ?? "");
        look(typedFor({ from: text("from"), to: text("to"), subject: text("subject"), words: text("words"), place: text("place"), after: text("after"),
            before: text("before"), attachment: fields.has("attachment"), unread: fields.has("unread") }));
    };
    return <form class="search-form" onSubmit={submit} onKeyDown={(event) => { if (keyInField(event) === "Escape") close(); }}>
        <label>{w.words}<input name="words" ref={first} /></label>
        <label>{w.from}<input name="from" autocomplete="off" /></label>
        <label>{w.to}<input name="to" autocomplete="off" /></label>
        <label>{w.subject}<input name="subject" autocomplete="off" /></label>
        <label>{w.inFolder}<select name="place"><option value="">{w.everywhere}</option>
            {folders(mail.mailboxes.value.values(), w.language).map(({ mailbox }) => <option key={mailbox.id} value={mailbox.id}>{w.folder(mailbox)}</option>)}</select></label>
        <div class="two"><label>{w.after}<input name="after" type="date" /></label><label>{w.before}<input name="before" type="date" /></label></div>
        <div class="boxes"><label><input name="attachment" type="checkbox" />{w.withAttachment}</label><label><input name="unread" type="checkbox" />{w.unread}</label></div>
        <button type="submit" class="primary">{w.search}</button>
    </form>;
}
