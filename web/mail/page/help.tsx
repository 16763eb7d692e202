import { words } from "../words/language.js";
import { Dialog } from "../../core/page/dialog.js";

/** The keys of the page; use_keys.ts says what they do. */
export function Keys({ close }: { close(): void }) {
    const w = words.value;
    const keys: readonly (readonly [string, string])[] = [
        ["j  k", w.keyNextAndBefore], ["o  Enter", w.keyOpen], ["u  Esc", w.keyBack], ["x", w.choose], ["/", w.search], ["c", w.write], ["r", w.reply],
        ["a", w.replyAll], ["f", w.forward], ["e", w.archive], ["#", w.delete], ["!", w.junk], ["s", w.star], ["Shift+N", w.keyReadOrUnread], ["z", w.undo],
        ["Ctrl+Enter", w.send], ["?", w.keys]];
    return <Dialog title={w.keys} close={close}>
        <dl class="keys">{keys.map(([key, what]) => <div key={key}><dt>{key.split("  ").map((one) => <kbd key={one}>{one}</kbd>)}</dt><dd>{what}</dd></div>)}</dl>
    </Dialog>;
}
