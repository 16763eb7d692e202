// The text of a letter that is written, plain or with formats, and the letter that it quotes, which stays apart until somebody opens it.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { keep } from "../../../core/page/kept.js";
import type { Mail } from "../../model/mail.js";
import { words } from "../../words/language.js";
import type { Draft, File } from "../../write/draft.js";
import { lazy } from "../../../core/page/lazy.js";
import { RICH } from "./open.js";

const RichEditor = lazy(() => import("./rich_editor.js").then((part) => part.RichEditor));

/** What can be done with the text that is shown. */
export interface Writing {
    focus(): void;
    showQuote(): void;
    /** Puts a picture where the cursor is; nothing in plain text. */
    insertPicture?: (file: File) => void;
    /** Shows the draft's plain text anew. */
    setText?: () => void;
}

export function Body({ mail, draft, rich, changed, writing }: { mail: Mail; draft: Draft; rich: boolean; changed(): void; writing: RefObject<Writing | null> }) {
    const w = words.value;
    const [quoteOpen, setQuoteOpen] = useState(draft.quote === "");
    const showQuote = () => {
        writing.current?.showQuote();
        draft.quote = draft.quoteHtml = "";
        setQuoteOpen(true);
        writing.current?.focus();
        changed();
    };
    return <>
        {rich ? <RichEditor mail={mail} draft={draft} changed={changed} writing={writing} /> : <PlainEditor draft={draft} changed={changed} writing={writing} />}
        {!quoteOpen && <button type="button" class="unfold" onClick={showQuote}>{w.editQuote}</button>}
    </>;
}

function PlainEditor({ draft, changed, writing }: { draft: Draft; changed(): void; writing: RefObject<Writing | null> }) {
    const text = useRef<HTMLTextAreaElement>(null);
    useEffect(() => {
        const field = text.current!;
        writing.current = {
            focus: () => {
                field.focus();
                field.setSelectionRange(0, 0);
            },
            showQuote: () => { field.value = draft.text = `${field.value.trimEnd()}\n\n${draft.quote}\n`; },
            setText: () => { field.value = draft.text; },
        };
        if (draft.to !== "") writing.current.focus();
        return () => { writing.current = null; };
    }, []);
    return <textarea ref={text} class="text" aria-label={words.value.text} defaultValue={draft.text} onInput={(event) => { draft.text = event.currentTarget.value; changed(); }} />;
}

/** From one kind to the other; nothing of the text is lost. Letters are begun so from now on. */
export function switchFormats(draft: Draft): boolean {
    draft.html = draft.html === undefined ? "" : undefined;
    keep(RICH, draft.html === undefined ? undefined : "yes");
    return draft.html !== undefined;
}
