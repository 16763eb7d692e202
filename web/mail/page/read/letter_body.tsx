import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { AccountMail } from "../../model/account_mail.js";
import type { Letter, Part } from "../../model/types.js";
import { enclosed, flow, isPicture, shownParts } from "../../read/body.js";
import { isTooDeep } from "../../read/depth.js";
import { follow, FRAME, prepare, SANDBOX, textOf } from "../../read/letter_frame.js";
import { allow, fetched, isAllowed } from "../../read/pictures.js";
import { printable } from "../../../core/text/printable.js";
import { senderOf } from "../../read/verdicts.js";
import { words } from "../../words/language.js";
import { followMailto } from "../router.js";
import { PlainText } from "./plain_text.js";

/** What a letter says, each of its parts by itself: nothing that one leaves open reaches into the next. */
export function LetterBody({ mail, letter, text }: { mail: AccountMail; letter: Letter; text: boolean }) {
    const sender = provenSender(mail, letter);
    const [pictures, setPictures] = useState(sender !== undefined && isAllowed(mail.account.address, sender));
    const show = { pictures, sender, allow: (always: boolean) => {
        if (always && sender !== undefined) allow(mail.account.address, sender);
        setPictures(true);
    } };
    return <div class="letter-body">
        {shownParts(letter, text).map((part, index) => <OnePart key={`${index}${text}${pictures}`} mail={mail} letter={letter} part={part} text={text} show={show} />)}
    </div>;
}

/** Whether pictures from elsewhere are shown, and how that is allowed: for a sender only if nobody else can write in his name. */
interface Show {
    readonly pictures: boolean;
    readonly sender: string | undefined;
    allow(always: boolean): void;
}

function provenSender(mail: AccountMail, letter: Letter): string | undefined {
    const from = letter.from?.[0]?.email;
    if (from === undefined) return undefined;
    const sender = senderOf(letter["header:Authentication-Results:asRaw:all"], mail.account.server, from.slice(from.lastIndexOf("@") + 1).toLowerCase());
    return sender.kind === "proven" ? from : undefined;
}

function OnePart({ mail, letter, part, text, show }: { mail: AccountMail; letter: Letter; part: Part; text: boolean; show: Show }) {
    const w = words.value;
    const body = letter.bodyValues[part.partId ?? ""];
    if (body === undefined) return isPicture(part) ? <img class="inline-picture" src={mail.account.download(part, "picture")} alt={w.picture} loading="lazy" /> : null;
    const tooDeep = part.type === "text/html" && isTooDeep(body.value);
    return <>
        {tooDeep && <p class="cut">{w.tooDeep}</p>}
        {part.type !== "text/html" ? <PlainText text={body.value} {...flow(letter["header:Content-Type:asText"])} />
            : text || tooDeep ? <HtmlAsText html={body.value} /> : <Html mail={mail} letter={letter} html={body.value} show={show} />}
        {body.isTruncated && <p class="cut">{w.cut} <a href={mail.account.source(letter)} download="letter.eml">{w.downloadLetter}</a></p>}
    </>;
}

function HtmlAsText({ html }: { html: string }) {
    const [text, setText] = useState<string>();
    useEffect(() => void textOf(html).then(setText), [html]);
    return text === undefined ? null : <PlainText text={text} flowed={false} delSp={false} />;
}

function Html({ mail, letter, html, show }: { mail: AccountMail; letter: Letter; html: string; show: Show }) {
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
        const shown = showHtml(inner, html, { enclosed: (cid) => {
            const part = enclosed(letter, cid);
            return part === undefined ? undefined : mail.account.download(part, "picture");
        }, elsewhere: (address) => (show.pictures ? fetched(address, letter.id) : undefined) });
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
        {blocked > 0 && <div class="blocked" role="status"><p>{w.blocked(blocked)}</p>
            {!show.pictures && letter.id !== "" && <><button type="button" class="link" onClick={() => show.allow(false)}>{w.showPictures}</button>
                {show.sender !== undefined && <button type="button" class="link" onClick={() => show.allow(true)}>{w.alwaysPictures(printable(show.sender))}</button>}</>}
        </div>}
        <iframe ref={frame} class={coloured ? "letter-frame coloured" : "letter-frame"} src={FRAME} sandbox={SANDBOX} title={w.letter} referrerpolicy="no-referrer"
            onLoad={() => void loaded()} />
    </>;
}
