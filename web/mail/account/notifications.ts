// Notifications of new letters on this device: the browser's push service is told where to by the server (RFC 8620 §7.2, RFC 9749), and
// the worker shows what has come.
import { kept, keep } from "../../core/page/kept.js";
import type { Arguments, Id, Session } from "../../core/jmap/types.js";
import type { Account } from "../model/account.js";
import type { Shelf } from "../offline/shelf.js";
import type { MailWords } from "../words/words.js";
import { NOTICES, type Notices } from "../worker/notices.js";

const VAPID = "urn:ietf:params:jmap:webpush-vapid";
const DEVICE = "device"; // kept in the browser: what tells its subscription from those of others
const TYPES = ["EmailDelivery"];

function serverKey(session: Session): string | undefined {
    return (session.capabilities[VAPID] as { applicationServerKey?: string } | undefined)?.applicationServerKey;
}

/** Whether both the server and the browser have such a thing. */
export function canNotify(session: Session): boolean {
    return serverKey(session) !== undefined && "PushManager" in globalThis && "Notification" in globalThis && "serviceWorker" in navigator;
}

export async function areOn(shelf: Shelf): Promise<boolean> {
    return Notification.permission === "granted" && (await shelf.get("things", [NOTICES]))[0] !== undefined;
}

/** False: the person does not allow it. Throws what Client throws, and what the browser does. */
export async function turnOn(account: Account, shelf: Shelf, words: MailWords): Promise<boolean> {
    if ((await Notification.requestPermission()) !== "granted") return false;
    const since = new Date().toISOString().replace(/\.\d+Z$/, "Z"); // what comes while the server is asked is new
    const { pushManager } = await navigator.serviceWorker.ready;
    const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: serverKey(account.session)! });
    const { endpoint, keys } = made.toJSON();
    const subscription = await account.ask((batch) => batch.call("PushSubscription/set", { create: { device: { deviceClientId: device(), url: endpoint!,
        keys: { p256dh: keys!["p256dh"]!, auth: keys!["auth"]! }, types: TYPES } } }), (answers, call) => (answers.of(call)["created"] as { device?: { id: Id } } | null)?.device?.id);
    if (subscription === undefined) throw new Error("the server took no subscription");
    const notices: Notices = { subscription, noSubject: words.noSubject, somebody: words.somebody, newMail: words.newMail, since, shown: [] };
    await shelf.put("things", new Map([[NOTICES, notices]]));
    return true;
}

/** Throws what Client throws. */
export async function turnOff(account: Account, shelf: Shelf): Promise<void> {
    const [notices] = (await shelf.get("things", [NOTICES])) as readonly (Notices | undefined)[];
    await shelf.remove("things", [NOTICES]);
    await unsubscribe();
    if (notices !== undefined) await account.ask((batch) => batch.call("PushSubscription/set", { destroy: [notices.subscription] }), () => undefined);
}

/** The server forgets subscriptions after a time: one that is in use is asked for again when the page begins. Throws what Client throws. */
export async function renew(account: Account, shelf: Shelf, words: MailWords): Promise<void> {
    if (!canNotify(account.session) || !(await areOn(shelf))) return;
    const [notices] = (await shelf.get("things", [NOTICES])) as readonly [Notices];
    const there = await account.ask((batch) => batch.call("PushSubscription/set", { update: { [notices.subscription]: { expires: null } } }),
        (answers, call) => notices.subscription in ((answers.of(call)["updated"] ?? {}) as Arguments));
    if (!there) await turnOn(account, shelf, words);
}

/** Ends what the browser has. */
export async function unsubscribe(): Promise<void> {
    try {
        const registration = await navigator.serviceWorker.getRegistration("/mail/");
        await (await registration?.pushManager.getSubscription())?.unsubscribe();
    } catch {
        // it has no such thing
    }
}

function device(): string {
    const known = kept(DEVICE) ?? crypto.randomUUID();
    keep(DEVICE, known);
    return known;
}
