// Where a letter is written. Fields are the browser's own and are never set while somebody types; what is typed is saved by itself.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Id } from "../../../core/jmap/types.js";
import { keyInField } from "../../../core/page/keys.js";
import type { Mail } from "../../model/mail.js";
import { tell } from "../../../core/page/notice.js";
import { words } from "../../words/language.js";
import { parseAddresses } from "../../write/address_list.js";
import { Refused } from "../../write/desk.js";
import { recipients, signedAnew } from "../../write/draft.js";
import { domainsOf } from "../../write/people.js";
import { looksLike, promisesFile } from "../../write/warnings.js";
import { ask } from "../../../core/page/asked.js";
import { IconButton } from "../../../core/page/icons.js";
import { AddressField } from "./address_field.js";
import { Body, switchFormats, type Writing } from "./body.js";
import { Files } from "./files.js";
import { open, type Opened } from "./open.js";
import { SendLater } from "./send_later.js";
import { sent } from "./sent.js";

const AN_HOUR = 3_600; // seconds
const SAVE_AFTER = 2_000; // milliseconds without a key

type State = "" | "saving" | "saved" | "unsaved" | "sending";

export function Composer({ mail, what, close }: { mail: Mail; what: string; close(): void }) {
    const w = words.value;
    const [opened, setOpened] = useState<Opened>();
    useEffect(() => {
        let gone = false;
        mail.trying(async () => {
            const made = await open(mail, what);
            if (!gone) setOpened(made);
        }).then((done) => { if (!done) throw new Error("no answer"); }).catch(() => {
            tell({ text: w.cannotWrite, bad: true });
            if (!gone) close();
        });
        return () => { gone = true; };
    }, []);
    return <section class="composer" role="dialog" aria-label={w.newLetter}>
        {opened === undefined ? <p class="nothing" aria-busy="true" /> : <Sheet mail={mail} opened={opened} close={close} />}
    </section>;
}

