// Who an answer goes to, and from which of one's addresses it comes.
import { once, sameAs, withoutDetail, type Address } from "./address.js";
import { answerTo } from "./subject.js";

/** What of a letter an answer needs. */
export interface Letter {
    readonly from: readonly Address[];
    readonly replyTo: readonly Address[];
    readonly to: readonly Address[];
    readonly cc: readonly Address[];
    readonly subject: string;
    readonly messageId: readonly string[];
    readonly references: readonly string[];
    readonly inReplyTo: readonly string[];
    /** Where the list that it came through takes letters (List-Post, RFC 2369 §3.4). */
    readonly listPost: string | null;
    /** Where it was delivered (Delivered-To, X-Original-To), best guess first. */
    readonly deliveredTo: readonly string[];
}

/** RFC 8621 §6. `email` may be `*@domain`. */
export interface Identity {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    readonly replyTo: readonly Address[] | null;
    readonly bcc: readonly Address[] | null;
    readonly textSignature?: string;
    readonly htmlSignature?: string;
}

export type Whom = "sender" | "all" | "list";

export interface Answer {
    readonly identity: Identity;
    /** The address in From: the identity's, or of `*@domain` the one that the letter came to. */
    readonly from: Address;
    readonly to: readonly Address[];
    readonly cc: readonly Address[];
    readonly bcc: readonly Address[];
    readonly subject: string;
    readonly inReplyTo: readonly string[];
    readonly references: readonly string[];
}

const MOST_REFERENCES = 20;

/** An answer to a letter from one of these identities, the first of which is the one otherwise used. Nobody answers to himself, unless
 *  he wrote to himself. */
export function reply(letter: Letter, whom: Whom, identities: readonly [Identity, ...Identity[]]): Answer {
    const { identity, email } = cameTo(letter, identities);
    const own = (address: Address) => identities.some((one) => matches(one, address.email));
    const written = letter.from.length > 0 && letter.from.every(own);
    const wanted = written ? letter.to : letter.replyTo.length > 0 ? letter.replyTo : letter.from;

    const taken = new Set<string>();
    const notOwn = (addresses: readonly Address[]) => addresses.filter((address) => !own(address));
    let to: Address[];
    let cc: Address[] = [];
    if (whom === "list" && letter.listPost !== null) {
        to = [{ name: null, email: letter.listPost }];
    } else {
        const first = notOwn(wanted);
        to = once(first.length > 0 ? first : wanted, taken);
        if (whom === "all") {
            if (!written) to.push(...once(notOwn(letter.to), taken));
            cc = once(notOwn(letter.cc), taken);
        }
    }
    const bcc = once(identity.bcc ?? [], taken);
    return { identity, from: { name: identity.name || null, email }, to, cc, bcc, subject: answerTo(letter.subject), ...thread(letter) };
}

/** In-Reply-To and References of an answer, RFC 5322 §3.6.4. Of a long conversation its beginning and its end stay. */
function thread(letter: Letter): { inReplyTo: readonly string[]; references: readonly string[] } {
    const before = letter.references.length > 0 ? letter.references : letter.inReplyTo.length === 1 ? letter.inReplyTo : [];
    const all = [...before, ...letter.messageId];
    const references = all.length > MOST_REFERENCES ? [all[0]!, ...all.slice(1 - MOST_REFERENCES)] : all;
    return { inReplyTo: letter.messageId, references };
}

/** The identity that a letter came to: where it was delivered says it best, then To and Cc; of one's own letter the one it came from. */
function cameTo(letter: Letter, identities: readonly [Identity, ...Identity[]]): { identity: Identity; email: string } {
    const addresses = [...letter.from.filter(({ email }) => identities.some((one) => sameAs(one.email) === sameAs(email))).map(({ email }) => email),
        ...letter.deliveredTo, ...letter.to.map(({ email }) => email), ...letter.cc.map(({ email }) => email)];
    for (const exact of [true, false])
        for (const email of addresses)
            for (const identity of identities)
                if (exact ? sameAs(identity.email) === sameAs(email) : matches(identity, email))
                    return { identity, email: isWildcard(identity) ? email : identity.email };
    const named = identities.find((identity) => !isWildcard(identity)) ?? identities[0];
    return { identity: named, email: isWildcard(named) ? "" : named.email };
}

function isWildcard(identity: Identity): boolean {
    return identity.email.startsWith("*@");
}

function matches(identity: Identity, email: string): boolean {
    if (isWildcard(identity)) return sameAs(email).endsWith(sameAs(identity.email.slice(1)));
    return withoutDetail(identity.email) === withoutDetail(email);
}
