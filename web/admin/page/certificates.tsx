// The certificates that clients are shown.
import { useState } from "preact/hooks";
import { Icon } from "../../core/page/icons.js";
import type { Certificate } from "../model/answers.js";
import { translated, words } from "../words/language.js";
import { ask, attempt, may, useAnswer } from "./asking.js";
import { Badge, Card, Facts, Said, Shown, When, type Tone } from "./parts.js";

/** Days of life that are too few. */
const SOON = 14;

export function CertificatesPage() {
    const w = words.value;
    const loaded = useAnswer<{ now: string; certificates: readonly Certificate[] }>("/certificate/status", {}, 30);
    const [busy, setBusy] = useState(false);
    const renew = async (name: string) => {
        setBusy(true);
        await attempt(async () => { await ask("/certificate/renew", { name }, 300_000); return w.renewed; });
        setBusy(false);
        loaded.again();
    };
    return <Shown loaded={loaded}>{({ now, certificates }) => certificates.length === 0 ? <Card><p class="nothing">{w.noCertificates}</p></Card> : <><p class="hint">{w.certificatesText}</p>{certificates.map((one) => {
        const days = one.not_after === null ? undefined : Math.floor((Date.parse(one.not_after) - Date.parse(now)) / 86_400_000);
        const tone: Tone = days === undefined || days < 0 ? "bad" : days < SOON ? "warn" : "good";
        return <Card key={one.name} title={one.name} aside={<div class="buttons"><Badge tone={tone}>{days === undefined ? w.noneYet : days < 0 ? w.ended : w.daysLeft(days)}</Badge>
            {may("/certificate/renew") && <button type="button" class="plain" disabled={busy}
                onClick={() => void renew(one.name)}><Icon name="again" />{w.renewNow}</button>}</div>}>
            {one.problem !== "" && <p class="verdict bad"><Icon name="warn" /><span><Said
                text={translated(one.problem)} />{one.next_try !== null && <> {w.nextTry}: <When time={one.next_try} /></>}</span></p>}
            <Facts facts={[
                [w.names, <Said text={one.names.join(", ")} />],
                [w.origin, <Said text={translated(one.origin).replace(/\.$/, "")} />],
                [w.validFrom, <When time={one.not_before} exact />],
                [w.validUntil, <When time={one.not_after} exact />],
                [w.renewal, <When time={one.renewal} exact />],
            ]} />
        </Card>;
    })}</>}</Shown>;
}
