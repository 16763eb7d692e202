// The configuration file, key by key, with what each key means.
import { useState } from "preact/hooks";
import { Icon } from "../../core/page/icons.js";
import { sections, type Setting } from "../model/settings.js";
import { translated, words } from "../words/language.js";
import { ask, may, useAnswer } from "./asking.js";
import { Badge, Card, Copy, Form, Said, Shown } from "./parts.js";
import { linkTo } from "./router.js";

interface Answer {
    readonly file: string;
    readonly settings: readonly Setting[];
}

interface Changed {
    readonly written: boolean;
    readonly problem?: string;
    readonly lines: string;
    readonly reload: readonly string[];
    readonly restart: readonly string[];
}

export function SettingsPage() {
    const w = words.value;
    const loaded = useAnswer<Answer>("/settings/show");
    const [changing, setChanging] = useState<Setting | undefined>();
    const [changed, setChanged] = useState<{ readonly key: string; readonly what: Changed } | undefined>();
    return <Shown loaded={loaded}>{({ file, settings }) => <>
        <p class="hint">{w.settingsIn} <code><Said text={file} /></code></p>
        {changed !== undefined && <Card><div role="status"><Outcome settingKey={changed.key} changed={changed.what} /></div></Card>}
        {sections(settings).map(({ name, settings: some }) => <Card key={name} title={name === "" ? w.pageNames.server : `[${name}]`}>
            <dl class="facts">{some.map((setting) => <div key={setting.key}>
                <dt><code>{setting.key}</code> {setting.value === null && <Badge tone="calm">{w.notGiven}</Badge>}</dt>
                <dd><p><code><Said text={setting.value ?? usual(setting)} /></code>
                    {may("/settings/set") && <> <button type="button" class="link" aria-label={w.changeOf(setting.key)} onClick={() => setChanging(setting)}>{w.change}</button></>}</p>
                    <p class="hint">{translated(setting.meaning).replaceAll("`", "")}</p></dd>
            </div>)}</dl>
        </Card>)}
        {changing !== undefined && <Form title={changing.key} yes={w.save} close={() => setChanging(undefined)}
            fields={[{ name: "value", label: translated(changing.meaning).replaceAll("`", ""), required: true, value: changing.value ?? "", hint: w.settingHint(usual(changing)) }]}
            submit={async ({ value }) => {
                const what = await ask<Changed>("/settings/set", { key: changing.key, value: value ?? "" });
                setChanged({ key: changing.key, what });
                setChanging(undefined);
                loaded.again();
            }} />}
    </>}</Shown>;
}

/** What holds without it: TOML, or a word of the server. */
function usual({ default: value }: Setting): string {
    return /^[a-z ]{4,}$/.test(value) && value !== "true" && value !== "false" ? translated(value).replace(/\.$/, "") : value;
}

function Outcome({ settingKey, changed }: { settingKey: string; changed: Changed }) {
    const w = words.value;
    const needs = changed.restart.length > 0 ? w.needsRestart : changed.reload.length > 0 ? w.needsReload : undefined;
    if (changed.written)
        return <p class="verdict good"><Icon name="check" /><span>{w.settingChanged(settingKey)} {needs} {needs !== undefined && <a {...linkTo("server")}>{w.pageNames.server}</a>}</span></p>;
    return <div class="verdict warn"><div><strong>{w.notWritten}</strong> <Said text={translated(changed.problem ?? "")} />
        <pre>{changed.lines}</pre><Copy text={changed.lines} label={w.copy} />
        <p>{needs}</p></div></div>;
}
