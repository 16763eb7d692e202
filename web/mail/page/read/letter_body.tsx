import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Mail } from "../../model/mail.js";
import type { Letter, Part } from "../../model/types.js";
import { enclosed, flow, isPicture, shownParts } from "../../read/body.js";
import { follow, FRAME, prepare, SANDBOX, textOf } from "../../read/letter_frame.js";
import { words } from "../../words/language.js";
import { followMailto } from "../router.js";
import { PlainText } from "./plain_text.js";

/** What a letter says, each of its parts by itself: nothing that one leaves open reaches into the next. */
export function LetterBody({ mail, letter, text }: { mail: Mail; letter: Letter; text: boolean }) {
    return <div class="letter-body">
        {shownParts(letter, text).map((part, index) => <OnePart key={`${index}${text}`} mail={mail} letter={letter} part={part} text={text} />)}
    </div>;
}

function OnePart({ mail, letter, part, text }: { mail: Mail; letter: Letter; part: Part; text: boolean }) {
    const w = words.value;
    const body = letter.bodyValues[part.partId ?? ""];
    if (body === undefined) return isPicture(part) ? <img class="inline-picture" src={mail.account.download(part, "picture")} alt={w.picture} loading="lazy" /> : null;
    return <>
        {part.type !== "text/html" ? <PlainText text={body.value} {...flow(letter["header:Content-Type:asText"])} />
            : text ? <HtmlAsText html={body.value} /> : <Html mail={mail} letter={letter} html={body.value} />}
        {body.isTruncated && <p class="cut">{w.cut} <a href={mail.account.source(letter)} download="letter.eml">{w.downloadLetter}</a></p>}
    </>;
}

function HtmlAsText({ html }: { html: string }) {
    const [text, setText] = useState<string>();
    useEffect(() => void textOf(html).then(setText), [html]);
    return text === undefined ? null : <PlainText text={text} flowed={false} delSp={false} />;
}

function Html({ mail, letter, html }: { mail: Mail; letter: Letter; html: string }) {
    const w = words.value;
    const frame = useRef<HTMLIFrameElement>(null);
    const ends = useRef<(() => void) | undefined>(undefined);
    const [blocked, setBlocked] = useState(0);
    const [coloured, setColoured] = useState(false);
    const cleaner = useMemo(() => import("../../read/letter_html.js"), []);
    useEffect(() => () => ends.current?.(), []);
    const loaded = async () => {
        const element = frame.current;
        const inner = element?.contentWindow;
        if (element === null || inner == null || element.contentDocument === null) return;
        const { showHtml } = await cleaner;
        if (frame.current !== element || element.contentWindow !== inner) return; // closed meanwhile
        const shown = showHtml(inner, html, (cid) => {
            const part = enclosed(letter, cid);
            return part === undefined ? undefined : mail.account.download(part, "picture");
        });
        const dark = !shown.coloured && matchMedia("(prefers-color-scheme: dark)").matches;
        prepare(inner, dark, w.language);
        inner.document.addEventListener("keydown", (event) => {
            if (!event.defaultPrevented) dispatchEvent(new KeyboardEvent("keydown", { key: event.key, ctrlKey: event.ctrlKey, metaKey: event.metaKey, altKey: event.altKey, keyCode: event.keyCode }));
        });
        inner.document.addEventListener("click", followMailto);
        setBlocked(shown.blocked);
        setColoured(shown.coloured);
        ends.current?.();
        ends.current = follow(element);
    };
    return <>
        {blocked > 0 && <p class="blocked">{w.blocked(blocked)}</p>}
        <iframe ref={frame} class={coloured ? "letter-frame coloured" : "letter-frame"} src={FRAME} sandbox={SANDBOX} title={w.letter} referrerpolicy="no-referrer"
            onLoad={() => void loaded()} />
    </>;
}
