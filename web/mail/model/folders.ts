// The mailboxes as a list to show: those with a part to play first, what is inside of one below it.
import type { Id } from "../../core/jmap/types.js";
import type { Mailbox } from "./types.js";

export interface Folder {
    readonly mailbox: Mailbox;
    /** 0 for one that is in no other. */
    readonly depth: number;
}

const ROLES = ["inbox", "drafts", "sent", "archive", "junk", "trash"];
const DEEPEST = 20;

/** Its name with those it is in, as the server's other faces call it. */
export function wholeName(mailboxes: ReadonlyMap<Id, Mailbox>, mailbox: Mailbox): string {
    const names: string[] = [];
    for (let at: Mailbox | undefined = mailbox; at !== undefined && names.length <= DEEPEST; at = mailboxes.get(at.parentId ?? "")) names.unshift(at.role === "inbox" ? "INBOX" : at.name);
    return names.join("/");
}

/** `language` decides about the order of names. */
export function folders(mailboxes: Iterable<Mailbox>, language: string): Folder[] {
    const all = [...mailboxes];
    const known = new Set(all.map(({ id }) => id));
    const inside = new Map<Id | null, Mailbox[]>();
    for (const mailbox of all) {
        const parent = mailbox.parentId !== null && known.has(mailbox.parentId) ? mailbox.parentId : null;
        inside.set(parent, [...(inside.get(parent) ?? []), mailbox]);
    }
    const names = new Intl.Collator(language, { numeric: true });
    const place = ({ role }: Mailbox) => {
        const at = ROLES.indexOf(role ?? "");
        return at < 0 ? ROLES.length : at;
    };
    const found: Folder[] = [];
    const add = (parent: Id | null, depth: number) => {
        if (depth > DEEPEST) return;
        const here = (inside.get(parent) ?? []).sort((a, b) => place(a) - place(b) || a.sortOrder - b.sortOrder || names.compare(a.name, b.name));
        for (const mailbox of here) {
            found.push({ mailbox, depth });
            add(mailbox.id, depth + 1);
        }
    };
    add(null, 0);
    return found;
}
