// An answer to an invitation (RFC 5546 §3.2.3, RFC 6047): a letter to the organizer, from the address that was invited, with a calendar that
// says whether one comes.
import { MethodError } from "../../core/jmap/client.js";
import type { Arguments, Id, Json } from "../../core/jmap/types.js";
import type { Account } from "../model/account.js";
import type { Answerable } from "../read/calendar.js";
import type { Address } from "./address.js";
import { Refused } from "./desk.js";
import type { Identity } from "./reply.js";

export type Coming = "accepted" | "tentative" | "declined";
export const COMING: readonly Coming[] = ["accepted", "tentative", "declined"];

/** The keyword of an invitation that was answered so. */
export function keywordOf(coming: Coming): string {
    return `$invitation-${coming}`;
}

export interface Guest {
    readonly identity: Identity;
    /** The address that was invited, as the organizer knows it. */
    readonly from: Address;
}

/** Which of one's addresses was invited; nothing if none was. */
export function guestOf({ invited }: Answerable, identities: readonly Identity[]): Guest | undefined {
    for (const email of invited) {
        const identity = identities.find((one) => isOf(one.email.toLowerCase(), email.toLowerCase()));
        if (identity !== undefined) return { identity, from: { name: identity.name || null, email } };
    }
    return undefined;
}

function isOf(own: string, address: string): boolean {
    return own === address || (own.startsWith("*@") && address.endsWith(own.slice(1)));
}

/** `now` in milliseconds. */
export function calendarOf(asked: Answerable, { from }: Guest, coming: Coming, comment: string, now: number): string {
    const name = (from.name ?? "").replaceAll(/["\p{Cc}]/gu, "");
    const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tegami//Web mail//EN", "METHOD:REPLY", "BEGIN:VEVENT", `UID:${asked.uid}`, `SEQUENCE:${asked.sequence}`,
        `DTSTAMP:${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, "")}`, `ORGANIZER:mailto:${asked.organizer}`,
        `ATTENDEE;PARTSTAT=${coming.toUpperCase()}${name === "" ? "" : `;CN="${name}"`}:mailto:${from.email}`, ...asked.lines, `SUMMARY:${escapedText(asked.title)}`,
        ...(comment === "" ? [] : [`COMMENT:${escapedText(comment)}`]), "END:VEVENT", "END:VCALENDAR"];
    return lines.map(folded).join("\r\n") + "\r\n";
}

/** RFC 5545 §3.3.11 */
function escapedText(text: string): string {
    return text.replaceAll(/[\\;,]/g, "\\$&").replaceAll(/\r?\n/g, "\\n").replaceAll(/\p{Cc}/gu, " ");
}

/** RFC 5545 §3.1: at most 75 octets, never within a character. */
function folded(line: string): string {
    const pieces: string[] = [];
    let piece = "";
    let octets = 0;
    for (const character of line) {
        const size = new TextEncoder().encode(character).length;
        if (octets + size > 75) {
            pieces.push(piece);
            piece = " ";
            octets = 1;
        }
        piece += character;
        octets += size;
    }
    return [...pieces, piece].join("\r\n");
}

export interface Letter {
    readonly asked: Answerable;
    readonly guest: Guest;
    readonly coming: Coming;
    readonly subject: string;
    readonly text: string;
    readonly comment: string;
    readonly about: { readonly id: Id; readonly messageId: readonly string[] | null; readonly references: readonly string[] | null };
}

/** The Email to create. */
export function emailWith({ asked, guest, coming, subject, text, comment, about }: Letter, mailbox: Id, now: number): { readonly [property: string]: Json } {
    const answered = about.messageId ?? [];
    return { mailboxIds: { [mailbox]: true }, keywords: { $draft: true, $seen: true }, from: [{ ...guest.from }], to: [{ name: null, email: asked.organizer }], subject,
        ...(answered.length === 0 ? {} : { inReplyTo: answered, references: [...(about.references ?? []).slice(-20), ...answered] }),
        bodyStructure: { type: "multipart/alternative", subParts: [{ partId: "text", type: "text/plain" }, { partId: "calendar", "header:Content-Type": " text/calendar; method=REPLY; charset=utf-8" }] },
        bodyValues: { text: { value: comment === "" ? text : `${text}\n\n${comment}` }, calendar: { value: calendarOf(asked, guest, coming, comment, now) } } };
}

/** Sends it, and marks the invitation as answered so. Throws Refused, or what Client throws. */
export async function sendAnswer(account: Account, letter: Letter, { drafts, sent }: { readonly drafts: Id; readonly sent: Id }, now = Date.now()): Promise<void> {
    const moved = { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${sent}`]: true, "keywords/$draft": null };
    const { guest, asked, about, coming } = letter;
    const envelope = { mailFrom: { email: guest.from.email, parameters: null }, rcptTo: [{ email: asked.organizer, parameters: null }] };
    await account.ask((batch, accountId) => ({
        made: batch.call("Email/set", { accountId, create: { answer: emailWith(letter, drafts, now) } }),
        gone: batch.call("EmailSubmission/set", { accountId, create: { sent: { identityId: guest.identity.id, emailId: "#answer", envelope } }, onSuccessUpdateEmail: { "#sent": moved } }),
    }), (answers, { made, gone }) => {
        for (const [call, name] of [[made, "answer"], [gone, "sent"]] as const) {
            const failed = (answers.of(call)["notCreated"] as { [name: string]: Arguments & { type: string } } | null | undefined)?.[name];
            if (failed !== undefined) throw new Refused(failed.type, failed);
        }
    });
    const marks = Object.fromEntries(COMING.map((one) => [`keywords/${keywordOf(one)}`, one === coming ? true : null]));
    await account.ask((batch, accountId) => batch.call("Email/set", { accountId, update: { [about.id]: { ...marks, "keywords/$answered": true } } }), (answers, call) => answers.of(call))
        .catch((error: unknown) => { if (error instanceof MethodError) return; throw error; });
}
