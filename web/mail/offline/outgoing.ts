// What is to reach the server when it is there again: marks and moves, and letters that were written. It is kept durably, and sent one after
// the other by one page of the browser. What somebody changed elsewhere meanwhile stays as it is on the server; nothing is sent twice:
// a letter has its Message-ID from the beginning, and whoever is not sure whether it came looks for it first.
import { MethodError, NoAnswerError, SignedOutError } from "../../core/jmap/client.js";
import type { Arguments, Id, Json, Request } from "../../core/jmap/types.js";
import type { Account } from "../model/account.js";
import { applied, type Patch } from "../model/change.js";
import { MARKS, type Marks } from "../model/types.js";
import { emailOf, recipients, type Draft } from "../write/draft.js";
import type { Identity } from "../write/reply.js";
import type { KeptMail } from "./kept_mail.js";
import type { Shelf } from "./shelf.js";

const AT_ONCE = 200; // letters of one request
const MOST_ROUNDS = 5; // while other letters come at that very moment

export interface MarksWait {
    readonly kind: "marks";
    readonly patches: readonly (readonly [Id, Patch])[];
    /** The letters as they were known to be before. */
    readonly before: readonly Marks[];
}

export interface LetterWaits {
    readonly kind: "letter";
    readonly draft: Draft;
    readonly identity: Identity;
    /** False: it is only to be among the drafts. */
    readonly send: boolean;
    /** When it is to go, if not at once. */
    readonly at?: string;
    readonly messageId: string;
    /** The server's draft that is this very letter: it may be on its way. */
    readonly email?: Id;
    /** The server's draft that it is newer than. */
    readonly older?: Id;
    /** The server was asked to take it, and has not answered. */
    readonly tried: boolean;
    /** Why the server does not take it: the type of a SetError, and its details. */
    readonly refused?: Arguments & { readonly type: string };
}

export type Waits = MarksWait | LetterWaits;
/** A letter as the server has it, if it does, and for which states that is so. */
interface There {
    readonly email: Id | undefined;
    readonly emails: string;
    readonly submissions: string;
}

type Mailboxes = { readonly drafts: Id; readonly sent: Id };

/** Lets one of a browser's pages do something at a time. */
export type Exclusively = (work: () => Promise<void>) => Promise<void>;

export class Outgoing {
    private number = 0;
    private running: Promise<void> | undefined;

    /** `account` asks the server itself. `changed` is told how much waits. */
    constructor(private readonly account: Account, private readonly shelf: Shelf, private readonly kept: KeptMail, private readonly mailboxes: () => Promise<Mailboxes>,
        private readonly exclusively: Exclusively, private readonly changed: (waits: readonly Waits[]) => void) {}

    /** Keeps changes of letters for later, if a request asks for nothing else. False: it does not, or they cannot be kept. */
    async addMarks(request: Request): Promise<boolean> {
        const [call, ...more] = request.methodCalls;
        if (call?.[0] !== "Email/set" || more.length > 0 || Object.keys(call[1]).sort().join() !== "accountId,update") return false;
        const patches = Object.entries(call[1]["update"] as unknown as { [id: Id]: Patch });
        const before = (await this.kept.marks(patches.map(([id]) => id))).filter((marks) => marks !== undefined)
            .map(({ id, threadId, mailboxIds, keywords }) => ({ id, threadId, mailboxIds, keywords }));
        if (!(await this.add({ kind: "marks", patches, before }))) return false;
        await this.kept.change(new Map(patches));
        return true;
    }

    /** Whether it is kept. */
    addLetter(letter: Omit<LetterWaits, "kind" | "messageId" | "tried"> & { readonly tried?: boolean }): Promise<boolean> {
        return this.add({ kind: "letter", messageId: `${crypto.randomUUID()}@${new URL(this.account.session.apiUrl).hostname}`, tried: false, ...letter });
    }

    /** What waits, by name, the oldest first. */
    async waiting(): Promise<readonly (readonly [string, Waits])[]> {
        return (await this.shelf.all("outgoing")) as readonly (readonly [string, Waits])[];
    }

