// What one may do in mailboxes that others share (RFC 9670), and what one lets others do.
import type { Id } from "../../core/jmap/types.js";
import type { Mailbox, Right, Rights } from "./types.js";

/** What somebody is allowed, from least to most. */
export type Level = "read" | "change" | "manage";

const READ: readonly Right[] = ["mayReadItems"];
const CHANGE: readonly Right[] = [...READ, "mayAddItems", "mayRemoveItems", "maySetSeen", "maySetKeywords"];
const MANAGE: readonly Right[] = [...CHANGE, "mayCreateChild", "mayRename", "mayDelete", "mayShare"];
export const LEVELS: { readonly [level in Level]: readonly Right[] } = { read: READ, change: CHANGE, manage: MANAGE };

/** Whether a right is there in one mailbox, or in all of those that can be read. */
export function allows(mailboxes: Iterable<Mailbox>, here: Id | undefined, right: Right): boolean {
    const meant = [...mailboxes].filter(({ id, myRights }) => (here === undefined ? myRights.mayReadItems : id === here));
    return meant.length > 0 && meant.every(({ myRights }) => myRights[right]);
}

/** As shareWith has it. */
export function rightsOf(level: Level): Rights {
    return Object.fromEntries(MANAGE.map((right) => [right, LEVELS[level].includes(right)])) as Rights;
}

/** Nothing for a choice that another program has made. */
export function levelOf(rights: Partial<Rights>): Level | undefined {
    return (["read", "change", "manage"] as const).find((level) => MANAGE.every((right) => (rights[right] === true) === LEVELS[level].includes(right)));
}
