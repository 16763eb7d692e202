import { notice, tellNothing } from "./notice.js";
import { words } from "../words/language.js";
import { asked } from "./asked.js";
import { Question } from "./dialog.js";
import { IconButton } from "./icons.js";

export function NoticeLine() {
    const said = notice.value;
    return <>
        <div class="notices" role="status" aria-live="polite">
            {said !== undefined && <div class={said.bad === true ? "notice bad" : "notice"}>
                <span>{said.text}</span>
                {said.action !== undefined && <button type="button" onClick={() => { tellNothing(); said.action!.run(); }}>{said.action.label}</button>}
                <IconButton icon="close" label={words.value.close} onClick={tellNothing} />
            </div>}
        </div>
        {asked.value !== undefined && <Question {...asked.value} />}
    </>;
}
