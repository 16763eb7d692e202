// A letter that is being written, and what the server is asked to keep of it (RFC 8621 §4.6).
import type { Id, Json } from "../../core/jmap/types.js";
import type { Words } from "../../core/words/words.js";
import type { Letter } from "../model/types.js";
import type { Address } from "./address.js";
import { parseAddresses, typedAddresses } from "./address_list.js";
import { attribution, quoted } from "./quote.js";
import { reply, type Identity, type Letter as Answered, type Whom } from "./reply.js";
import { forwarded } from "./subject.js";

export interface File {
    readonly blobId: Id;
    readonly type: string;
    readonly name: string;
    readonly size: number;
}

export interface Draft {
    identity: Id;
    from: Address;
    /** As they are typed. */
    to: string;
    cc: string;
    bcc: string;
    subject: string;
    text: string;
    /** The letter that is answered, kept out of the text until its writer wants to change it. */
    quote: string;
    files: readonly File[];
    readonly inReplyTo: readonly string[];
    readonly references: readonly string[];
    /** The letter that this one answers or sends on, to be marked so. */
    readonly about: { readonly id: Id; readonly keyword: "$answered" | "$forwarded" } | undefined;
}

export function emptyDraft(identity: Identity, to = ""): Draft {
    return { identity: identity.id, from: addressOf(identity), to, cc: "", bcc: typedAddresses(identity.bcc ?? []), subject: "", text: "", quote: "", files: [],
        inReplyTo: [], references: [], about: undefined };
}

export function answer(letter: Letter, text: string, whom: Whom, identities: readonly [Identity, ...Identity[]], words: Words): Draft {
    const made = reply(answered(letter), whom, identities);
    const sent = letter.sentAt === null ? null : new Date(letter.sentAt);
    return { identity: made.identity.id, from: made.from, to: typedAddresses(made.to), cc: typedAddresses(made.cc), bcc: typedAddresses(made.bcc),
        subject: made.subject, text: "", quote: `${attribution(letter.from ?? [], sent, words)}\n${quoted(text)}`, files: [], inReplyTo: made.inReplyTo,
        references: made.references, about: { id: letter.id, keyword: "$answered" } };
}

/** `head`: what is told of the letter above its text. */
export function sendOn(letter: Letter, text: string, head: string, files: readonly File[], identities: readonly [Identity, ...Identity[]]): Draft {
    const { identity, from } = reply(answered(letter), "sender", identities);
    return { ...emptyDraft(identity), from, subject: forwarded(letter.subject ?? ""), text: `\n\n${head}\n\n${text}`, files,
        about: { id: letter.id, keyword: "$forwarded" } };
}

/** A draft that the server has, to go on with. */
export function reopened(letter: Letter, text: string, files: readonly File[], identities: readonly [Identity, ...Identity[]]): Draft {
    const { identity } = reply(answered(letter), "sender", identities);
    return { identity: identity.id, from: letter.from?.[0] ?? addressOf(identity), to: typedAddresses(letter.to ?? []), cc: typedAddresses(letter.cc ?? []),
        bcc: typedAddresses(letter.bcc ?? []), subject: letter.subject ?? "", text, quote: "", files, inReplyTo: letter.inReplyTo ?? [],
        references: letter.references ?? [], about: undefined };
}

/** Own words first, then the letter that they answer. */
export function wholeText({ text, quote }: Draft): string {
    return quote === "" ? text : `${text.trimEnd()}\n\n${quote}\n`;
}

/** The Email to create, a draft in this mailbox. What is typed as a recipient and is no address is not in it. */
export function emailOf(draft: Draft, mailbox: Id, identity: Identity): { readonly [property: string]: Json } {
    const people = { to: parseAddresses(draft.to).addresses, cc: parseAddresses(draft.cc).addresses, bcc: parseAddresses(draft.bcc).addresses, replyTo: identity.replyTo ?? [] };
    const lists = Object.entries({ ...people, inReplyTo: draft.inReplyTo, references: draft.references }).filter(([, list]) => list.length > 0);
    return { mailboxIds: { [mailbox]: true }, keywords: { $draft: true, $seen: true }, from: [{ ...draft.from }], subject: draft.subject,
        ...(Object.fromEntries(lists) as unknown as { [name: string]: Json }), bodyValues: { text: { value: wholeText(draft) } }, textBody: [{ partId: "text", type: "text/plain" }],
        ...(draft.files.length === 0 ? {} : { attachments: draft.files.map(({ blobId, type, name }) => ({ blobId, type, name, disposition: "attachment" })) }) };
}

/** Whom the letter goes to, each once. */
export function recipients(draft: Draft): readonly string[] {
    const all = [draft.to, draft.cc, draft.bcc].flatMap((typed) => parseAddresses(typed).addresses.map(({ email }) => email));
    return [...new Set(all)];
}

export function isEmpty(draft: Draft): boolean {
    return draft.to.trim() === "" && draft.cc.trim() === "" && draft.subject.trim() === "" && draft.text.trim() === "" && draft.files.length === 0;
}

function addressOf(identity: Identity): Address {
    return { name: identity.name || null, email: identity.email };
}

function answered(letter: Letter): Answered {
    const post = letter["header:List-Post:asURLs"]?.find((url) => url.startsWith("mailto:"));
    return { from: letter.from ?? [], replyTo: letter.replyTo ?? [], to: letter.to ?? [], cc: letter.cc ?? [], subject: letter.subject ?? "",
        messageId: letter.messageId ?? [], references: letter.references ?? [], inReplyTo: letter.inReplyTo ?? [],
        listPost: post?.slice("mailto:".length).replace(/\?.*$/s, "") ?? null, deliveredTo: letter["header:Delivered-To:asText:all"] };
}