    /** Takes a letter out again; nothing if it has gone, or is going. */
    async take(name: string): Promise<LetterWaits | undefined> {
        let taken: LetterWaits | undefined;
        await this.exclusively(async () => {
            const [waits] = (await this.shelf.get("outgoing", [name])) as readonly (Waits | undefined)[];
            if (waits?.kind !== "letter" || (waits.tried && waits.refused === undefined)) return;
            await this.shelf.remove("outgoing", [name]);
            taken = waits;
        });
        await this.tell();
        return taken;
    }

    async tell(): Promise<void> {
        this.changed((await this.waiting()).map(([, waits]) => waits));
    }

    /** Sends all that waits. Throws what Client throws; what was not sent then waits on. */
    async flush(): Promise<void> {
        this.running ??= this.exclusively(async () => {
            for (const [name, waits] of await this.waiting()) {
                if (waits.kind === "marks") {
                    await this.sendMarks(waits).catch((error: unknown) => { if (isNoAnswer(error)) throw error; }); // what the server refuses is as it is there
                    await this.shelf.remove("outgoing", [name]);
                } else if (waits.refused === undefined) await this.sendLetter(name, waits);
            }
        }).finally(() => {
            this.running = undefined;
            return this.tell();
        });
        await this.running;
    }

    private async add(waits: Waits): Promise<boolean> {
        const name = `${String(Date.now()).padStart(15, "0")}-${String(this.number += 1).padStart(6, "0")}-${crypto.randomUUID()}`;
        const kept = await this.shelf.put("outgoing", new Map([[name, waits]]));
        await this.tell();
        return kept;
    }

    private async sendMarks({ patches, before }: MarksWait): Promise<void> {
        const known = new Map(before.map((marks) => [marks.id, marks]));
        for (let at = 0; at < patches.length; at += AT_ONCE) {
            const some = patches.slice(at, at + AT_ONCE);
            const there = await this.account.ask((batch, accountId) => batch.call("Email/get", { accountId, ids: some.map(([id]) => id), properties: MARKS }),
                (answers, call) => new Map((answers.of(call)["list"] as unknown as Marks[]).map((marks) => [marks.id, marks])));
            const update = Object.fromEntries(some.filter(([id, patch]) => there.has(id) && still(there.get(id)!, known.get(id), patch)));
            if (Object.keys(update).length === 0) continue;
            await this.account.ask((batch, accountId) => batch.call("Email/set", { accountId, update: update as unknown as Json }), (answers, call) => answers.of(call));
        }
    }

    private async sendLetter(name: string, letter: LetterWaits): Promise<void> {
        const mailboxes = await this.mailboxes();
        for (let round = 0; round < MOST_ROUNDS; round += 1) {
            const there = await this.look(letter);
            if (there.email !== undefined && (!letter.send || (await this.isSubmitted(there.email)))) return this.done(name, letter);
            await this.shelf.put("outgoing", new Map([[name, { ...letter, tried: true }]]));
            try {
                const refused = await this.hand(letter, there, mailboxes);
                if (refused === undefined) return await this.done(name, letter);
                return void await this.shelf.put("outgoing", new Map([[name, { ...letter, tried: true, refused, ...(refused.email === undefined ? {} : { email: refused.email }) }]]));
            } catch (error) {
                if (isNoAnswer(error)) throw error;
                if (error instanceof MethodError && error.type === "stateMismatch") continue; // something has come, perhaps this very letter
                return void await this.shelf.put("outgoing", new Map([[name, { ...letter, tried: true, refused: { type: "serverFail" } }]]));
            }
        }
    }

