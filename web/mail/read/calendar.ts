// An invitation (text/calendar, RFC 5545) as much as a person wants to read of it: what, when, where, who, how often; and what an answer to
// it has to say (RFC 5546 §3.2.3). Whatever it says is text.
import { printable } from "../../core/text/printable.js";

export interface Moment {
    /** In UTC milliseconds; of a whole day its beginning in the reader's zone. */
    readonly at: number;
    readonly wholeDay: boolean;
}

export interface Repeats {
    readonly every: "day" | "week" | "month" | "year";
    readonly interval: number;
    /** 0 is Sunday. */
    readonly days: readonly number[];
    readonly count: number | undefined;
    readonly until: Moment | undefined;
}

export interface Invitation {
    /** What the letter is for (RFC 5546 §1.4): it asks, takes back, or answers; `publish` where it only tells. */
    readonly method: "request" | "cancel" | "reply" | "publish";
    readonly title: string;
    readonly begins: Moment | undefined;
    readonly ends: Moment | undefined;
    /** The zone that was meant where ours does not know it, and the time stands as it was written. */
    readonly foreignZone: string | undefined;
    readonly place: string;
    readonly text: string;
    readonly organizer: string;
    readonly guests: readonly string[];
    /** Nothing where it happens once, or in a way that is not told in words here. */
    readonly repeats: Repeats | undefined;
    readonly cancelled: boolean;
    /** Nothing where it asks for no answer, or none could be understood. */
    readonly answer: Answerable | undefined;
}

/** What an answer repeats of an invitation. */
export interface Answerable {
    readonly uid: string;
    readonly sequence: number;
    readonly organizer: string;
    /** The addresses of those who are invited. */
    readonly invited: readonly string[];
    readonly title: string;
    /** Which of a series it is, and when it is: whole lines, times in UTC. */
    readonly lines: readonly string[];
}

const LONGEST = 200_000;
const MOST_LINES = 5_000;
const MOST_EVENTS = 20;
const MOST_GUESTS = 200;
const LONGEST_TEXT = 4_000;
const LONGEST_TITLE = 500;
const LONGEST_UID = 1_000;
const DAY = 86_400_000;

interface Line {
    readonly name: string;
    readonly parameters: ReadonlyMap<string, string>;
    readonly value: string;
}

/** The events of a calendar; none where it is none. `zone`: the reader's. Never fails. */
export function invitations(calendar: string, zone = Intl.DateTimeFormat().resolvedOptions().timeZone): readonly Invitation[] {
    const found: Invitation[] = [];
    let method = "publish";
    let event: Line[] | undefined;
    let inner = 0; // alarms and the like
    for (const line of linesOf(calendar)) {
        const value = line.value.toUpperCase();
        if (line.name === "BEGIN" && value === "VEVENT") event = [];
        else if (line.name === "END" && value === "VEVENT") {
            if (event !== undefined) found.push(invitation(event, method, zone));
            event = undefined;
            if (found.length === MOST_EVENTS) break;
        } else if (event !== undefined && line.name === "BEGIN") inner += 1;
        else if (event !== undefined && line.name === "END") inner = Math.max(0, inner - 1);
        else if (event !== undefined && inner === 0) event.push(line);
        else if (line.name === "METHOD") method = value.toLowerCase();
    }
    return found;
}

/** §3.1: lines are folded, and have a name, parameters and a value. */
function linesOf(calendar: string): Line[] {
    const whole = calendar.slice(0, LONGEST).replaceAll(/\r?\n[ \t]/g, "").split(/\r?\n/).slice(0, MOST_LINES);
    return whole.flatMap((line): Line[] => {
        const match = /^([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)$/s.exec(line);
        if (match === null) return [];
        const parameters = new Map([...match[2]!.matchAll(/;([A-Za-z0-9-]+)=("[^"]*"|[^";:]*)/g)].map(([, name, value]) => [name!.toUpperCase(), value!.replaceAll('"', "")]));
        return [{ name: match[1]!.toUpperCase(), parameters, value: match[3]! }];
    });
}

function invitation(event: readonly Line[], method: string, zone: string): Invitation {
    const one = (name: string) => event.find((line) => line.name === name);
    const text = (name: string) => printable(unescaped(one(name)?.value ?? "").slice(0, LONGEST_TEXT));
    const start = one("DTSTART");
    const begins = start === undefined ? undefined : moment(start, zone);
    const end = one("DTEND");
    const length = begins === undefined ? undefined : duration(one("DURATION")?.value ?? "");
    const ends = end !== undefined ? moment(end, zone) : length === undefined || begins === undefined ? undefined : { ...begins, at: begins.at + length };
    const named = start?.parameters.get("TZID");
    return { method: method === "request" || method === "cancel" || method === "reply" ? method : "publish", title: text("SUMMARY"), begins, ends,
        foreignZone: named !== undefined && !isZone(named) ? printable(named) : undefined, place: text("LOCATION"),
        text: unescaped(one("DESCRIPTION")?.value ?? "").slice(0, LONGEST_TEXT), organizer: person(one("ORGANIZER")),
        guests: event.filter(({ name }) => name === "ATTENDEE").slice(0, MOST_GUESTS).map(person).filter((guest) => guest !== ""),
        repeats: one("RRULE") === undefined ? undefined : rule(one("RRULE")!.value, zone), cancelled: method === "cancel" || one("STATUS")?.value.toUpperCase() === "CANCELLED",
        answer: method === "request" ? answerable(event, zone) : undefined };
}

