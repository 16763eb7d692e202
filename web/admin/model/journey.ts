// The way of a letter, made of what the server wrote down about it: where it came from, and for each recipient how far it got.
import type { JourneyEvent } from "./answers.js";

export type Standing = "arrived" | "handed" | "waits" | "refused" | "ended";

/** One end of the way. */
export interface Branch {
    /** The recipient, or the account that it was put into. */
    readonly who: string;
    readonly standing: Standing;
    readonly time: string;
    /** The mailbox, or the server that was spoken with last. */
    readonly place: string;
    /** What that server said, or why it went no further. */
    readonly words: string;
    /** When somebody's mail program took it. */
    readonly fetched: string | undefined;
}

export interface Journey {
    readonly name: string;
    readonly events: readonly JourneyEvent[];
    readonly begun: string;
    readonly from: string;
    readonly to: readonly string[];
    readonly subject: string | undefined;
    readonly messageId: string;
    /** Where it came from: the account that handed it in, or the server that brought it. */
    readonly origin: { readonly kind: "account" | "server" | "here"; readonly name: string; readonly client: string };
    /** What was found out about the sender, in one word; nothing if it was not looked at. */
    readonly verdict: string | undefined;
    readonly branches: readonly Branch[];
    readonly standing: Standing;
}

/** Of the fields of an event, which may repeat. */
export function field(event: JourneyEvent, name: string): string {
    return event.fields.filter(([one, value]) => one === name && value !== "").map(([, value]) => value).join(", ");
}

/** Each journey by itself, the newest first. */
export function journeys(events: readonly JourneyEvent[]): Journey[] {
    const byName = new Map<string, JourneyEvent[]>();
    for (const event of events) {
        const known = byName.get(event.journey);
        if (known === undefined) byName.set(event.journey, [event]);
        else known.push(event);
    }
    return [...byName.values()].map(journey).sort((one, other) => other.begun.localeCompare(one.begun));
}

export interface Device {
    /** "imap" */
    readonly service: string;
    readonly client: string;
    readonly letters: number;
    readonly last: string;
}

/** From where, and how, the letters of an account were fetched; the newest first. */
export function devices(events: readonly JourneyEvent[], account: string): Device[] {
    const found = new Map<string, Device>();
    for (const event of events) {
        if (event.kind !== "retrieved" || field(event, "account") !== account) continue;
        const [service, client] = [field(event, "service"), field(event, "client")];
        const known = found.get(`${service} ${client}`);
        const last = known === undefined || event.time > known.last ? event.time : known.last;
        found.set(`${service} ${client}`, { service, client, letters: (known?.letters ?? 0) + 1, last });
    }
    return [...found.values()].sort((one, other) => other.last.localeCompare(one.last));
}

const BEGINNINGS = ["submitted", "received", "rejected"];
const WORST: readonly Standing[] = ["refused", "waits", "ended", "handed", "arrived"];

function journey(events: readonly JourneyEvent[]): Journey {
    const first = events.find((event) => BEGINNINGS.includes(event.kind)) ?? events[0]!;
    const to = first.fields.filter(([name]) => name === "to").map(([, value]) => value);
    const branches = branchesOf(events, to);
    const account = field(first, "account");
    const helo = field(first, "helo");
    const checked = events.find((event) => event.kind === "checked");
    return {
        name: first.journey, events, begun: events[0]!.time, from: field(first, "from") || account, to, branches,
        subject: events.map((event) => field(event, "subject")).find((subject) => subject !== ""),
        messageId: events.find((event) => event.message_id !== "")?.message_id ?? "",
        origin: { kind: account !== "" ? "account" : helo !== "" || field(first, "client") !== "" ? "server" : "here", name: account || helo, client: field(first, "client") },
        verdict: checked && (field(checked, "dmarc") || field(checked, "spf") || undefined),
        standing: WORST.find((standing) => branches.some((branch) => branch.standing === standing)) ?? "waits",
    };
}

function branchesOf(events: readonly JourneyEvent[], to: readonly string[]): Branch[] {
    const found = new Map<string, Branch>();
    const put = (event: JourneyEvent, who: string, standing: Standing, place: string, words: string) => {
        for (const one of who.split(", "))
            found.set(one, { who: one, standing, time: event.time, place, words, fetched: found.get(one)?.fetched });
    };
    for (const event of events) {
        const who = field(event, "to");
        const server = field(event, "server");
        const words = field(event, "reply") || field(event, "reason");
        switch (event.kind) {
            case "stored": put(event, field(event, "account"), "arrived", field(event, "mailbox"), ""); break;
            case "relayed": put(event, who, "handed", server, words); break;
            case "deferred": case "stopped": case "destination-stopped": case "released": put(event, who, "waits", server, words); break;
            case "refused": put(event, who, "refused", server, words); break;
            case "rejected": put(event, who || to.join(", "), "refused", "", words); break;
            case "canceled": case "removed": case "discarded":
                for (const one of to) if (!isOver(found.get(one))) put(event, one, "ended", "", words);
                break;
            case "retrieved": {
                const branch = found.get(field(event, "account"));
                if (branch !== undefined && branch.fetched === undefined) found.set(branch.who, { ...branch, fetched: event.time });
                break;
            }
            default: break;
        }
    }
    // An alias is told by the accounts behind it, so that only as many can be under way as there are recipients without an end.
    const open = to.filter((one) => !found.has(one)).slice(0, Math.max(0, to.length - found.size));
    const last = events.at(-1)!;
    return [...found.values(), ...open.map((who): Branch => ({ who, standing: "waits", time: last.time, place: "", words: "", fetched: undefined }))];
}

function isOver(branch: Branch | undefined): boolean {
    return branch !== undefined && branch.standing !== "waits";
}
