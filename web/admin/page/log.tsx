// The log as it is written.
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../../core/page/icons.js";
import { holdConversion } from "../../core/page/keys.js";
import { isGap, newest, withLines, type LogEntry, type LogLine } from "../model/log.js";
import { Refused } from "../model/server.js";
import { words } from "../words/language.js";
import { may, reason, server } from "./asking.js";
import { Badge, Card, Said, type Tone } from "./parts.js";
import { go, linkTo, route } from "./router.js";

const LEVELS = ["debug", "info", "warning", "error"];
const TONES: { readonly [level: string]: Tone } = { warning: "warn", error: "bad" };
/** Before it is asked again. */
const PAUSE = 2_000;

type State = "follows" | "interrupted" | "stopped";

export function LogPage() {
    const w = words.value;
    const { level = "info", service = "", address = "", journey = "" } = route.value.query;
    const [state, setState] = useState<State>("follows");
    const [fault, setFault] = useState<string | undefined>();
    const wanted = JSON.stringify({ level, service, address, journey });
    const [loaded, setLoaded] = useState<{ readonly of: string; readonly entries: readonly LogEntry[] }>({ of: wanted, entries: [] });
    const shown = loaded.of === wanted ? loaded.entries : [];
    const stopped = state === "stopped";
    useEffect(() => {
        if (stopped) return undefined;
        const end = new AbortController();
        void follow(wanted, newest(shown), end.signal, (lines) => setLoaded((before) => ({ of: wanted, entries: withLines(before.of === wanted ? before.entries : [], lines) })), setState, setFault);
        return () => end.abort();
    }, [wanted, stopped]);
    return <Card>
        <p class="hint">{w.logText}</p>
        <form class="ask-line narrow" role="search" onKeyDown={holdConversion} onSubmit={(event) => {
            event.preventDefault();
            const typed = new FormData(event.currentTarget);
            go({ page: "log", query: Object.fromEntries(["level", "service", "address", "journey"].map((name) => [name, String(typed.get(name) ?? "").trim()])) });
        }}>
            <label>{w.level}<select name="level" value={level}>{LEVELS.map((one) => <option key={one} value={one}>{w.levels[one]}</option>)}</select></label>
            <label>{w.service}<input name="service" type="search" defaultValue={service} placeholder="imap" autocomplete="off" autocapitalize="none" spellcheck={false} /></label>
            <label>{w.address}<input name="address" type="search" defaultValue={address} title={w.addressHint} placeholder="anna@example.org" autocomplete="off" autocapitalize="none" spellcheck={false} /></label>
            <label>{w.journey}<input name="journey" type="search" defaultValue={journey} autocomplete="off" autocapitalize="none" spellcheck={false} /></label>
            <button type="submit" class="plain"><Icon name="filter" />{w.filter}</button>
        </form>
        <div class="table-head">
            <span role="status"><Badge tone={state === "follows" ? "good" : state === "stopped" ? "calm" : "warn"}>{w[state]}</Badge></span>
            <button type="button" class="plain" onClick={() => setState(stopped ? "follows" : "stopped")}>{stopped ? w.goOn : w.stop}</button>
        </div>
        {fault !== undefined && <p class="fault" role="alert">{fault}</p>}
        {shown.length === 0 ? <p class="nothing">{w.logQuiet}</p>
            : <ol class="log" aria-label={w.pageNames.log}>{shown.map((entry, at) => (isGap(entry)
                ? <li key={`gap ${at}`}><Badge tone="warn">{w.leftOut(entry.left_out)}</Badge></li> : <Line key={entry.number} line={entry} />))}</ol>}
    </Card>;
}

function Line({ line }: { line: LogLine }) {
    const date = new Date(line.milliseconds);
    return <li><time dateTime={date.toISOString()} title={words.value.moment(date)}>{new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hour12: false }).format(date)}</time>
        {" "}{TONES[line.level] !== undefined && <><Badge tone={TONES[line.level]!}>{line.level}</Badge>{" "}</>}<Said text={line.event} />
        {line.fields.map(([name, value], at) => <span key={at}> <b>{name}=</b>{name === "journey" && may("/trace")
            ? <a {...linkTo("letters", { letter: value })}><Said text={value} /></a> : <Said text={value} />}</span>)}</li>;
}

/** Follows until `signal` ends it; what ends by itself goes on where it was. */
async function follow(wanted: string, from: number | undefined, signal: AbortSignal, take: (lines: readonly string[]) => void, tell: (state: State) => void,
    complain: (fault: string | undefined) => void): Promise<void> {
    const filter = Object.fromEntries(Object.entries(JSON.parse(wanted) as { readonly [name: string]: string }).filter(([, value]) => value !== ""));
    let after = from;
    while (!signal.aborted) {
        try {
            await server.peek()!.follow("/log", { ...filter, ...(after === undefined ? {} : { after }) }, (lines) => {
                tell("follows");
                complain(undefined);
                after = newest(withLines([], lines)) ?? after;
                if (!signal.aborted) take(lines);
            }, signal);
        } catch (error) {
            if (signal.aborted) return;
            tell("interrupted");
            complain(error instanceof Refused && error.status === 0 ? undefined : reason(error));
        }
        await new Promise((done) => setTimeout(done, PAUSE));
    }
}
