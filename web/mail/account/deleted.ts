// What one has deleted, as long as the server keeps it (docs/api-account.md).
import { own } from "./own_account.js";

export interface Deleted {
    readonly id: string;
    /** The folder that it was in, and comes back to: its whole name. */
    readonly mailbox: string;
    readonly subject?: string;
    readonly from?: { readonly name: string; readonly email: string };
    readonly received?: string;
    readonly deleted: string;
    readonly draft: boolean;
}

interface Page {
    readonly letters: readonly Deleted[];
    readonly days: number;
    readonly next?: string;
}

const AT_ONCE = 250; // letters of one request
const MOST = 5_000; // letters that are asked for before somebody wants more

/** What is known of them; `next` is where it goes on, if anywhere. */
export interface Listing {
    readonly letters: readonly Deleted[];
    readonly days: number;
    readonly next: string | undefined;
}

/** The next thousands of them. Throws what `own` throws. */
export async function deletedLetters(before?: Listing): Promise<Listing> {
    const letters = [...before?.letters ?? []];
    let next = before?.next;
    for (const most = letters.length + MOST; ;) {
        const page = await own<Page>("GET", `/deleted${next === undefined ? "" : `?from=${encodeURIComponent(next)}`}`);
        letters.push(...page.letters);
        next = page.next;
        if (next === undefined || letters.length >= most) return { letters, days: page.days, next };
    }
}

/** Those that a text is found in, the one deleted last first. Versions of a letter while it was written are left out unless they are wanted. */
export function shownOf(letters: readonly Deleted[], text: string, drafts: boolean): readonly Deleted[] {
    const words = text.normalize("NFKC").toLowerCase().split(/\s+/).filter((word) => word !== "");
    return letters.filter((one) => {
        if (one.draft && !drafts) return false;
        const said = `${one.subject ?? ""} ${one.from?.name ?? ""} ${one.from?.email ?? ""} ${one.mailbox}`.normalize("NFKC").toLowerCase();
        return words.every((word) => said.includes(word));
    }).sort((a, b) => (a.deleted < b.deleted ? 1 : a.deleted > b.deleted ? -1 : 0));
}

export interface PutBack {
    readonly back: readonly string[];
    /** The first reason why others were left, if any were. */
    readonly problem: string | undefined;
}

/** Throws what `own` throws. */
export async function putBack(ids: readonly string[]): Promise<PutBack> {
    const back: string[] = [];
    let problem: string | undefined;
    for (let at = 0; at < ids.length; at += AT_ONCE) {
        const some = ids.slice(at, at + AT_ONCE);
        const { left } = await own<{ left: readonly { id: string; error: string }[] }>("POST", "/undelete", { letters: some });
        const out = new Set(left.map(({ id }) => id));
        back.push(...some.filter((id) => !out.has(id)));
        problem ??= left[0]?.error;
    }
    return { back, problem };
}