function Sheet({ mail, opened, close }: { mail: Mail; opened: Opened; close(): void }) {
    const w = words.value;
    const { desk, draft, identities, people } = opened;
    const [state, setState] = useState<State>("");
    const [problem, setProblem] = useState<string>();
    const [copies, setCopies] = useState(draft.cc !== "" || draft.bcc !== "");
    const [rich, setRich] = useState(draft.html !== undefined);
    const [waiting, setWaiting] = useState(0);
    const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
    const writing = useRef<Writing>(null);
    const sheet = useRef<HTMLFormElement>(null);
    const identity = () => identities.find(({ id }) => id === draft.identity) ?? identities[0];

    useEffect(() => {
        if (draft.to === "") sheet.current!.querySelector<HTMLInputElement>("input")!.focus(); // else the text has it
        return () => {
            clearTimeout(timer.current);
            desk.close();
        };
    }, []);
    const save = async (): Promise<boolean> => {
        clearTimeout(timer.current);
        setState("saving");
        try {
            if (await mail.trying(() => desk.save(draft, identity()))) {
                setState("saved");
                return true;
            }
        } catch (error) {
            setProblem(error instanceof Refused ? w.notSavedBecause(error.type) : w.failed);
        }
        setState("unsaved");
        return false;
    };
    const changed = () => {
        desk.keepHere(draft);
        setState("unsaved");
        clearTimeout(timer.current);
        timer.current = setTimeout(() => void save(), SAVE_AFTER);
    };
    const leave = () => {
        if (state === "unsaved") void save().then((done) => (done ? undefined : later(false)));
        close();
    };
    /** Without connection a letter waits until there is one. False: it cannot, and stays where it is. */
    const later = async (send: boolean, at?: Date): Promise<boolean> => {
        if (mail.offline.peek() === undefined) return false;
        const what = structuredClone(draft);
        const { email, older, tried } = desk.whatServerHas;
        const kept = await mail.sendWhenPossible({ draft: what, identity: identity(), send, tried, ...(email === undefined ? {} : { email }), ...(older === undefined ? {} : { older }),
            ...(at === undefined ? {} : { at: at.toISOString() }) });
        if (!kept) return false;
        desk.handOver();
        tell({ text: send ? w.sentLater : w.savedLater });
        return true;
    };
    const discard = async () => {
        clearTimeout(timer.current);
        if (await mail.trying(() => desk.discard())) tell({ text: w.discarded });
        close();
    };
    const send = async (at?: Date) => {
        const hindrance = waiting > 0 ? w.uploadsRun : recipientsProblem();
        setProblem(hindrance);
        if (hindrance !== undefined || state === "sending" || !(await sure())) return;
        clearTimeout(timer.current);
        setState("sending");
        try {
            let gone: Awaited<ReturnType<typeof desk.send>> | undefined;
            if (!(await mail.trying(async () => { gone = await desk.send(draft, identity(), at); }))) {
                if (await later(true, at)) return close();
                throw new Error("no answer");
            }
            sent(mail, gone!, at);
            close();
        } catch (error) {
            setProblem(error instanceof Refused ? w.notSentBecause(error.type, error.details) : w.notSent);
            setState("unsaved");
        }
    };
    const recipientsProblem = () => {
        const wrong = [draft.to, draft.cc, draft.bcc].flatMap((typed) => parseAddresses(typed).wrong);
        return wrong.length > 0 ? w.noAddress(wrong[0]!) : recipients(draft).length === 0 ? w.noRecipients : undefined;
    };
    const sure = async () => {
        if (draft.files.length === 0 && promisesFile(draft.subject, draft.text) && !(await ask(w.noFileTitle, w.noFileText, w.sendAnyway))) return false;
        const known = domainsOf(await people());
        for (const to of recipients(draft)) {
            const other = looksLike(to, known);
            if (other !== undefined && !(await ask(w.lookTitle, w.lookText(to, other), w.sendAnyway))) return false;
        }
        return true;
    };
    const writeAs = (id: Id) => {
        const before = identity();
        draft.identity = id;
        draft.from = { name: identity().name || null, email: identity().email };
        if (draft.html === undefined) { // with formats it is the writer's to change
            draft.text = signedAnew(draft.text, before, identity());
            writing.current?.setText?.();
        }
        changed();
    };
    const turn = () => {
        setRich(switchFormats(draft));
        changed();
    };
    const pressed = (event: KeyboardEvent) => {
        const key = keyInField(event);
        if (key === "Ctrl+Enter") void send();
        else if (key === "Escape" && !event.defaultPrevented) leave();
        else if (key === "Enter" && (event.target as Element).matches("input")) { /* sends nothing */ } else return;
        event.preventDefault();
    };
    const said = { "": "", saving: w.saving, saved: w.saved, unsaved: mail.offline.value === undefined ? "" : w.keptHere, sending: w.sending }[state];
    return <form class="sheet" ref={sheet} onKeyDown={pressed} onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <header>
            <h2>{draft.subject === "" ? w.newLetter : draft.subject}</h2><span class="state" role="status">{said}</span>
            <IconButton icon="close" label={w.closeComposer} hint="Esc" onClick={leave} />
        </header>
        <div class="heads">
            {identities.length > 1 && <label class="line"><span>{w.from}</span><select value={draft.identity} onChange={(event) => writeAs(event.currentTarget.value)}>{identities.map((one) => <option key={one.id} value={one.id}>{one.name === "" ? one.email : `${one.name} <${one.email}>`}</option>)}</select></label>}
            <AddressField label={w.to} start={draft.to} people={people} typed={(value) => { draft.to = value; changed(); }}>
                {!copies && <button type="button" class="link" onClick={() => setCopies(true)}>{w.copies}</button>}
            </AddressField>
            {copies && <AddressField label={w.cc} start={draft.cc} people={people} typed={(value) => { draft.cc = value; changed(); }} />}
            {copies && <AddressField label={w.bcc} start={draft.bcc} people={people} typed={(value) => { draft.bcc = value; changed(); }} />}
            <label class="line"><span>{w.subject}</span><input defaultValue={draft.subject} maxLength={900} autocomplete="off"
                onInput={(event) => { draft.subject = event.currentTarget.value; changed(); }} /></label>
        </div>
        <Body mail={mail} draft={draft} rich={rich} changed={changed} writing={writing} />
        <Files mail={mail} start={draft.files} sheet={sheet} waiting={setWaiting} within={rich ? (file) => writing.current?.insertPicture?.(file) : undefined} changed={(files) => { draft.files = files; changed(); }} tools={<>
            <button type="submit" class="primary" disabled={state === "sending"} title={`${w.send} (Ctrl+Enter)`}>{w.send}</button>
            {mail.account.longestDelay >= AN_HOUR && <SendLater longest={mail.account.longestDelay} send={(at) => void send(at)} />}
            <IconButton icon="formats" label={w.formats} pressed={rich} onClick={turn} />
        </>} more={<IconButton icon="trash" label={w.discard} onClick={() => void discard()} />} />
        <p class="problem" role="alert">{problem}</p>
    </form>;
}
