import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { UploadError } from "../../model/account.js";
import type { Mail } from "../../model/mail.js";
import { isPicture } from "../../read/body.js";
import { words } from "../../words/language.js";
import type { File as Attached } from "../../write/draft.js";
import { Icon, IconButton } from "../../../core/page/icons.js";

interface Upload {
    readonly key: number;
    readonly file: File;
    readonly ended: AbortController;
    readonly part: number;
    /** Of a picture that is to stand within the text. */
    readonly inText: boolean;
    readonly failed: string | undefined;
}

let keys = 0;

/** What is attached, and what is on its way up: chosen, dropped on the sheet or pasted into it. */
export function Files({ mail, start, sheet, changed, waiting, within, tools, more }: {
    mail: Mail; start: readonly Attached[]; sheet: RefObject<HTMLElement | null>; changed(files: readonly Attached[]): void; waiting(count: number): void;
    /** Shows a pasted picture within the text; nothing where there can be none. */
    within: ((file: Attached) => void) | undefined;
    tools: ComponentChildren; more: ComponentChildren;
}) {
    const w = words.value;
    const [files, setFiles] = useState(start);
    const [uploads, setUploads] = useState<readonly Upload[]>([]);
    const now = useRef(files);
    const chooser = useRef<HTMLInputElement>(null);
    const set = (next: readonly Attached[]) => {
        now.current = next;
        setFiles(next);
        changed(next);
    };
    const update = (key: number, part: Partial<Upload>) => setUploads((all) => all.map((one) => (one.key === key ? { ...one, ...part } : one)));
    const drop = (key: number) => setUploads((all) => all.filter((one) => one.key !== key));
    const show = useRef(within);
    show.current = within;
    const begin = async (upload: Upload) => {
        const { key, file, ended, inText } = upload;
        update(key, { failed: undefined, part: 0 });
        try {
            const blob = await mail.account.upload(file, (part) => update(key, { part }), ended.signal);
            drop(key);
            const attached = { blobId: blob.blobId, type: blob.type, size: blob.size, name: file.name, ...(inText ? { cid: `${crypto.randomUUID()}@tegami` } : {}) };
            set([...now.current, attached]);
            if (inText) show.current?.(attached);
        } catch (error) {
            if (!ended.signal.aborted) update(key, { failed: w.uploadFailed(error instanceof UploadError ? error.status : 0) });
        }
    };
    const add = (chosen: Iterable<File>, inText = false) => {
        for (const file of chosen) {
            const tooLarge = file.size > mail.account.largestUpload;
            const upload: Upload = { key: (keys += 1), file, ended: new AbortController(), part: 0, inText: inText && isPicture(file),
                failed: tooLarge ? w.tooLarge(w.octets(mail.account.largestUpload)) : undefined };
            setUploads((all) => [...all, upload]);
            if (!tooLarge) void begin(upload);
        }
    };
    useEffect(() => waiting(uploads.filter(({ failed }) => failed === undefined).length), [uploads]);
    useEffect(() => {
        const target = sheet.current!;
        const over = (event: DragEvent) => { if (event.dataTransfer?.types.includes("Files") === true) event.preventDefault(); };
        const dropped = (event: DragEvent) => {
            if ((event.dataTransfer?.files.length ?? 0) === 0) return;
            event.preventDefault();
            add(event.dataTransfer!.files);
        };
        const pasted = (event: ClipboardEvent) => {
            if ((event.clipboardData?.files.length ?? 0) === 0) return;
            event.preventDefault();
            add(event.clipboardData!.files, show.current !== undefined);
        };
        target.addEventListener("dragover", over);
        target.addEventListener("drop", dropped);
        target.addEventListener("paste", pasted);
        return () => {
            target.removeEventListener("dragover", over);
            target.removeEventListener("drop", dropped);
            target.removeEventListener("paste", pasted);
        };
    }, []);
    return <>
        {(files.some(({ cid }) => cid === undefined || within === undefined) || uploads.length > 0) && <ul class="files" aria-label={w.attachments}>
            {files.filter(({ cid }) => cid === undefined || within === undefined).map((file, index) => <li key={`${file.blobId}${index}`}><Icon name="file" /><span class="file-name">{file.name || w.namelessFile}</span>
                <span class="file-size">{w.octets(file.size)}</span><IconButton icon="close" label={w.removeFile(file.name)} onClick={() => set(files.filter((one) => one !== file))} /></li>)}
            {uploads.map((upload) => <li key={upload.key} class={upload.failed === undefined ? "" : "bad"}><Icon name="file" /><span class="file-name">{upload.file.name}</span>
                {upload.failed === undefined ? <progress max={1} value={upload.part} aria-label={upload.file.name} />
                    : <><span class="why">{upload.failed}</span>{upload.file.size <= mail.account.largestUpload
                        && <button type="button" class="link" onClick={() => void begin(upload)}>{w.tryAgain}</button>}</>}
                <IconButton icon="close" label={w.removeFile(upload.file.name)} onClick={() => { upload.ended.abort(); drop(upload.key); }} /></li>)}
        </ul>}
        <footer>{tools}
            <input ref={chooser} type="file" multiple hidden onChange={(event) => { add([...event.currentTarget.files ?? []]); event.currentTarget.value = ""; }} />
            <IconButton icon="clip" label={w.attach} onClick={() => chooser.current!.click()} /><span class="space" />{more}
        </footer>
    </>;
}
