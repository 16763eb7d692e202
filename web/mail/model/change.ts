// What a person does to letters, as patches for the server (RFC 8620 §5.3), and what takes it back.
import type { Id } from "../../core/jmap/types.js";
import { SEEN, STARRED, type Keywords, type MailboxIds, type Marks } from "./types.js";

export type Change =
    | { readonly kind: "read" | "star"; readonly on: boolean }
    | { readonly kind: "label"; readonly keyword: string; readonly on: boolean }
    /** `from`: the mailbox that is looked at, which alone is left; nothing: the letter is then nowhere else. */
    | { readonly kind: "move"; readonly to: Id; readonly from: Id | undefined; readonly junk?: boolean };

export type Patch = { readonly [path: string]: true | null | MailboxIds };

/** Nothing where the letter is so already. */
export function patchFor(marks: Marks, change: Change): Patch | undefined {
    if (change.kind !== "move") {
        const keyword = change.kind === "label" ? change.keyword : change.kind === "read" ? SEEN : STARRED;
        return (marks.keywords[keyword] === true) === change.on ? undefined : { [`keywords/${keyword}`]: change.on ? true : null };
    }
    const patch: { [path: string]: true | null | MailboxIds } = {};
    if (change.from === undefined || !(change.from in marks.mailboxIds)) {
        if (!(change.to in marks.mailboxIds) || Object.keys(marks.mailboxIds).length > 1) patch["mailboxIds"] = { [change.to]: true };
    } else if (change.from !== change.to) {
        patch[`mailboxIds/${change.from}`] = null;
        patch[`mailboxIds/${change.to}`] = true;
    }
    if (change.junk !== undefined) {
        patch["keywords/$junk"] = change.junk ? true : null;
        patch["keywords/$notjunk"] = change.junk ? null : true;
    }
    return Object.keys(patch).length > 0 ? patch : undefined;
}

/** The letter after the patch. */
export function applied<M extends Marks>(marks: M, patch: Patch): M {
    let mailboxIds: { [id: Id]: true } = { ...marks.mailboxIds };
    const keywords: { [keyword: string]: true } = { ...marks.keywords };
    for (const [path, value] of Object.entries(patch)) {
        const [property, name] = path.split(/\/(.*)/s);
        const within = property === "keywords" ? keywords : mailboxIds;
        if (name === undefined) mailboxIds = { ...(value as MailboxIds) };
        else if (value === null) delete within[name];
        else within[name] = true;
    }
    return { ...marks, mailboxIds, keywords };
}

/** The patch that makes of the changed letter what it was before. */
export function undoing(before: Marks, patch: Patch): Patch {
    const back: { [path: string]: true | null | MailboxIds } = {};
    for (const path of Object.keys(patch)) {
        const [property, name] = path.split(/\/(.*)/s);
        const within: Keywords | MailboxIds = property === "keywords" ? before.keywords : before.mailboxIds;
        back[path] = name === undefined ? before.mailboxIds : within[name] === true ? true : null;
    }
    return back;
}
