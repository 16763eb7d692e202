// What a composer is opened with: `new`, `here` with `:` and a name for what this browser alone has, a link `mailto:…` (RFC 6068), or `reply`, `all`, `list`, `forward`, `draft` with `:` and a letter's id, before it the account of another that shares it, and `/`.
import type { Id } from "../../../core/jmap/types.js";
import { kept } from "../../../core/page/kept.js";
import type { AccountMail } from "../../model/account_mail.js";
import type { Mail } from "../../model/mail.js";
import type { Letter, Part } from "../../model/types.js";
import { attached } from "../../read/body.js";
import { openCleaner, type Cleaner } from "../../read/letter_frame.js";
import { words } from "../../words/language.js";
import type { Address } from "../../write/address.js";
import { typedAddresses } from "../../write/address_list.js";
import { broughtOver, Desk, identitiesOf } from "../../write/desk.js";
import { answer, emptyDraft, reopened, sendOn, takenApart, type Draft, type File, type Kept, type Said } from "../../write/draft.js";
import { escaped, plainTextOf, type Source } from "../../write/few_formats.js";
import { peopleWrittenTo } from "../../write/people.js";
import { letterTo } from "../../write/mailto.js";
import type { Identity } from "../../write/reply.js";
import { notedDraft, savedHere } from "../../write/saved.js";

export const RICH = "rich"; // kept in the browser: whether letters are begun with formats

export interface Opened {
    readonly draft: Draft;
    readonly identities: readonly [Identity, ...Identity[]];
    readonly desk: Desk;
    /** People written to; asked for once. */
    people(): Promise<readonly Address[]>;
}

export async function open(mail: Mail, what: string): Promise<Opened> {
    const identities = await identitiesOf(mail.account);
    const mailbox = { drafts: await mail.actions.mailbox("drafts"), sent: await mail.actions.mailbox("sent") };
    const here = savedHere(mail.account.address, what);
    const [kind = "", id = ""] = asked(here === undefined ? notedDraft(what) : undefined, what).split(/:(.*)/s);
    const draft = here?.draft ?? (kind === "new" || kind === "mailto" ? begun(what, identities[0]) : await about(mail, kind, id, identities));
    const desk = new Desk(mail.account, what, mailbox, here?.older ?? (kind === "draft" ? id : undefined));
    if (here === undefined && kind !== "draft" && kept(RICH) !== undefined) draft.html = ""; // the editor makes it of the text
    if (here === undefined) desk.isSaved(draft);
    let people: Promise<readonly Address[]> | undefined;
    return { draft, identities, desk, people: () => (people ??= peopleWrittenTo(mail.account, mailbox.sent).catch(() => [])) };
}

/** What is opened again after the page was loaded anew, or else what somebody asks for. */
function asked(noted: Id | undefined, what: string): string {
    return noted === undefined ? what : `draft:${noted}`;
}

function begun(what: string, identity: Identity): Draft {
    const letter = letterTo(what);
    return letter === undefined ? emptyDraft(identity) : { ...emptyDraft(identity, letter.to), subject: letter.subject, text: letter.body };
}

/** A letter that another shares is answered from one's own address, and its files come into one's own account first. */
async function about(own: Mail, kind: string, named: Id, identities: readonly [Identity, ...Identity[]]): Promise<Draft> {
    const [account, id] = named.includes("/") ? named.split("/") as [Id, Id] : [undefined, named];
    const mail = account === undefined ? own : own.shared.peek().get(account);
    if (mail === undefined || (account !== undefined && kind === "draft")) throw new Error("the letter is gone");
    const draft = await written(mail, kind, id, identities);
    if (account === undefined) return draft;
    const files = draft.files.length === 0 ? [] : await broughtOver(own.account, account, draft.files);
    return { ...draft, files, about: draft.about && mail.may("maySetKeywords") ? { ...draft.about, account } : undefined };
}

async function written(mail: AccountMail, kind: string, id: Id, identities: readonly [Identity, ...Identity[]]): Promise<Draft> {
    if (!(await mail.letters.load(id))) throw new Error("the letter is gone");
    const letter = mail.letters.letter(id).peek()!;
    const files = letter.attachments.filter(({ blobId }) => blobId !== null)
        .map((part): File => ({ blobId: part.blobId!, type: part.type, name: part.name ?? "", size: part.size,
            ...(kind === "draft" && part.cid !== null && part.disposition === "inline" ? { cid: part.cid } : {}) }));
    const cleaner = await openCleaner();
    try {
        switch (kind) {
            case "reply": return answer(letter, said(letter, cleaner), "sender", identities, words.peek());
            case "all": return answer(letter, said(letter, cleaner), "all", identities, words.peek());
            case "list": return answer(letter, said(letter, cleaner), "list", identities, words.peek());
            case "forward": return sendOn(letter, said(letter, cleaner), headOf(letter), attached(letter).length === 0 ? [] : files, identities);
            default: return reopened(letter, keptOf(letter, cleaner), files, identities);
        }
    } finally {
        cleaner.close();
    }
}

function valueOf(letter: Letter, part: Part): string {
    return (letter.bodyValues[part.partId ?? ""]?.value ?? "").replaceAll("\r\n", "\n");
}

function textOf(letter: Letter, cleaner: Cleaner): string {
    return letter.textBody.map((part) => (part.type === "text/html" ? cleaner.text(valueOf(letter, part)) : valueOf(letter, part))).join("\n");
}

function said(letter: Letter, cleaner: Cleaner): Said {
    return { text: textOf(letter, cleaner),
        html: letter.htmlBody.map((part) => (part.type === "text/html" ? cleaner.whole(valueOf(letter, part)) : escaped(valueOf(letter, part)))).join("\n") };
}

/** A draft as it was written; another program's has no quote apart. */
function keptOf(letter: Letter, cleaner: Cleaner): Kept {
    const html = letter.htmlBody.filter(({ type }) => type === "text/html").map((part) => valueOf(letter, part)).join("\n");
    if (html === "") return { own: { text: textOf(letter, cleaner).replace(/\n$/, ""), html: "" }, quote: { text: "", html: "" } }; // a letter ends with its line
    const { own, quote } = takenApart(html);
    const plain = (part: string) => plainTextOf(cleaner.few(part, () => undefined) as unknown as Source);
    return { own: { text: plain(own), html: own }, quote: quote === "" ? { text: "", html: "" } : { text: plain(quote), html: cleaner.whole(quote) } };
}

/** What is told of a letter that is sent on. */
function headOf(letter: Letter): string {
    const w = words.peek();
    const date = letter.sentAt === null ? "" : new Intl.DateTimeFormat(w.language, { dateStyle: "long", timeStyle: "short" }).format(new Date(letter.sentAt));
    const lines = [[w.from, typedAddresses(letter.from ?? [])], [w.date, date], [w.to, typedAddresses(letter.to ?? [])], [w.cc, typedAddresses(letter.cc ?? [])],
        [w.subject, letter.subject ?? ""]] as const;
    return [`---------- ${w.forwardedLetter} ----------`, ...lines.filter(([, value]) => value !== "").map(([name, value]) => `${name}: ${value}`)].join("\n");
}
