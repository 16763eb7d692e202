// What a composer is opened with: `new`, a link `mailto:…` (RFC 6068), or `reply`, `all`, `list`, `forward`, `draft` with `:` and a letter's id.
import type { Id } from "../../../core/jmap/types.js";
import type { Mail } from "../../model/mail.js";
import type { Letter } from "../../model/types.js";
import { attached } from "../../read/body.js";
import { textOf } from "../../read/letter_frame.js";
import { words } from "../../words/language.js";
import type { Address } from "../../write/address.js";
import { typedAddresses } from "../../write/address_list.js";
import { Desk, identitiesOf } from "../../write/desk.js";
import { answer, emptyDraft, reopened, sendOn, type Draft, type File } from "../../write/draft.js";
import { peopleWrittenTo } from "../../write/people.js";
import { letterTo } from "../../write/mailto.js";
import type { Identity } from "../../write/reply.js";
import { savedHere } from "../../write/saved.js";

export interface Opened {
    readonly draft: Draft;
    readonly identities: readonly [Identity, ...Identity[]];
    readonly desk: Desk;
    /** People written to; asked for once. */
    people(): Promise<readonly Address[]>;
}

export async function open(mail: Mail, what: string): Promise<Opened> {
    const [kind = "", id = ""] = what.split(/:(.*)/s);
    const identities = await identitiesOf(mail.account);
    const mailbox = { drafts: await mail.actions.mailbox("drafts"), sent: await mail.actions.mailbox("sent") };
    const here = savedHere(mail.account.address, what);
    const draft = here?.draft ?? (kind === "new" || kind === "mailto" ? asked(what, identities[0]) : await about(mail, kind, id, identities));
    const desk = new Desk(mail.account, what, mailbox, here?.older ?? (kind === "draft" ? id : undefined));
    if (here === undefined) desk.isSaved(draft);
    let people: Promise<readonly Address[]> | undefined;
    return { draft, identities, desk, people: () => (people ??= peopleWrittenTo(mail.account, mailbox.sent).catch(() => [])) };
}

function asked(what: string, identity: Identity): Draft {
    const letter = letterTo(what);
    return letter === undefined ? emptyDraft(identity) : { ...emptyDraft(identity, letter.to), subject: letter.subject, text: letter.body };
}

async function about(mail: Mail, kind: string, id: Id, identities: readonly [Identity, ...Identity[]]): Promise<Draft> {
    if (!(await mail.letters.load(id))) throw new Error("the letter is gone");
    const letter = mail.letters.letter(id).peek()!;
    const text = await plainTextOf(letter);
    const files = letter.attachments.filter(({ blobId }) => blobId !== null)
        .map((part): File => ({ blobId: part.blobId!, type: part.type, name: part.name ?? "", size: part.size }));
    switch (kind) {
        case "reply": return answer(letter, text, "sender", identities, words.peek());
        case "all": return answer(letter, text, "all", identities, words.peek());
        case "list": return answer(letter, text, "list", identities, words.peek());
        case "forward": return sendOn(letter, text, headOf(letter), attached(letter).length === 0 ? [] : files, identities);
        default: return reopened(letter, text, files, identities);
    }
}

async function plainTextOf(letter: Letter): Promise<string> {
    const texts = await Promise.all(letter.textBody.map((part) => {
        const value = letter.bodyValues[part.partId ?? ""]?.value ?? "";
        return part.type === "text/html" ? textOf(value) : value;
    }));
    return texts.join("\n").replaceAll("\r\n", "\n");
}

/** What is told of a letter that is sent on. */
function headOf(letter: Letter): string {
    const w = words.peek();
    const date = letter.sentAt === null ? "" : new Intl.DateTimeFormat(w.language, { dateStyle: "long", timeStyle: "short" }).format(new Date(letter.sentAt));
    const lines = [[w.from, typedAddresses(letter.from ?? [])], [w.date, date], [w.to, typedAddresses(letter.to ?? [])], [w.cc, typedAddresses(letter.cc ?? [])],
        [w.subject, letter.subject ?? ""]] as const;
    return [`---------- ${w.forwardedLetter} ----------`, ...lines.filter(([, value]) => value !== "").map(([name, value]) => `${name}: ${value}`)].join("\n");
}
