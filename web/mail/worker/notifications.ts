// Notifications of new letters (RFC 8620 §7.2). What is pushed says only that something has come: the worker asks for it as the page does,
// by the cookie of whoever is signed in.
import { Client } from "../../core/jmap/client.js";
import { CORE, MAIL, type Arguments, type Id, type Session } from "../../core/jmap/types.js";
import { jmapSession, post } from "../../core/page/session.js";
import { printable } from "../../core/text/printable.js";
import { addressOf } from "../model/route.js";
import { Database } from "../offline/database.js";
import type { Address } from "../write/address.js";
import { NOTICES, type Notices } from "./notices.js";
import type { Page, Waiting, WorkerScope } from "./scope.js";

const MOST_SHOWN = 4; // letters of one push

export interface Pushed extends Waiting {
    readonly data: { json(): unknown } | null;
}

export interface Clicked extends Waiting {
    readonly notification: { readonly data: { readonly mailbox: string; readonly letter: string } | null; close(): void };
}

interface Letter {
    readonly id: Id;
    readonly subject: string | null;
    readonly from: readonly Address[] | null;
    readonly receivedAt: string;
}

export async function pushed(scope: WorkerScope, event: Pushed): Promise<void> {
    const said = read(event);
    if (said["@type"] === "PushVerification") return verify(String(said["pushSubscriptionId"]), String(said["verificationCode"]));
    if (said["@type"] !== "StateChange") return;
    const pages = await scope.clients.matchAll({ type: "window" });
    await tellOfLetters(scope, pages.some(({ focused }) => focused)); // then somebody sees it come
}

function read({ data }: Pushed): Arguments {
    try {
        return (data?.json() ?? {}) as Arguments;
    } catch {
        return {};
    }
}

async function verify(id: Id, verificationCode: string): Promise<void> {
    const session = await jmapSession();
    await new Client(session, post, () => undefined).ask({ using: [CORE], methodCalls: [["PushSubscription/set", { update: { [id]: { verificationCode } } }, "c0"]] });
}

async function tellOfLetters(scope: WorkerScope, seen: boolean): Promise<void> {
    const database = await Database.found();
    const [notices] = (await database?.get("things", [NOTICES]) ?? []) as readonly (Notices | undefined)[];
    if (database === undefined || notices === undefined) return; // nobody is signed in any more
    try {
        const { inbox, letters } = await newLetters(await jmapSession(), notices);
        const [last] = letters;
        if (last !== undefined) {
            const shown = letters.filter(({ receivedAt }) => receivedAt === last.receivedAt).map(({ id }) => id);
            await database.put("things", new Map([[NOTICES, { ...notices, since: last.receivedAt, shown: last.receivedAt === notices.since ? [...notices.shown, ...shown] : shown }]]));
        }
        if (seen) return;
        for (const { id, from, subject } of letters.slice(0, MOST_SHOWN).reverse()) {
            const sender = printable(from?.[0]?.name ?? "") || printable(from?.[0]?.email ?? "") || notices.somebody;
            await scope.registration.showNotification(sender, { body: printable(subject ?? "") || notices.noSubject, tag: id, data: { mailbox: inbox, letter: id } });
        }
    } catch {
        if (!seen) await scope.registration.showNotification(notices.newMail, { tag: "new" }); // what it is cannot be found out now
    } finally {
        database.close();
    }
}

/** Unread letters in the inbox that have come since, the last one first. */
async function newLetters(session: Session, { since, shown }: Notices): Promise<{ readonly inbox: Id; readonly letters: readonly Letter[] }> {
    const client = new Client(session, post, () => undefined);
    const accountId = session.primaryAccounts[MAIL]!;
    const first = client.batch(CORE, MAIL);
    const mailboxes = first.call("Mailbox/query", { accountId, filter: { role: "inbox" } });
    const [inbox = ""] = (await first.send()).of(mailboxes)["ids"] as readonly Id[];
    const second = client.batch(CORE, MAIL);
    const query = second.call("Email/query", { accountId, filter: { operator: "AND", conditions: [{ inMailbox: inbox }, { notKeyword: "$seen" }, { after: since }] },
        sort: [{ property: "receivedAt", isAscending: false }], limit: 20 });
    const get = second.call("Email/get", { accountId, "#ids": query.at("/ids"), properties: ["id", "subject", "from", "receivedAt"] });
    const letters = (await second.send()).of(get)["list"] as unknown as Letter[];
    return { inbox, letters: letters.filter(({ id, receivedAt }) => receivedAt >= since && !shown.includes(id)).sort((a, b) => (a.receivedAt < b.receivedAt ? 1 : -1)) };
}

export async function clicked(scope: WorkerScope, event: Clicked): Promise<void> {
    const place = event.notification.data;
    event.notification.close();
    const pages: readonly Page[] = (await scope.clients.matchAll({ type: "window" })).filter(({ url }) => new URL(url).pathname.startsWith("/mail/"));
    const [page] = pages;
    if (page === undefined) return void await scope.clients.openWindow(place === null ? "/mail/" : addressOf(place));
    if (place !== null) page.postMessage({ open: place });
    await page.focus();
}
