import { useState } from "preact/hooks";
import { words } from "../../words/language.js";
import { usualTimes } from "../../write/waiting.js";
import { Menu, Prompt, type Entry } from "../../../core/page/dialog.js";

/** When a letter is to go, if not now. `longest`: how long it may wait, in seconds. */
export function SendLater({ longest, send }: { longest: number; send(at: Date): void }) {
    const w = words.value;
    const [choosing, setChoosing] = useState(false);
    const said = new Intl.DateTimeFormat(w.language, { weekday: "long", hour: "numeric", minute: "2-digit" });
    const entries = (): Entry[] => [...usualTimes(new Date()).map((at) => ({ label: said.format(at), run: () => send(at) })), { label: w.otherTime, run: () => setChoosing(true) }];
    const wrong = (typed: string) => {
        const wait = (new Date(typed).getTime() - Date.now()) / 1000;
        return wait > 0 && wait <= longest ? undefined : w.noTime(Math.floor(longest / 86_400));
    };
    return <>
        <Menu icon="clock" label={w.sendLater} entries={entries} class="above" />
        {choosing && <Prompt title={w.sendLater} label={w.when} type="datetime-local" yes={w.sendLater} start={local(usualTimes(new Date())[1]!)} problem={wrong}
            close={() => setChoosing(false)} done={(typed) => send(new Date(typed))} />}
    </>;
}

/** As a field for date and time has it. */
function local(at: Date): string {
    const two = (value: number) => String(value).padStart(2, "0");
    return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
