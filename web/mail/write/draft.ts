// A letter that is being written, and what the server is asked to keep of it (RFC 8621 §4.6).
import type { Id, Json } from "../../core/jmap/types.js";
import type { Words } from "../../core/words/words.js";
import type { Letter } from "../model/types.js";
import type { Address } from "./address.js";
import { parseAddresses, typedAddresses } from "./address_list.js";
import { escaped } from "./few_formats.js";
import { attribution, quoted } from "./quote.js";
import { reply, type Identity, type Letter as Answered, type Whom } from "./reply.js";
import { forwarded } from "./subject.js";

export const SIGNATURE = "-- \n"; // RFC 3676 §4.3
const QUOTE_BEGINS = "<!--tegami:quote-->"; // so that a draft that is opened again keeps the quote out of the editor

/** What a letter says, as text and as cleaned HTML; none where it has none. */
export interface Said {
    readonly text: string;
    readonly html: string;
}

/** A draft that the server has, taken apart. */
export interface Kept {
    readonly own: Said;
    readonly quote: Said;
}

/** The HTML of a draft as what was written and what it quotes. */
export function takenApart(html: string): { readonly own: string; readonly quote: string } {
    const [own = "", ...quote] = html.split(QUOTE_BEGINS);
    return { own, quote: quote.join("") };
}

export interface File {
    readonly blobId: Id;
    readonly type: string;
    readonly name: string;
    readonly size: number;
    /** Of a picture that stands within the text. */
    readonly cid?: string;
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
    /** What is written with formats, which the text then follows; nothing in a letter of plain text. */
    html: string | undefined;
    /** The letter that is answered, kept out of the text until its writer wants to change it. */
    quote: string;
    /** The same as HTML, cleaned, for a letter with formats. */
    quoteHtml: string;
    files: readonly File[];
    readonly inReplyTo: readonly string[];
    readonly references: readonly string[];
    /** The letter that this one answers or sends on, to be marked so. */
    readonly about: { readonly id: Id; readonly keyword: "$answered" | "$forwarded"; readonly account?: Id } | undefined;
}

export function emptyDraft(identity: Identity, to = ""): Draft {
    return { identity: identity.id, from: addressOf(identity), to, cc: "", bcc: typedAddresses(identity.bcc ?? []), subject: "", text: signed(identity),
        html: undefined, quote: "", quoteHtml: "", files: [], inReplyTo: [], references: [], about: undefined };
}

/** What stands at the beginning: room to write, and the signature. */
export function signed({ textSignature }: Identity): string {
    const signature = (textSignature ?? "").trimEnd();
    return signature === "" ? "" : `\n\n${SIGNATURE}${signature}`;
}

/** The text with another signature in place of the one that was put there, if it still is. */
export function signedAnew(text: string, before: Identity, after: Identity): string {
    const old = signed(before);
    if (old !== "" && text.endsWith(old)) return text.slice(0, -old.length) + signed(after);
    return old === "" ? text.trimEnd() + signed(after) : text;
}

export function answer(letter: Letter, { text, html }: Said, whom: Whom, identities: readonly [Identity, ...Identity[]], words: Words): Draft {
    const made = reply(answered(letter), whom, identities);
    const sent = letter.sentAt === null ? null : new Date(letter.sentAt);
    return { identity: made.identity.id, from: made.from, to: typedAddresses(made.to), cc: typedAddresses(made.cc), bcc: typedAddresses(made.bcc),
        subject: made.subject, text: signed(made.identity), html: undefined, quote: `${attribution(letter.from ?? [], sent, words)}\n${quoted(text)}`,
        quoteHtml: `<div>${escaped(attribution(letter.from ?? [], sent, words))}</div><blockquote type="cite">${html}</blockquote>`, files: [], inReplyTo: made.inReplyTo,
        references: made.references, about: { id: letter.id, keyword: "$answered" } };
}

/** `head`: what is told of the letter above its text. */
export function sendOn(letter: Letter, { text, html }: Said, head: string, files: readonly File[], identities: readonly [Identity, ...Identity[]]): Draft {
    const { identity, from } = reply(answered(letter), "sender", identities);
    return { ...emptyDraft(identity), from, subject: forwarded(letter.subject ?? ""), quote: `${head}\n\n${text.trimEnd()}`, quoteHtml: `<div>${escaped(head)}</div><br>${html}`, files,
        about: { id: letter.id, keyword: "$forwarded" } };
}

/** A draft that the server has, to go on with. */
export function reopened(letter: Letter, { own, quote }: Kept, files: readonly File[], identities: readonly [Identity, ...Identity[]]): Draft {
    const { identity } = reply(answered(letter), "sender", identities);
    return { identity: identity.id, from: letter.from?.[0] ?? addressOf(identity), to: typedAddresses(letter.to ?? []), cc: typedAddresses(letter.cc ?? []),
        bcc: typedAddresses(letter.bcc ?? []), subject: letter.subject ?? "", text: own.text,
        html: own.html === "" ? undefined : own.html, quote: quote.text, quoteHtml: quote.html, files, inReplyTo: letter.inReplyTo ?? [],
        references: letter.references ?? [], about: undefined };
}

/** Own words first, then the letter that they answer. */
export function wholeText({ text, quote }: Draft): string {
    return quote === "" ? text : `${text.trimEnd()}\n\n${quote}\n`;
}

/** The same with formats. */
export function wholeHtml({ html = "", quoteHtml }: Draft): string {
    return `<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>${html}${quoteHtml === "" ? "" : `${QUOTE_BEGINS}${quoteHtml}`}</body></html>`;
}

/** The Email to create, a draft in this mailbox. What is typed as a recipient and is no address is not in it. */
export function emailOf(draft: Draft, mailbox: Id, identity: Identity): { readonly [property: string]: Json } {
    const people = { to: parseAddresses(draft.to).addresses, cc: parseAddresses(draft.cc).addresses, bcc: parseAddresses(draft.bcc).addresses, replyTo: identity.replyTo ?? [] };
    const files = draft.files.filter(({ cid }) => cid === undefined || draft.html === undefined || draft.html.includes(`cid:${cid}`)); // others were taken out of the text
    const lists = Object.entries({ ...people, inReplyTo: draft.inReplyTo, references: draft.references }).filter(([, list]) => list.length > 0);
    return { mailboxIds: { [mailbox]: true }, keywords: { $draft: true, $seen: true }, from: [{ ...draft.from }], subject: draft.subject,
        ...(Object.fromEntries(lists) as unknown as { [name: string]: Json }), textBody: [{ partId: "text", type: "text/plain" }],
        ...(draft.html === undefined ? {} : { htmlBody: [{ partId: "html", type: "text/html" }] }),
        bodyValues: { text: { value: wholeText(draft) }, ...(draft.html === undefined ? {} : { html: { value: wholeHtml(draft) } }) },
        ...(files.length === 0 ? {} : { attachments: files.map(({ blobId, type, name, cid }) => (cid === undefined || draft.html === undefined
            ? { blobId, type, name, disposition: "attachment" } : { blobId, type, name, cid, disposition: "inline" })) }) };
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
