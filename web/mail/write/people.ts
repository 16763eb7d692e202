// People written to, to complete addresses by and to know their domains: those of the last letters sent.
import type { Id } from "../../core/jmap/types.js";
import type { Account } from "../model/account.js";
import { sameAs, type Address } from "./address.js";

const LETTERS = 200;

type Recipients = { readonly to: readonly Address[] | null; readonly cc: readonly Address[] | null; readonly bcc: readonly Address[] | null };

/** The people of these letters, those written to most and last first. */
export function peopleOf(letters: readonly Recipients[]): readonly Address[] {
    const found = new Map<string, { address: Address; weight: number }>();
    letters.forEach(({ to, cc, bcc }, age) => {
        for (const address of [...(to ?? []), ...(cc ?? []), ...(bcc ?? [])]) {
            const key = sameAs(address.email);
            const known = found.get(key);
            const weight = 1 / (1 + age / 20);
            if (known === undefined) found.set(key, { address, weight });
            else found.set(key, { address: known.address.name === null ? address : known.address, weight: known.weight + weight });
        }
    });
    return [...found.values()].sort((a, b) => b.weight - a.weight).map(({ address }) => address);
}

/** Of whom a part of the name or the beginning of the address was typed. */
export function completions(people: readonly Address[], typed: string, most: number): readonly Address[] {
    const wanted = fold(typed);
    if (wanted === "") return [];
    const starts = (text: string) => fold(text).split(/[\s.@_-]+/u).some((word) => word.startsWith(wanted)) || fold(text).startsWith(wanted);
    const within = /[^\p{ASCII}]/u.test(wanted);
    return people.filter(({ name, email }) => starts(email) || (name !== null && (starts(name) || (within && fold(name).includes(wanted))))).slice(0, most);
}

export function domainsOf(people: readonly Address[]): ReadonlySet<string> {
    return new Set(people.map(({ email }) => sameAs(email.slice(email.lastIndexOf("@") + 1))));
}

export async function peopleWrittenTo(account: Account, sent: Id): Promise<readonly Address[]> {
    const letters = await account.ask((batch, accountId) => {
        const query = batch.call("Email/query", { accountId, filter: { inMailbox: sent }, sort: [{ property: "receivedAt", isAscending: false }], limit: LETTERS });
        return batch.call("Email/get", { accountId, "#ids": query.at("/ids"), properties: ["to", "cc", "bcc"] });
    }, (answers, call) => answers.of(call)["list"] as unknown as Recipients[]);
    return peopleOf(letters);
}

function fold(text: string): string {
    return text.normalize("NFKD").replaceAll(/\p{Mn}/gu, "").toLowerCase().trim();
}
