// What was deleted, as long as the server keeps it: looked through, and put back where it was.
import { useEffect, useState } from "preact/hooks";
import { AccountError } from "../account/own_account.js";
import { deletedLetters, putBack, shownOf, type Deleted, type Listing } from "../account/deleted.js";
import { Dialog } from "../../core/page/dialog.js";
import { printable } from "../../core/text/printable.js";
import { when } from "../../core/words/numbers.js";
import { wholeName } from "../model/folders.js";
import type { Mail } from "../model/mail.js";
import { words } from "../words/language.js";

const MOST_ROWS = 300; // at once; what lies further down is found by words

export function DeletedLetters({ mail, close }: { mail: Mail; close(): void }) {
    const w = words.value;
    const [listing, setListing] = useState<Listing>();
    const [text, setText] = useState("");
    const [drafts, setDrafts] = useState(false);
    const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<string>();
    const [done, setDone] = useState<string>();
    const attempt = async (work: () => Promise<unknown>) => {
        setBusy(true);
        setProblem(undefined);
        try {
            if (!(await mail.trying(work))) setProblem(w.unreachable);
        } catch (error) {
            setProblem(w.putBackProblem(error instanceof AccountError ? error.word : "unavailable"));
        }
        setBusy(false);
    };
    const load = () => attempt(async () => setListing(await deletedLetters(listing)));
    useEffect(() => void load(), []);
    const shown = shownOf(listing?.letters ?? [], text, drafts);
    const rows = shown.slice(0, MOST_ROWS);
    const meant = rows.filter(({ id }) => chosen.has(id));
    const choose = (ids: readonly string[], on: boolean) => setChosen(new Set(on ? [...chosen, ...ids] : [...chosen].filter((id) => !ids.includes(id))));
    const places = new Map([...mail.mailboxes.value.values()].map((mailbox) => [wholeName(mail.mailboxes.value, mailbox), w.folder(mailbox)]));
    const back = () => attempt(async () => {
        const result = await putBack(meant.map(({ id }) => id));
        const gone = new Set(result.back);
        setListing({ ...listing!, letters: listing!.letters.filter(({ id }) => !gone.has(id)) });
        setChosen(new Set());
        if (result.problem !== undefined) setProblem(w.putBackProblem(result.problem));
        setDone(result.back.length > 0 ? w.putBackDone(result.back.length) : undefined);
        await mail.refresh();
    });
    return <Dialog title={listing === undefined ? w.deleted : w.deletedWithin(listing.days)} close={close} wide>
        <p class="bad" role="alert">{problem}</p>
        {listing === undefined ? problem === undefined && <p class="nothing" aria-busy="true" /> : <form class="fields" onSubmit={(event) => { event.preventDefault(); void back(); }}>
            <label>{w.searchHere}<input type="search" value={text} maxLength={100} autocomplete="off" onInput={(event) => setText(event.currentTarget.value)} /></label>
            <label class="box"><input type="checkbox" checked={drafts} onClick={() => setDrafts(!drafts)} />{w.deletedDrafts}</label>
            {rows.length === 0 ? <p class="nothing">{text === "" ? w.nothingDeleted : w.nothingFound}</p> : <>
                <label class="box"><input type="checkbox" checked={meant.length === rows.length} indeterminate={meant.length > 0 && meant.length < rows.length}
                    onClick={() => choose(rows.map(({ id }) => id), meant.length < rows.length)} />{w.chooseAll}</label>
                <ul class="deleted-letters">{rows.map((one) => <DeletedRow key={one.id} letter={one} chosen={chosen.has(one.id)} choose={(on) => choose([one.id], on)} place={places.get(one.mailbox) ?? printable(one.mailbox)} />)}</ul></>}
            {shown.length > rows.length && <p>{w.onlyFirst(rows.length, shown.length)}</p>}
            <footer>
                <span class="done" role="status">{done}</span>
                {listing.next !== undefined && <button type="button" class="plain" disabled={busy} onClick={() => void load()}>{w.loadMore}</button>}
                <button type="submit" class="primary" disabled={busy || meant.length === 0}>{w.putBack}</button>
            </footer>
        </form>}
    </Dialog>;
}

function DeletedRow({ letter, place, chosen, choose }: { letter: Deleted; place: string; chosen: boolean; choose(on: boolean): void }) {
    const w = words.value;
    const subject = printable(letter.subject ?? "") || w.noSubject;
    const from = printable(letter.from?.name ?? "") || printable(letter.from?.email ?? "") || w.somebody;
    return <li><label class="box"><input type="checkbox" checked={chosen} onClick={() => choose(!chosen)} />
        <span><strong><bdi>{subject}</bdi></strong> <bdi>{from}</bdi><small><bdi>{place}</bdi>, <time dateTime={letter.deleted}>{w.deletedOn(when(new Date(letter.deleted), new Date(), w))}</time></small></span></label></li>;
}