function answerable(event: readonly Line[], zone: string): Answerable | undefined {
    const one = (name: string) => event.find((line) => line.name === name);
    const uid = one("UID")?.value ?? "";
    const organizer = addressIn(one("ORGANIZER"));
    const recurrence = one("RECURRENCE-ID");
    const which = recurrence === undefined ? undefined : inUtc(recurrence, zone);
    if (uid === "" || uid.length > LONGEST_UID || /\p{Cc}/u.test(uid) || organizer === undefined || (recurrence !== undefined && which === undefined)) return undefined;
    const times = [which, ...["DTSTART", "DTEND"].map((name) => { const line = one(name); return line && inUtc(line, zone); })];
    return { uid, sequence: Math.min(Number(/^\d{1,9}$/.exec(one("SEQUENCE")?.value ?? "")?.[0] ?? 0), 2_147_483_647), organizer,
        invited: event.filter(({ name }) => name === "ATTENDEE").map(addressIn).filter((address) => address !== undefined), title: unescaped(one("SUMMARY")?.value ?? "").slice(0, LONGEST_TITLE),
        lines: times.filter((line) => line !== undefined) };
}

/** Nothing where there is none that a letter can go to. */
function addressIn(line: Line | undefined): string | undefined {
    const address = (line?.value ?? "").trim().replace(/^mailto:/i, "");
    return address.length <= 320 && /^[^\s@<>",;:\\\p{Cc}]+@[^\s@<>",;:\\\p{Cc}]+$/u.test(address) ? address : undefined;
}

/** The line with a time that every reader understands: of a zone that is not known here there is none. */
function inUtc(line: Line, zone: string): string | undefined {
    const value = line.value.trim();
    if (/^\d{8}$/.test(value)) return `${line.name};VALUE=DATE:${value}`;
    const named = line.parameters.get("TZID");
    if (!/^\d{8}T\d{6}Z?$/.test(value) || (named !== undefined && !isZone(named))) return undefined;
    if (value.endsWith("Z") || named === undefined) return `${line.name}:${value}`;
    const found = moment(line, zone);
    return found && `${line.name}:${new Date(found.at).toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
}

function person(line: Line | undefined): string {
    if (line === undefined) return "";
    const address = printable(line.value.replace(/^mailto:/i, ""));
    const name = printable(line.parameters.get("CN") ?? "");
    return !/^[^\s@]+@[^\s@]+$/.test(address) ? name : name === "" || name === address ? address : `${name} <${address}>`;
}

/** §3.3.11 */
function unescaped(value: string): string {
    return value.replaceAll(/\\([nN\\;,])/g, (_, sign: string) => (sign.toLowerCase() === "n" ? "\n" : sign));
}

/** §3.3.4, §3.3.5: a date; a time in UTC, in a named zone, or in whatever zone the reader is in. */
function moment({ value, parameters }: Line, zone: string): Moment | undefined {
    const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?$/.exec(value.trim());
    if (match === null) return undefined;
    const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [number, number, number, number, number, number];
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59) return undefined;
    const utc = Date.UTC(year, month - 1, day, hour, minute, second);
    const wholeDay = match[4] === undefined;
    if (match[7] === "Z") return { at: utc, wholeDay };
    const named = parameters.get("TZID");
    return { at: utc - offset(utc, named !== undefined && isZone(named) && !wholeDay ? named : zone), wholeDay };
}

function isZone(name: string): boolean {
    try {
        Intl.DateTimeFormat("en", { timeZone: name });
        return true;
    } catch {
        return false;
    }
}

/** How far a zone is ahead of UTC at a local time, in milliseconds. A time that is skipped counts as before the change, one that there is
 *  twice as the first (§3.3.5). */
function offset(local: number, zone: string): number {
    const ahead = (at: number) => {
        const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" }).formatToParts(at);
        const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
        return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")) - Math.floor(at / 1000) * 1000;
    };
    const before = ahead(local - DAY);
    const after = ahead(local - before);
    return after !== before && ahead(local - after) === after ? after : before;
}

/** §3.3.6, in milliseconds. */
function duration(value: string): number | undefined {
    const match = /^\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$/i.exec(value.trim());
    if (match === null) return undefined;
    const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [number, number, number, number, number];
    return ((weeks * 7 + days) * 86_400 + hours * 3_600 + minutes * 60 + seconds) * 1000;
}

const EVERY: { readonly [name: string]: Repeats["every"] } = { DAILY: "day", WEEKLY: "week", MONTHLY: "month", YEARLY: "year" };
const DAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

/** §3.3.10, as far as it is simple. */
function rule(value: string, zone: string): Repeats | undefined {
    const parts = new Map(value.toUpperCase().split(";").map((part) => part.split("=", 2) as [string, string | undefined]));
    const every = EVERY[parts.get("FREQ") ?? ""];
    if (every === undefined || [...parts.keys()].some((name) => !["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST", "BYMONTHDAY", "BYMONTH"].includes(name))) return undefined;
    const days = every === "week" ? (parts.get("BYDAY") ?? "").split(",").map((day) => DAYS.indexOf(day)).filter((day) => day >= 0) : [];
    const whole = (text: string | undefined) => (/^\d{1,6}$/.test(text ?? "") ? Number(text) : undefined);
    return { every, interval: Math.max(1, whole(parts.get("INTERVAL")) ?? 1), days, count: whole(parts.get("COUNT")),
        until: parts.get("UNTIL") === undefined ? undefined : moment({ name: "UNTIL", parameters: new Map(), value: parts.get("UNTIL")! }, zone) };
}
