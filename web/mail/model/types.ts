// What the pages know of a mailbox and of a letter, as the server tells it (RFC 8621 §2, §4).
import type { Id } from "../../core/jmap/types.js";
import type { Address } from "../write/address.js";

export interface Mailbox {
    readonly id: Id;
    readonly name: string;
    readonly parentId: Id | null;
    readonly role: string | null;
    readonly sortOrder: number;
    readonly totalEmails: number;
    readonly unreadEmails: number;
    readonly unreadThreads: number;
    readonly isSubscribed: boolean;
    readonly myRights: Rights;
    /** Who else may do what in it, by principal; told to those who may share it (RFC 9670 §4). */
    readonly shareWith?: { readonly [principal: Id]: Partial<Rights> } | null;
}

/** RFC 8621 §2, RFC 9670 §4 */
export type Right = "mayReadItems" | "mayAddItems" | "mayRemoveItems" | "maySetSeen" | "maySetKeywords" | "mayCreateChild" | "mayRename" | "mayDelete" | "mayShare";
export type Rights = { readonly [right in Right]: boolean };

export type Keywords = { readonly [keyword: string]: true };
export type MailboxIds = { readonly [mailbox: Id]: true };

/** What can be changed of a letter. */
export interface Marks {
    readonly id: Id;
    readonly threadId: Id;
    readonly mailboxIds: MailboxIds;
    readonly keywords: Keywords;
}

/** A row of a list. */
export interface Row extends Marks {
    readonly receivedAt: string;
    readonly from: readonly Address[] | null;
    readonly to: readonly Address[] | null;
    readonly subject: string | null;
    readonly preview: string;
    readonly hasAttachment: boolean;
}

/** §4.1.4 */
export interface Part {
    readonly partId: Id | null;
    readonly blobId: Id | null;
    readonly size: number;
    readonly name: string | null;
    readonly type: string;
    readonly disposition: string | null;
    readonly cid: string | null;
    /** Of a text; what was kept by an older page has none. */
    readonly charset?: string | null;
}

export interface Letter extends Row {
    readonly blobId: Id;
    readonly size: number;
    readonly sentAt: string | null;
    readonly sender: readonly Address[] | null;
    readonly cc: readonly Address[] | null;
    readonly bcc: readonly Address[] | null;
    readonly replyTo: readonly Address[] | null;
    readonly messageId: readonly string[] | null;
    readonly inReplyTo: readonly string[] | null;
    readonly references: readonly string[] | null;
    readonly textBody: readonly Part[];
    readonly htmlBody: readonly Part[];
    readonly attachments: readonly Part[];
    readonly bodyValues: { readonly [part: Id]: { readonly value: string; readonly isTruncated: boolean } };
    readonly "header:Authentication-Results:asRaw:all": readonly string[];
    readonly "header:Delivered-To:asText:all": readonly string[];
    readonly "header:List-Post:asURLs": readonly string[] | null;
    readonly "header:List-Unsubscribe:asRaw": string | null;
    readonly "header:List-Unsubscribe-Post:asText": string | null;
    readonly "header:Content-Type:asText": string | null;
}

export const MAILBOX = ["id", "name", "parentId", "role", "sortOrder", "totalEmails", "unreadEmails", "unreadThreads", "isSubscribed", "myRights", "shareWith"];
export const MARKS = ["id", "threadId", "mailboxIds", "keywords"];
export const ROW = [...MARKS, "receivedAt", "from", "to", "subject", "preview", "hasAttachment"];
export const LETTER = [...ROW, "blobId", "size", "sentAt", "sender", "cc", "bcc", "replyTo", "messageId", "inReplyTo", "references", "textBody",
    "htmlBody", "attachments", "bodyValues", "header:Authentication-Results:asRaw:all", "header:Delivered-To:asText:all",
    "header:List-Post:asURLs", "header:List-Unsubscribe:asRaw", "header:List-Unsubscribe-Post:asText", "header:Content-Type:asText"];
export const PART = ["partId", "blobId", "size", "name", "type", "disposition", "cid", "charset"];

export const SEEN = "$seen";
export const STARRED = "$flagged";
export const DRAFT = "$draft";
