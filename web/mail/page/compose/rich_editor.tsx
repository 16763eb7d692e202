// A letter is written with formats. Loaded when somebody wants them.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { isComposing } from "../../../core/page/keys.js";
import { here } from "../../../core/page/session.js";
import type { Mail } from "../../model/mail.js";
import { openCleaner, type Cleaner } from "../../read/letter_frame.js";
import { words } from "../../words/language.js";
import type { Draft } from "../../write/draft.js";
import { blocksOf, plainTextOf, type Source } from "../../write/few_formats.js";
import { Prompt } from "../../../core/page/dialog.js";
import { IconButton, type IconName } from "../../../core/page/icons.js";
import type { Writing } from "./body.js";
import { Editor } from "./squire.js";

export function RichEditor({ mail, draft, changed, writing }: { mail: Mail; draft: Draft; changed(): void; writing: RefObject<Writing | null> }) {
    const w = words.value;
    const root = useRef<HTMLDivElement>(null);
    const editor = useRef<Editor>(undefined);
    const [formats, setFormats] = useState<ReadonlySet<string>>(new Set());
    const [linking, setLinking] = useState(false);

    useEffect(() => {
        let cleaner: Cleaner | undefined;
        let ended = false;
        const element = root.current!;
        const keepOut = (event: KeyboardEvent) => { if (isComposing(event)) event.stopImmediatePropagation(); }; // the editor's keys, too
        element.addEventListener("keydown", keepOut, true);
        void openCleaner().then((made) => {
            if (ended) return made.close();
            cleaner = made;
            const own = new Editor(element, (html) => made.few(html, (source) => shownAt(mail, draft, source)));
            editor.current = own;
            own.fill(draft.html === undefined || draft.html === "" ? blocksOf(draft.text, document) : made.few(draft.html, (source) => shownAt(mail, draft, source)));
            const take = () => {
                const written = own.written((source) => cidOf(mail, draft, source));
                draft.html = written.innerHTML;
                draft.text = plainTextOf(written as unknown as Source);
            };
            take();
            own.addEventListener("input", () => { take(); changed(); });
            own.addEventListener("pathChange", () => setFormats(new Set(["B", "I", "U", "UL", "OL", "BLOCKQUOTE", "A"].filter((tag) => own.hasFormat(tag)))));
            own.moveCursorToStart();
            writing.current = {
                focus: () => own.focus(),
                showQuote: () => own.add(made.few(`<br>${draft.quoteHtml}`, () => undefined)),
                insertPicture: (file) => own.insertImage(mail.account.download(file, "picture"), { alt: file.name }),
            };
            if (draft.to !== "") own.focus();
        });
        return () => {
            ended = true;
            writing.current = null;
            element.removeEventListener("keydown", keepOut, true);
            editor.current?.destroy();
            cleaner?.close();
        };
    }, []);

    const tool = (icon: IconName, label: string, tag: string, on: (own: Editor) => void, off: (own: Editor) => void) => <IconButton icon={icon} label={label} pressed={formats.has(tag)}
        onClick={() => { const own = editor.current; if (own !== undefined) (formats.has(tag) ? off : on)(own); }} />;
    return <>
        <div class="formats" role="toolbar" aria-label={w.formats}>
            {tool("bold", w.bold, "B", (own) => own.bold(), (own) => own.removeBold())}
            {tool("italic", w.italic, "I", (own) => own.italic(), (own) => own.removeItalic())}
            {tool("underline", w.underline, "U", (own) => own.underline(), (own) => own.removeUnderline())}
            {tool("bullets", w.bullets, "UL", (own) => own.makeUnorderedList(), (own) => own.removeList())}
            {tool("numbers", w.numbers, "OL", (own) => own.makeOrderedList(), (own) => own.removeList())}
            {tool("quote", w.quote, "BLOCKQUOTE", (own) => own.increaseQuoteLevel(), (own) => own.decreaseQuoteLevel())}
            {tool("link", w.link, "A", () => setLinking(true), (own) => own.removeLink())}
            <IconButton icon="unformat" label={w.unformat} onClick={() => editor.current?.removeAllFormatting()} />
        </div>
        <div ref={root} class="text rich" role="textbox" aria-multiline="true" aria-label={w.text} contentEditable />
        {/* The link is made when the dialog has given the focus back. */}
        {linking && <Prompt title={w.link} label={w.linkAddress} yes={w.save} start="https://" problem={(typed) => (isLink(typed) ? undefined : w.noLink)}
            close={() => setLinking(false)} done={(typed) => void setTimeout(() => editor.current?.focus().makeLink(typed, {}))} />}
    </>;
}

function isLink(typed: string): boolean {
    return /^(?:https?:\/\/[^\s/]+|mailto:[^\s@]+@[^\s@]+)\S*$/i.test(typed);
}

/** Where the page has a picture of the letter that is written; nothing if it is none. */
function shownAt(mail: Mail, draft: Draft, source: string): string | undefined {
    const file = draft.files.find(({ cid, blobId, name, type }) => cid !== undefined
        && (source === `cid:${cid}` || here(source) === mail.account.download({ blobId, name, type }, "picture")));
    return file === undefined ? undefined : mail.account.download(file, "picture");
}

function cidOf(mail: Mail, draft: Draft, source: string): string | undefined {
    const file = draft.files.find((one) => one.cid !== undefined && here(source) === mail.account.download(one, "picture"));
    return file === undefined ? undefined : `cid:${file.cid}`;
}
