// What waits to be sent: by destination, with what was said there, and the letters one by one.
import { useState } from "preact/hooks";
import { ask as question } from "../../core/page/asked.js";
import { Icon, IconButton } from "../../core/page/icons.js";
import { tell } from "../../core/page/notice.js";
import type { QueueEntry, QueueHold } from "../model/answers.js";
import { byDestination, holdOf, lastWord, type Destination, type Waiting } from "../model/queue.js";
import { words } from "../words/language.js";
import { ask, attempt, may, useAnswer, useRows } from "./asking.js";
import { Badge, Card, Facts, Form, Said, Shown, When } from "./parts.js";
import { linkTo, route } from "./router.js";
import { Table } from "./table.js";

export function QueuePage() {
    const w = words.value;
    const { letter, destination } = route.value.query;
    const list = useRows<QueueEntry>("/queue/list", "entries");
    const holds = useAnswer<{ destinations: readonly (QueueHold & { destination: string })[] }>("/queue/holds");
    const groups = byDestination(list.rows);
    const again = () => { list.again(); holds.again(); };
    const group = groups.find(({ name }) => name === destination);
    if (letter !== undefined) return <Letter id={letter} />;
    if (group !== undefined) return <Group group={group} again={again} />;
    const stopped = (holds.answer?.destinations ?? []).filter(({ destination: name }) => !groups.some((one) => one.name === name));
    return <>
      <Card title={w.byDestination} aside={<IconButton icon="again" label={w.refresh} onClick={again} />}>
        {list.fault === undefined && groups.length === 0 && !list.busy
            ? <p class="all-well"><Icon name="check" />{w.queueEmpty}</p>
            : <><p class="hint">{w.queueText}</p><Table label={w.pageNames.queue} list={{ ...list, rows: groups }} name={({ name }) => name} empty={w.queueEmpty} texts={(one) => [one.name, one.reply, one.server]}
                columns={[
                    { label: w.destination, value: ({ name }) => name, cell: ({ name }) => <a {...linkTo("queue", { destination: name })}><Said text={name} /></a> },
                    { label: w.waiting, class: "number", value: ({ waiting }) => waiting.length, cell: ({ waiting }) => w.count(waiting.length) },
                    { label: w.oldest, value: ({ oldest }) => oldest, cell: ({ oldest }) => <When time={oldest} /> },
                    { label: w.nextTry, value: ({ next }) => next, cell: (one) => (one.sending > 0 ? <Badge tone="good">{w.beingSent}</Badge> : one.hold !== undefined ? <Hold hold={one.hold} /> : <When time={one.next} />) },
                    { label: w.lastAnswer, class: "wide", value: ({ reply }) => reply, cell: ({ server, reply }) => <><small><Said
                        text={server} /></small> <span class="their-words"><Said text={reply} /></span></> },
                ]} /></>}
      </Card>
      {stopped.length > 0 && <Card title={w.destinationsOnHold}><ul class="recipients">{stopped.map((one) => <li key={one.destination}>
          <p><strong><Said text={one.destination} /></strong> <Hold hold={one} /> {may("/queue/release") && <button type="button" class="plain"
              onClick={() => void attempt(async () => { await ask("/queue/release", { destination: one.destination }); return w.released; }).then(again)}>{w.release}</button>}</p>
      </li>)}</ul></Card>}
    </>;
}

/** Who stopped it and why. */
function Hold({ hold }: { hold: QueueHold }) {
    const w = words.value;
    return <><Badge tone="calm">{w.onHold}</Badge> <small><When time={hold.since} /> · <Said text={hold.by} />{hold.reason !== "" && <> · <Said text={hold.reason} /></>}</small></>;
}

/** Stop, let go and give up, of what `target` names for the server. */
function Decisions({ target, name, held, again }: { target: { readonly [key: string]: string }; name: string; held: boolean; again(): void }) {
    const w = words.value;
    const [asking, setAsking] = useState<"hold" | "bounce" | undefined>();
    const carryOut = async (operation: string, more: { readonly [key: string]: string }, done: string) => {
        await attempt(async () => { await ask(operation, { ...target, ...more }); return done; });
        again();
    };
    return <>
        {held
            ? may("/queue/release") && <button type="button" class="plain" onClick={() => void carryOut("/queue/release", {}, w.released)}>{w.release}</button>
            : may("/queue/hold") && <button type="button" class="plain" onClick={() => setAsking("hold")}>{w.hold}</button>}
        {may("/queue/bounce") && <button type="button" class="plain" onClick={() => setAsking("bounce")}>{w.bounce}</button>}
        {asking !== undefined && <Form title={asking === "hold" ? w.holdTitle(name) : w.bounceTitle(name)} yes={asking === "hold" ? w.hold : w.bounce} close={() => setAsking(undefined)}
            fields={[{ name: "reason", label: w.why, hint: asking === "hold" ? w.holdHint : w.bounceHint }]}
            submit={async ({ reason }) => {
                await ask(`/queue/${asking}`, { ...target, reason: reason ?? "" });
                tell({ text: asking === "hold" ? w.onHoldNow : w.bounced });
                setAsking(undefined);
                again();
            }} />}
    </>;
}

