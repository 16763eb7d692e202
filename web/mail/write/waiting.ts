// Letters that the server holds until their time (RFC 8621 §7, RFC 4865).
import type { Id } from "../../core/jmap/types.js";
import type { Account } from "../model/account.js";

export interface Waiting {
    readonly submission: Id;
    readonly email: Id;
    readonly sendAt: Date;
    readonly recipients: readonly string[];
    readonly subject: string;
}

const MOST = 200;
const PENDING = { undoStatus: "pending" };

/** What waits, the next one first. Throws what Client throws. */
export async function waitingLetters(account: Account): Promise<readonly Waiting[]> {
    return account.ask((batch, accountId) => {
        const query = batch.call("EmailSubmission/query", { accountId, filter: PENDING, sort: [{ property: "sentAt", isAscending: true }], limit: MOST });
        const get = batch.call("EmailSubmission/get", { accountId, "#ids": query.at("/ids"), properties: ["id", "emailId", "sendAt", "envelope"] });
        return { get, emails: batch.call("Email/get", { accountId, "#ids": get.at("/list/*/emailId"), properties: ["id", "subject"] }) };
    }, (answers, { get, emails }) => {
        const subjects = new Map((answers.of(emails)["list"] as unknown as { id: Id; subject: string | null }[]).map(({ id, subject }) => [id, subject ?? ""]));
        const list = answers.of(get)["list"] as unknown as { id: Id; emailId: Id; sendAt: string; envelope: { rcptTo: { email: string }[] } | null }[];
        return list.map(({ id, emailId, sendAt, envelope }) => ({ submission: id, email: emailId, sendAt: new Date(sendAt), recipients: (envelope?.rcptTo ?? []).map(({ email }) => email),
            subject: subjects.get(emailId) ?? "" })).sort((a, b) => a.sendAt.getTime() - b.sendAt.getTime());
    });
}

/** Usual times to send a letter later: in an hour, tomorrow morning, on Monday morning where that is another day. */
export function usualTimes(now: Date): readonly Date[] {
    const morning = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 8);
    const monday = (8 - now.getDay()) % 7 || 7;
    return [new Date(Math.ceil((now.getTime() + 3_600_000) / 300_000) * 300_000), morning(1), ...(monday === 1 ? [] : [morning(monday)])];
}
