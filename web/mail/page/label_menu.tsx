// Labels of what is chosen, or of the open letter.
import { useState } from "preact/hooks";
import { keep, kept } from "../../core/page/kept.js";
import { choices, labelNamed, nameOf, toneOf } from "../model/labels.js";
import type { AccountMail } from "../model/account_mail.js";
import { printable } from "../../core/text/printable.js";
import { words } from "../words/language.js";
import type { Commands } from "./commands.js";
import { Menu, Prompt, type Entry } from "../../core/page/dialog.js";

export function LabelMenu({ mail, commands }: { mail: AccountMail; commands: Commands }) {
    const w = words.value;
    const [naming, setNaming] = useState(false);
    const add = (name: string) => {
        const keyword = labelNamed(name, w.commonLabels);
        if (keyword === undefined) return;
        remember(keyword);
        void commands.label(keyword, true);
    };
    return <>
        <Menu icon="label" label={w.labels} entries={() => entries(mail, commands, () => setNaming(true))} />
        {naming && <Prompt title={w.newLabel} label={w.name} yes={w.addLabel} close={() => setNaming(false)}
            problem={(name) => (labelNamed(name, w.commonLabels) === undefined ? w.noLabelName : undefined)} done={add} />}
    </>;
}

const KEPT = "labels";
const MOST_KEPT = 50;

/** Labels that were given from this browser: the server has no list of those that are on no letter. */
function remembered(): string[] {
    return (kept(KEPT) ?? "").split(" ").filter((one) => one !== "");
}

function remember(keyword: string): void {
    keep(KEPT, [keyword, ...remembered().filter((one) => one !== keyword)].slice(0, MOST_KEPT).join(" "));
}

export function forgetLabels(): void {
    keep(KEPT, undefined);
}

function entries(mail: AccountMail, commands: Commands, other: () => void): Entry[] {
    const w = words.value;
    const targets = commands.targets();
    const all = choices(remembered(), mail.emails.known());
    return [...all.map((keyword): Entry => {
        const on = targets !== "found" && targets.length > 0 && targets.every(({ keywords }) => keywords[keyword] === true);
        return { label: printable(nameOf(keyword, w.commonLabels)), tone: toneOf(keyword), checked: on, run: () => void commands.label(keyword, !on) };
    }), { label: w.newLabel, run: other }];
}
