// What was typed and the server does not have yet, so that a tab that crashes loses nothing. It is forgotten when the server has it, and
// when its writer signs out.
import type { Id } from "../../core/jmap/types.js";
import { keep, kept } from "../../core/page/kept.js";
import type { Draft } from "./draft.js";

export interface Saved {
    readonly account: string;
    readonly what: string;
    readonly draft: Draft;
    /** The draft on the server that it is newer than. */
    readonly older: Id | undefined;
}

export function saveHere(saved: Saved): void {
    keep("draft", JSON.stringify(saved));
}

/** Nothing where there is none of this account. */
export function savedHere(account: string): Saved | undefined {
    try {
        const saved = JSON.parse(kept("draft") ?? "null") as Saved | null;
        return saved?.account === account ? saved : undefined;
    } catch {
        return undefined;
    }
}

export function forgetDrafts(): void {
    keep("draft", undefined);
}
