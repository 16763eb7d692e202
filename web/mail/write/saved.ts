// What was typed and the server does not have yet, so that a tab that crashes loses nothing. It is forgotten when the server has it, and
// when its writer signs out.
import type { Id } from "../../core/jmap/types.js";
import { keep, kept } from "../../core/page/kept.js";
import type { Draft } from "./draft.js";

export interface Saved {
    readonly account: string;
    /** What the composer was opened with. */
    readonly what: string;
    readonly draft: Draft;
    /** The draft on the server that it is newer than. */
    readonly older: Id | undefined;
}

const MOST = 5;
const DRAFT = "tegami.draft ";

export function saveHere(saved: Saved): void {
    write([...others(saved.account, saved.what), saved].slice(-MOST));
}

/** What was saved of an account, of one letter or else the last. */
export function savedHere(account: string, what?: string): Saved | undefined {
    return read().findLast((one) => one.account === account && (what === undefined || one.what === what));
}

export function forgetHere(account: string, what: string): void {
    write(others(account, what));
}

/** Forgets all that was saved. */
export function forgetDrafts(): void {
    keep("drafts", undefined);
    try {
        sessionStorage.clear();
    } catch {
        // nothing is kept
    }
}

/** Notes which draft of the server has what is written here, so that it is opened again when the page is loaded anew; nothing: it is closed. */
export function noteDraft(what: string, id: Id | undefined): void {
    try {
        if (id === undefined) sessionStorage.removeItem(DRAFT + what);
        else sessionStorage.setItem(DRAFT + what, id);
    } catch {
        // nothing is kept
    }
}

export function notedDraft(what: string): Id | undefined {
    try {
        return sessionStorage.getItem(DRAFT + what) ?? undefined;
    } catch {
        return undefined;
    }
}

function others(account: string, what: string): readonly Saved[] {
    return read().filter((one) => one.account !== account || one.what !== what);
}

function read(): readonly Saved[] {
    try {
        const saved: unknown = JSON.parse(kept("drafts") ?? "[]");
        return Array.isArray(saved) ? (saved as Saved[]) : [];
    } catch {
        return [];
    }
}

function write(saved: readonly Saved[]): void {
    keep("drafts", saved.length === 0 ? undefined : JSON.stringify(saved));
}
