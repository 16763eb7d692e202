// What the pages ask of the server, and how they say what came of it.
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { tell } from "../../core/page/notice.js";
import { Refused, type Json, type Server } from "../model/server.js";
import { translated, words } from "../words/language.js";

export const server = signal<Server | undefined>(undefined);

/** Whether who is signed in may ask for it: what is not allowed is not shown. */
export function may(operation: string): boolean {
    return server.value?.may(operation) === true;
}

/** Throws Refused. */
export function ask<Answer>(operation: string, parameters: Json = {}, milliseconds?: number): Promise<Answer> {
    return server.peek()!.ask<Answer>(operation, parameters, milliseconds);
}

/** Why it did not work, for people. */
export function reason(error: unknown): string {
    const w = words.peek();
    if (!(error instanceof Refused)) return w.failed;
    if (error.status === 0) return w.unreachable;
    if (error.status === 403 && error.message === "") return w.notAllowed;
    return error.message === "" ? w.failed : translated(error.message);
}

export interface Loaded<Answer> {
    /** The last one that came. */
    readonly answer: Answer | undefined;
    readonly fault: string | undefined;
    readonly busy: boolean;
    again(): void;
}

/** Asks when it is first shown, when the parameters are others, and then every so many seconds. Without an operation nothing is asked. */
export function useAnswer<Answer>(operation: string | undefined, parameters: Json = {}, seconds?: number): Loaded<Answer> {
    const [state, setState] = useState<{ answer?: Answer; fault?: string; busy: boolean }>({ busy: operation !== undefined });
    const turn = useRef(0);
    const question = JSON.stringify([operation, parameters]);
    const run = async (quiet: boolean) => {
        if (operation === undefined) return;
        const mine = (turn.current += 1);
        if (!quiet) setState((before) => ({ ...before, busy: true }));
        try {
            const answer = await ask<Answer>(operation, parameters);
            if (mine === turn.current) setState({ answer, busy: false });
        } catch (error) {
            if (mine === turn.current) setState((before) => ({ ...before, fault: reason(error), busy: false }));
        }
    };
    useEffect(() => {
        setState({ busy: operation !== undefined });
        void run(false);
        const timer = seconds === undefined ? undefined : setInterval(() => { if (!document.hidden) void run(true); }, seconds * 1000);
        return () => {
            turn.current += 1;
            clearInterval(timer);
        };
    }, [question]);
    return { answer: state.answer, fault: state.fault, busy: state.busy, again: () => void run(true) };
}

export interface Rows<Row> {
    readonly rows: readonly Row[];
    readonly fault: string | undefined;
    readonly busy: boolean;
    /** Loads what comes after them, and whether it could; nothing: these are all. */
    readonly more: (() => Promise<boolean>) | undefined;
    again(): void;
}

/** A listing that comes in pieces; its rows stand under `name`. */
export function useRows<Row>(operation: string | undefined, name: string, parameters: Json = {}): Rows<Row> {
    const [loaded, setLoaded] = useState<{ rows: readonly Row[]; next: unknown }>({ rows: [], next: undefined });
    const first = useAnswer<Json>(operation, parameters);
    const rowsOf = (answer: Json) => (answer[name] as readonly Row[] | undefined) ?? [];
    useEffect(() => {
        if (first.answer !== undefined) setLoaded({ rows: rowsOf(first.answer), next: first.answer["next"] });
    }, [first.answer]);
    const more = async () => {
        try {
            const answer = await ask<Json>(operation!, { ...parameters, from: loaded.next });
            setLoaded({ rows: [...loaded.rows, ...rowsOf(answer)], next: answer["next"] });
            return true;
        } catch (error) {
            tell({ text: reason(error), bad: true });
            return false;
        }
    };
    return { rows: loaded.rows, fault: first.fault, busy: first.busy, more: loaded.next === undefined ? undefined : more, again: first.again };
}

/** Does it and says what was done (nothing: no word), or why not. Whether it worked. */
export async function attempt(work: () => Promise<string | undefined>): Promise<boolean> {
    try {
        const done = await work();
        if (done !== undefined) tell({ text: done });
        return true;
    } catch (error) {
        tell({ text: reason(error), bad: true });
        return false;
    }
}
