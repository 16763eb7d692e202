// Numbers and dates as a language writes them.
import type { Words } from "./words.js";

export function number(language: string, value: number): string {
    return new Intl.NumberFormat(language).format(value);
}

/** A count with the form of its noun that the language asks for. */
export function plural(language: string, count: number, forms: { readonly [rule in Intl.LDMLPluralRule]?: string } & { readonly other: string }): string {
    return `${number(language, count)} ${forms[new Intl.PluralRules(language).select(count)] ?? forms.other}`;
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** A size, in two digits where it is small: 999 bytes, 1.2 kB, 34 MB. */
export function octets(language: string, count: number): string {
    let unit = 0;
    let value = count;
    while (value >= 999.5 && unit + 1 < UNITS.length) {
        value /= 1000;
        unit += 1;
    }
    const digits = unit > 0 && value < 9.95 ? 1 : 0;
    return new Intl.NumberFormat(language, { style: "unit", unit: UNITS[unit]!, unitDisplay: unit === 0 ? "long" : "short",
        maximumFractionDigits: digits }).format(value);
}

/** When a letter came, as short as a row of a list can have it: today the time, yesterday in a word, this year day and month. */
export function when(date: Date, now: Date, words: Words, zone?: string): string {
    const inZone = zone === undefined ? {} : { timeZone: zone };
    const day = (moment: Date) => new Intl.DateTimeFormat("en-CA", { dateStyle: "short", ...inZone }).format(moment);
    const format = (style: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(words.language, { ...style, ...inZone }).format(date);
    const today = day(now);
    if (day(date) === today) return format({ hour: "numeric", minute: "2-digit" });
    if (day(date) === dayBefore(today)) return words.yesterday;
    if (day(date).slice(0, 4) === today.slice(0, 4)) return format({ month: "short", day: "numeric" });
    return format({ year: "numeric", month: "2-digit", day: "2-digit" });
}

/** Of a day as 2026-11-27. */
function dayBefore(day: string): string {
    return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]];

/** How long ago it was, or until it is, in the largest unit of which there is at least one. */
export function ago(language: string, date: Date, now: Date): string {
    const seconds = (date.getTime() - now.getTime()) / 1000;
    const [unit, length] = STEPS.find(([, least]) => Math.abs(seconds) >= least) ?? ["second", 1];
    // "yesterday", and "now"; but "last year" may have been last week.
    const numeric = unit === "day" || unit === "second" ? "auto" : "always";
    return new Intl.RelativeTimeFormat(language, { numeric }).format(Math.trunc(seconds / length), unit);
}

/** A moment exactly, in the time zone of the reader. */
export function moment(language: string, date: Date, zone?: string): string {
    return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium", ...(zone === undefined ? {} : { timeZone: zone }) }).format(date);
}
