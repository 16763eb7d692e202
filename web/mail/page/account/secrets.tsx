import { encode } from "uqr";
import { tell } from "../../../core/page/notice.js";
import { words } from "../../words/language.js";

/** What is shown once, to be written down or copied. */
export function Secrets({ secrets }: { secrets: readonly string[] }) {
    const w = words.value;
    const copy = () => navigator.clipboard.writeText(secrets.join("\n")).then(() => tell({ text: w.copied }), () => tell({ text: w.failed, bad: true }));
    return <div class="secrets"><ul>{secrets.map((one) => <li key={one}><code>{one}</code></li>)}</ul><button type="button" class="plain" onClick={() => void copy()}>{w.copy}</button></div>;
}

/** A text as a QR code. */
export function Code({ text }: { text: string }) {
    const { data, size } = encode(text, { border: 4 });
    const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
    return <svg class="code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={words.value.codePicture}><path d={path} /></svg>;
}