function Group({ group, again }: { group: Destination; again(): void }) {
    const w = words.value;
    const [busy, setBusy] = useState(false);
    const retry = async () => {
        setBusy(true);
        await attempt(async () => {
            const ids = [...new Set(group.waiting.map(({ entry }) => entry.id))];
            for (const id of ids) await ask("/queue/retry", { letter: String(id) }).catch((error: { status?: number }) => { if (error.status !== 404 && error.status !== 409) throw error; });
            return w.retried(ids.length);
        });
        setBusy(false);
        again();
    };
    return <>
        <p><a {...linkTo("queue")}>{w.wholeQueue}</a></p>
        <Card title={group.name} aside={<div class="buttons">{may("/queue/retry") && <button type="button" class="plain" disabled={busy}
            onClick={() => void retry()}><Icon name="again" />{w.retryAll}</button>}
            {!(group.waiting[0]?.item.local ?? true) && <Decisions target={{ destination: group.name }} name={group.name}
                held={group.waiting.some(({ item }) => item.hold !== undefined)} again={again} />}</div>}>
            <Table label={group.name} list={{ rows: group.waiting, more: undefined }} name={({ entry, item }) => `${entry.id}.${item.number}`} empty={w.queueEmpty}
                texts={({ entry, item }) => [entry.sender, ...item.recipients.map(({ address }) => address), String(entry.id)]}
                columns={[
                    { label: w.to, value: ({ item }) => item.recipients.map(({ address }) => address).join(", "),
                        cell: ({ entry, item }) => <a {...linkTo("queue", { letter: String(entry.id) })}><Said
                            text={item.recipients.map(({ address }) => address).join(", ")} /></a> },
                    { label: w.from, value: ({ entry }) => entry.sender, cell: ({ entry }) => (entry.sender === "" ? w.aReport : <Said text={entry.sender} />) },
                    { label: w.waitsSince, value: ({ entry }) => entry.created, cell: ({ entry }) => <When time={entry.created} /> },
                    { label: w.nextTry, value: ({ item }) => item.next_due, cell: (one) => <Next {...one} /> },
                    { label: w.lastAnswer, class: "wide", value: ({ item }) => lastWord(item).reply, cell: ({ item }) => <span class="their-words"><Said
                        text={lastWord(item).reply} /></span> },
                ]} />
        </Card>
    </>;
}

function Next({ entry, item }: Waiting) {
    const w = words.value;
    if (item.being_sent) return <Badge tone="good">{w.beingSent}</Badge>;
    if (entry.held_until !== undefined) return <Badge tone="calm">{w.heldUntil} <When time={entry.held_until} exact /></Badge>;
    const hold = holdOf(item);
    return hold === undefined ? <When time={item.next_due} /> : <Hold hold={hold} />;
}

function Letter({ id }: { id: string }) {
    const w = words.value;
    const loaded = useAnswer<QueueEntry>("/queue/show", { letter: id }, 10);
    const act = async (operation: string, done: string) => {
        if (await attempt(async () => { await ask(operation, { letter: id }); return done; })) loaded.again();
    };
    const remove = async () => {
        if (await question(w.removeLetter, w.removeLetterText, w.remove)) await act("/queue/remove", w.letterRemoved);
    };
    return <>
        <p><a {...linkTo("queue")}>{w.wholeQueue}</a></p>
        <Shown loaded={loaded}>{(entry) => <>
            <Card>
                <header><h2><Said text={entry.subject ?? w.numberOf(entry.id)} /></h2>
                    <div class="buttons">
                        {may("/queue/retry") && <button type="button" class="plain"
                            onClick={() => void act("/queue/retry", w.retried(1))}><Icon name="again" />{w.retryNow}</button>}
                        <Decisions target={{ letter: id }} name={w.numberOf(entry.id)} held={entry.items.some(({ recipients }) => recipients.some(({ hold }) => hold !== undefined))}
                            again={loaded.again} />
                        {may("/queue/remove") && <button type="button" class="plain" onClick={() => void remove()}><Icon name="trash" />{w.remove}</button>}
                    </div></header>
                {entry.preview !== undefined && entry.preview !== "" && <p class="preview"><Said text={entry.preview} /></p>}
                <Facts facts={[
                    [w.from, entry.sender === "" ? w.aReport : <Said text={entry.sender} />],
                    [w.handedInBy, entry.submitter === "" ? "–" : <Said text={entry.submitter} />],
                    [w.size, w.octets(entry.bytes)],
                    [w.waitsSince, <When time={entry.created} exact />],
                    [w.givenUp, <When time={entry.expires} exact />],
                    [w.theWay, entry.journey === "" || !may("/trace") ? "–" : <a {...linkTo("letters", { letter: entry.journey })}>{w.showWay}</a>],
                ]} />
            </Card>
            {entry.items.map((item) => <Card key={item.number} title={item.destination} aside={<Next entry={entry} item={item} />}>
                <ul class="recipients">{item.recipients.map((recipient) => <li key={recipient.address}>
                    <p><strong><Said text={recipient.address} /></strong> <Badge
                        tone={recipient.state === "deferred" || recipient.state === "pending" ? "warn" : recipient.state === "failed" ? "bad" : "good"}>
                        {w.recipientStates[recipient.state] ?? recipient.state}</Badge>
                        {recipient.hold !== undefined && item.recipients.length > 1 && <> <Hold hold={recipient.hold} /></>}
                        {item.recipients.length + entry.items.length > 2 && recipient.state !== "failed" && <> <Decisions target={{ letter: id, recipient: recipient.address }}
                            name={recipient.address} held={recipient.hold !== undefined} again={loaded.again} /></>}</p>
                    {recipient.last_attempt !== null && <p class="hint">{w.attempts(recipient.attempts)} · <When time={recipient.last_attempt} /> · <Said
                        text={recipient.last_server} /></p>}
                    {recipient.last_reply !== "" && <p class="their-words"><Said text={recipient.last_reply} /></p>}
                </li>)}</ul>
            </Card>)}
        </>}</Shown>
    </>;
}
