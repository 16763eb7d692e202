// Small things that all pages have.
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Dialog } from "../../core/page/dialog.js";
import { Icon, IconButton, type IconName } from "../../core/page/icons.js";
import { holdConversion } from "../../core/page/keys.js";
import { visible } from "../../core/text/printable.js";
import { words } from "../words/language.js";
import { reason, type Loaded } from "./asking.js";

/** What somebody else wrote: as text, with a sign for what is not seen. */
export function Said({ text }: { text: string }) {
    return <bdi>{visible(text)}</bdi>;
}

/** A moment: when it was in words, and exactly when the pointer rests on it. */
export function When({ time, exact = false }: { time: string | null | undefined; exact?: boolean }) {
    const w = words.value;
    if (time == null || time === "") return <>–</>;
    const date = new Date(time);
    return <time dateTime={time} title={exact ? w.ago(date, new Date()) : w.moment(date)}>{exact ? w.moment(date) : w.ago(date, new Date())}</time>;
}

export type Tone = "good" | "warn" | "bad" | "calm";

export function Badge({ tone, children, icon }: { tone: Tone; children: ComponentChildren; icon?: IconName }) {
    return <span class={`badge ${tone}`}>{icon !== undefined && <Icon name={icon} />}{children}</span>;
}

/** A button that puts a text into the clipboard. */
export function Copy({ text, label }: { text: string; label?: string }) {
    const [done, setDone] = useState(false);
    const w = words.value;
    const copy = async () => {
        await navigator.clipboard.writeText(text).then(() => {
            setDone(true);
            setTimeout(() => setDone(false), 2_000);
        }, () => undefined);
    };
    return label === undefined
        ? <IconButton icon={done ? "check" : "copy"} label={done ? w.copied : w.copy} onClick={() => void copy()} />
        : <button type="button" class="plain" onClick={() => void copy()}><Icon name={done ? "check" : "copy"} />{done ? w.copied : label}</button>;
}

/** A part of a page with its heading. */
export function Card({ title, aside, children, class: also = "" }: { title?: string; aside?: ComponentChildren; children: ComponentChildren; class?: string }) {
    const name = useId();
    return <section class={`card ${also}`} aria-labelledby={title === undefined ? undefined : name}>
        {title !== undefined && <header><h2 id={name}>{title}</h2>{aside}</header>}
        {children}
    </section>;
}

/** What was asked for, or that it is under way, or why it is not there. */
export function Shown<Answer>({ loaded, children }: { loaded: Pick<Loaded<Answer>, "answer" | "fault" | "busy" | "again">; children(answer: Answer): ComponentChildren }) {
    const w = words.value;
    return <>
        {loaded.fault !== undefined && <p class="fault" role="alert">{loaded.fault} <button type="button" class="link" onClick={loaded.again}>{w.tryAgain}</button></p>}
        {loaded.answer !== undefined ? children(loaded.answer) : loaded.busy && <p class="waiting-line" role="status">{w.loading}</p>}
    </>;
}

/** The list of facts of a thing. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }) {
    return <dl class="facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

/** How much of something is used. `compares`: it stands beside others, and to be the longest is no reason to worry. */
export function Meter({ used, most, label, compares = false }: { used: number; most: number; label: string; compares?: boolean }) {
    const part = most <= 0 ? 0 : Math.min(1, used / most);
    return <svg class={compares || part <= 0.75 ? "meter" : part > 0.9 ? "meter bad" : "meter warn"} viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label={label}>
        <rect class="ground" width="100" height="4" /><rect class="used" width={part * 100} height="4" />
    </svg>;
}

export interface Field {
    readonly name: string;
    readonly label: string;
    readonly value?: string;
    /** Addresses have no type of their own: browsers refuse those that are not ASCII. */
    readonly kind?: "address" | "number";
    readonly hint?: string;
    readonly required?: boolean;
    readonly choices?: readonly (readonly [string, string])[];
    /** Several lines. */
    readonly long?: boolean;
}

/** A dialog with fields. `done` says what came of it, or throws why nothing did: then it stays as it is. */
export function Form({ title, fields, yes, close, submit, children }: {
    title: string; fields: readonly Field[]; yes: string; close(): void; submit(values: { readonly [name: string]: string }): Promise<void>; children?: ComponentChildren;
}) {
    const [fault, setFault] = useState<string | undefined>();
    const [busy, setBusy] = useState(false);
    const name = useId();
    const w = words.value;
    const send = async (event: SubmitEvent) => {
        event.preventDefault();
        const values = Object.fromEntries([...new FormData(event.currentTarget as HTMLFormElement)].map(([key, value]) => [key, String(value).trim()]));
        setBusy(true);
        setFault(undefined);
        try {
            await submit(values);
        } catch (error) {
            setFault(reason(error));
        }
        setBusy(false);
    };
    return <Dialog title={title} close={close}>
        <form class="form" onKeyDown={holdConversion} onSubmit={(event) => void send(event)}>
            {fields.map((field, at) => <div class="field" key={field.name}>
                <label for={name + field.name}>{field.label}</label>
                <Input field={field} id={name + field.name} first={at === 0} />
                {field.hint !== undefined && <p class="hint" id={`${name}${field.name}-hint`}>{field.hint}</p>}
            </div>)}
            {children}
            <p class="bad" role="alert">{fault}</p>
            <footer>
                <button type="button" class="plain" onClick={close}>{w.cancel}</button>
                <button type="submit" class="primary" disabled={busy}>{yes}</button>
            </footer>
        </form>
    </Dialog>;
}

function Input({ field, id, first }: { field: Field; id: string; first: boolean }) {
    const common = { id, name: field.name, autofocus: first, required: field.required === true, "aria-describedby": field.hint === undefined ? undefined : `${id}-hint` };
    if (field.choices !== undefined)
        return <select {...common}>
            {field.choices.map(([value, label]) => <option value={value} key={value} selected={value === field.value}>{label}</option>)}
        </select>;
    if (field.long === true) return <textarea {...common} rows={4} defaultValue={field.value ?? ""} spellcheck={false} />;
    return <input {...common} type="text" inputMode={field.kind === "number" ? "decimal" : field.kind === "address" ? "email" : "text"}
        pattern={field.kind === "number" ? "[0-9]*[.]?[0-9]*" : undefined}
        defaultValue={field.value ?? ""} autocomplete="off" autocapitalize="none" spellcheck={false} />;
}
