import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { isComposing, keyInField } from "../../../core/page/keys.js";
import { printable } from "../../../core/text/printable.js";
import type { Address } from "../../write/address.js";
import { beingTyped, typedAddress } from "../../write/address_list.js";
import { completions } from "../../write/people.js";

const MOST = 8;

/** Addresses as they are typed, completed by people written to (WAI-ARIA combobox). */
export function AddressField({ label, start, people, typed, children }: {
    label: string; start: string; people(): Promise<readonly Address[]>; typed(value: string): void; children?: ComponentChildren;
}) {
    const field = useRef<HTMLInputElement>(null);
    const known = useRef<readonly Address[]>([]);
    const [found, setFound] = useState<readonly Address[]>([]);
    const [at, setAt] = useState(0);
    const list = useId();
    useEffect(() => void people().then((all) => { known.current = all; }), []);
    const look = () => {
        const { text } = beingTyped(field.current!.value, field.current!.selectionStart ?? 0);
        setFound(completions(known.current, text, MOST));
        setAt(0);
    };
    const take = (address: Address) => {
        const input = field.current!;
        const caret = input.selectionStart ?? input.value.length;
        const { start: from } = beingTyped(input.value, caret);
        const before = `${input.value.slice(0, from)}${from > 0 ? " " : ""}${typedAddress(address)}, `;
        input.value = before + input.value.slice(caret).replace(/^[\s,]+/, "");
        input.setSelectionRange(before.length, before.length);
        setFound([]);
        typed(input.value);
    };
    const pressed = (event: KeyboardEvent) => {
        const key = keyInField(event);
        const chosen = found[at];
        if (chosen === undefined) return;
        if (key === "ArrowDown") setAt((at + 1) % found.length);
        else if (key === "ArrowUp") setAt((at + found.length - 1) % found.length);
        else if (key === "Enter" || key === "Tab") take(chosen);
        else if (key === "Escape") setFound([]);
        else return;
        event.preventDefault();
        event.stopPropagation();
    };
    return <div class="line">
        <label for={`${list}f`}>{label}</label>
        <input ref={field} id={`${list}f`} defaultValue={start} role="combobox" aria-expanded={found.length > 0} aria-controls={list} aria-autocomplete="list"
            aria-activedescendant={found.length > 0 ? `${list}-${at}` : undefined} autocomplete="off" autocapitalize="off" spellcheck={false} inputMode="email"
            onInput={(event) => { typed(event.currentTarget.value); if (!isComposing(event as unknown as KeyboardEvent)) look(); }} onCompositionEnd={look}
            onKeyDown={pressed} onBlur={() => setFound([])} />
        {children}
        <ul class="completions" role="listbox" id={list} aria-label={label} hidden={found.length === 0}>{found.map((address, index) => <li key={address.email}
            id={`${list}-${index}`} role="option" aria-selected={index === at} onPointerDown={(event) => { event.preventDefault(); take(address); }}>
            <bdi>{printable(address.name ?? "")}</bdi><bdi class="email">{printable(address.email)}</bdi></li>)}</ul>
    </div>;
}