    /** Whether the server has the letter, and the states that this is true for: a request that was lost on its way and comes late finds others. */
    private look({ email, messageId }: LetterWaits): Promise<There> {
        return this.account.ask((batch, accountId) => ({
            emails: batch.call("Email/get", { accountId, ids: [], properties: ["id"] }),
            submissions: batch.call("EmailSubmission/get", { accountId, ids: [], properties: ["id"] }),
            known: email !== undefined ? batch.call("Email/get", { accountId, ids: [email], properties: ["id"] }) : batch.call("Email/query", { accountId, filter: { header: ["Message-ID", messageId] }, limit: 1 }),
        }), (answers, { emails, submissions, known }) => {
            const said = answers.of(known);
            const [found] = email !== undefined ? (said["list"] as unknown as { id: Id }[]).map(({ id }) => id) : (said["ids"] as readonly Id[]);
            return { email: found, emails: String(answers.of(emails)["state"]), submissions: String(answers.of(submissions)["state"]) };
        });
    }

    /** Asks the server to take a letter, and to send it. Why it did not. */
    private async hand({ draft, identity, send, at, messageId }: LetterWaits, { email, emails, submissions }: There, { drafts, sent }: Mailboxes): Promise<(Arguments & { readonly type: string; readonly email?: Id }) | undefined> {
        const moved = { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${sent}`]: true, "keywords/$draft": null };
        const later = at !== undefined && new Date(at) > new Date() ? { HOLDUNTIL: at.replace(/\.\d+Z$/, "Z") } : null;
        const envelope = { mailFrom: { email: draft.from.email, parameters: later }, rcptTo: recipients(draft).map((to) => ({ email: to, parameters: null })) };
        return this.account.ask((batch, accountId) => ({
            made: email !== undefined ? undefined : batch.call("Email/set", { accountId, ifInState: emails, create: { letter: { ...emailOf(draft, drafts, identity), messageId: [messageId] } } }),
            gone: !send ? undefined : batch.call("EmailSubmission/set", { accountId, ifInState: submissions, create: { sent: { identityId: identity.id, emailId: email ?? "#letter", envelope } }, onSuccessUpdateEmail: { "#sent": moved } }),
        }), (answers, { made, gone }) => {
            const letter = made === undefined ? undefined : answers.of(made);
            const created = (letter?.["created"] as { letter?: { id: Id } } | null | undefined)?.letter?.id;
            if (letter !== undefined && created === undefined) return failed(letter, "letter");
            if (gone === undefined) return undefined;
            const submission = answers.of(gone);
            if ((submission["created"] as { sent?: object } | null | undefined)?.sent !== undefined) return undefined;
            return { ...failed(submission, "sent"), ...(created === undefined ? {} : { email: created }) };
        });
    }

    /** What is left to do when the letter is there. */
    private async done(name: string, { draft, older, send }: LetterWaits): Promise<void> {
        const about = send && draft.about?.account === undefined ? draft.about : undefined;
        await this.account.ask((batch, accountId) => batch.call("Email/set", { accountId, ...(older === undefined ? {} : { destroy: [older] }),
            ...(about === undefined ? {} : { update: { [about.id]: { [`keywords/${about.keyword}`]: true } } }) }), () => undefined);
        await this.shelf.remove("outgoing", [name]);
    }

    private isSubmitted(email: Id): Promise<boolean> {
        return this.account.ask((batch, accountId) => batch.call("EmailSubmission/query", { accountId, filter: { emailIds: [email] } }),
            (answers, call) => (answers.of(call)["ids"] as readonly Id[]).length > 0);
    }
}

function isNoAnswer(error: unknown): boolean {
    return error instanceof NoAnswerError || error instanceof SignedOutError;
}

/** Whether nobody has changed elsewhere what a patch changes: each is as it was, or already as it is to be. */
function still(there: Marks, before: Marks | undefined, patch: Patch): boolean {
    if (before === undefined) return true;
    const after = applied(before, patch);
    return Object.keys(patch).every((path) => [before, after].some((marks) => at(marks, path) === at(there, path)));
}

function at(marks: Marks, path: string): string {
    const [property, name] = path.split(/\/(.*)/s);
    return property === "keywords" ? String(marks.keywords[name!] === true) : Object.keys(marks.mailboxIds).sort().join(); // a move is one thing
}

function failed(answer: Arguments, name: string): Arguments & { readonly type: string } {
    return (answer["notCreated"] as { [name: string]: Arguments & { type: string } } | null | undefined)?.[name] ?? { type: "serverFail" };
}
