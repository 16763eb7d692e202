// Dialogs and menus of the browser's own kinds: they take the focus and give it back, and Escape closes them.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { isComposing } from "../../core/page/keys.js";
import { words } from "../words/language.js";
import { Icon, IconButton, type IconName } from "./icons.js";

export function Dialog({ title, close, children, wide = false }: { title: string; close(): void; children: ComponentChildren; wide?: boolean }) {
    const element = useRef<HTMLDialogElement>(null);
    const name = useId();
    useEffect(() => {
        const dialog = element.current!;
        dialog.showModal();
        return () => dialog.close();
    }, []);
    const pressed = (event: KeyboardEvent) => {
        event.stopPropagation(); // what it stands on has other uses for Enter and Escape
        if (event.key === "Enter" && isComposing(event)) event.preventDefault();
    };
    return <dialog ref={element} class={wide ? "wide" : ""} aria-labelledby={name} onKeyDown={pressed} onSubmit={(event) => event.stopPropagation()} onCancel={(event) => { event.preventDefault(); close(); }}
        onClick={(event) => { if (event.target === element.current) close(); }}>
        <div class="dialog">
            <header><h2 id={name}>{title}</h2><IconButton icon="close" label={words.value.close} onClick={close} /></header>
            {children}
        </div>
    </dialog>;
}

/** Asks before something that cannot be taken back. */
export function Question({ title, text, yes, answered }: { title: string; text: string; yes: string; answered(sure: boolean): void }) {
    return <Dialog title={title} close={() => answered(false)}>
        <p>{text}</p>
        <footer>
            <button type="button" class="plain" onClick={() => answered(false)}>{words.value.cancel}</button>
            <button type="button" class="danger" onClick={() => answered(true)}>{yes}</button>
        </footer>
    </Dialog>;
}

/** Asks for a line of text. `problem` says why it cannot be taken. */
export function Prompt({ title, label, yes, start = "", type = "text", problem, done, close }: {
    title: string; label: string; yes: string; start?: string; type?: "text" | "datetime-local"; problem(typed: string): string | undefined; done(typed: string): void; close(): void;
}) {
    const field = useRef<HTMLInputElement>(null);
    const [said, setSaid] = useState<string>();
    const submit = (event: Event) => {
        event.preventDefault();
        const typed = field.current!.value.trim();
        const wrong = problem(typed);
        setSaid(wrong);
        if (wrong !== undefined) return;
        close();
        done(typed);
    };
    return <Dialog title={title} close={close}>
        <form class="fields" onSubmit={submit}>
            <label>{label}{type === "text" ? <input ref={field} defaultValue={start} maxLength={100} autocomplete="off" autofocus />
                : <input ref={field} type={type} defaultValue={start} autofocus />}</label>
            <p class="bad" role="alert">{said}</p>
            <footer><button type="button" class="plain" onClick={close}>{words.value.cancel}</button><button type="submit" class="primary">{yes}</button></footer>
        </form>
    </Dialog>;
}

export interface Entry {
    readonly label: string;
    readonly hint?: string;
    readonly icon?: IconName;
    /** Of one that can be on or off. */
    readonly checked?: boolean;
    readonly depth?: number;
    /** A colour beside it. */
    readonly tone?: number;
    run(): void;
}

/** A button and the menu that it opens. */
export function Menu({ icon, label, hint, entries, children, class: also = "", floating = false }: {
    icon?: IconName; label: string; hint?: string | undefined; entries: readonly Entry[] | (() => readonly Entry[]); children?: ComponentChildren; class?: string;
    /** Where what is around it scrolls, and would cut it off. */
    floating?: boolean;
}) {
    const [open, setOpen] = useState(false);
    const around = useRef<HTMLDivElement>(null);
    const button = useRef<HTMLButtonElement>(null);
    useEffect(() => {
        if (!open) return undefined;
        around.current!.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
        const outside = (event: Event) => { if (!around.current!.contains(event.target as Node)) setOpen(false); };
        addEventListener("pointerdown", outside);
        return () => removeEventListener("pointerdown", outside);
    }, [open]);
    useLayoutEffect(() => {
        const list = around.current!.querySelector<HTMLElement>("[role=menu]");
        if (!floating || list === null) return;
        const { left, bottom } = button.current!.getBoundingClientRect();
        list.style.left = `${Math.max(8, Math.min(left, innerWidth - list.offsetWidth - 8))}px`;
        list.style.top = `${Math.max(8, Math.min(bottom, innerHeight - list.offsetHeight - 8))}px`;
    }, [open]);
    const close = () => {
        setOpen(false);
        button.current?.focus();
    };
    const moved = (event: KeyboardEvent) => {
        const items = [...around.current!.querySelectorAll<HTMLElement>("[role^=menuitem]")];
        const at = items.indexOf(document.activeElement as HTMLElement);
        if (event.key === "Escape") close();
        else if (event.key === "ArrowDown") items[(at + 1) % items.length]?.focus();
        else if (event.key === "ArrowUp") items[(at + items.length - 1) % items.length]?.focus();
        else if (event.key === "Tab") setOpen(false);
        else return;
        if (event.key !== "Tab") event.preventDefault();
        event.stopPropagation();
    };
    return <div class={`menu ${also}${floating ? " floating" : ""}`} ref={around}>
        <button type="button" ref={button} class={children === undefined ? "icon-button" : "menu-button"} aria-haspopup="menu" aria-expanded={open}
            aria-label={children === undefined ? label : undefined} title={hint === undefined ? label : `${label} (${hint})`} onClick={() => setOpen(!open)}>
            {children ?? <Icon name={icon!} />}
        </button>
        {open && <ul role="menu" aria-label={label} onKeyDown={moved}>
            {(typeof entries === "function" ? entries() : entries).map((entry) => <li role="none" key={entry.label}>
                <button type="button" tabIndex={-1} role={entry.checked === undefined ? "menuitem" : "menuitemcheckbox"} aria-checked={entry.checked}
                    class={`depth-${Math.min(entry.depth ?? 0, 6)}`} onClick={() => { close(); entry.run(); }}>
                    {entry.icon !== undefined && <Icon name={entry.icon} />}{entry.tone !== undefined && <i class="dot" data-tone={entry.tone} />}<span>{entry.label}</span>
                    {entry.checked === true && <span class="check" aria-hidden="true">✓</span>}{entry.hint !== undefined && <kbd>{entry.hint}</kbd>}
                </button>
            </li>)}
        </ul>}
    </div>;
}
