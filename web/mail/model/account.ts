// An account of the server, one's own or another that shares something: requests about it, and where octets come from and go.
import { Client, fill, type Answers, type Batch, type Post } from "../../core/jmap/client.js";
import { CORE, MAIL, MAIL_SHARE, PRINCIPALS, SUBMISSION, type Id, type Session } from "../../core/jmap/types.js";
import { here, post } from "../../core/page/session.js";
import { fileName } from "../../core/text/printable.js";
import type { Letter, Part } from "./types.js";

export interface Uploaded {
    readonly blobId: Id;
    readonly type: string;
    readonly size: number;
}

/** An upload that the server refused, by its status; 0: there was no answer. */
export class UploadError extends Error {
    constructor(readonly status: number) {
        super(`upload: ${status}`);
    }
}

export class Account {
    private readonly client: Client;

    /** What the session says (limits, capabilities) counts until the page is loaded again; `changed` is called when it says something else. */
    constructor(readonly session: Session, line: Post = post, readonly id: Id = session.primaryAccounts[MAIL]!, changed: () => void = () => undefined) {
        this.client = new Client(session, line, changed);
    }

    get isOwn(): boolean {
        return this.id === this.session.primaryAccounts[MAIL];
    }

    /** What the page's address says of it. */
    get place(): { readonly account?: Id } {
        return this.isOwn ? {} : { account: this.id };
    }

    /** Whose it is. */
    get owner(): string {
        return this.session.accounts[this.id]?.name ?? "";
    }

    /** Who is signed in. */
    get address(): string {
        return this.session.username;
    }

    /** Our server's name, as it signs what it found out about a letter. */
    get server(): string {
        return new URL(this.session.apiUrl, location.href).hostname;
    }

    get canSend(): boolean {
        return SUBMISSION in this.session.capabilities;
    }

    /** The largest upload, in octets. */
    get largestUpload(): number {
        return Number((this.session.capabilities[CORE] as { maxSizeUpload?: number } | undefined)?.maxSizeUpload ?? Infinity);
    }

    /** How long a letter can wait before it goes, in seconds (RFC 8621 §1.3.2). */
    get longestDelay(): number {
        const own = this.session.accounts[this.id]?.accountCapabilities?.[SUBMISSION] as { maxDelayedSend?: number } | undefined;
        return own?.maxDelayedSend ?? 0;
    }

    batch(): Batch {
        const others = [SUBMISSION, MAIL_SHARE, PRINCIPALS].filter((capability) => capability in this.session.capabilities);
        return this.client.batch(CORE, MAIL, ...others);
    }

    /** One request with the calls that `build` adds, and what `read` makes of the answers. */
    async ask<Calls, Result>(build: (batch: Batch, accountId: Id) => Calls, read: (answers: Answers, calls: Calls) => Result): Promise<Result> {
        const batch = this.batch();
        const calls = build(batch, this.id);
        return read(await batch.send(), calls);
    }

    /** Where a part can be had. The server says it is an attachment, whatever it is. */
    download(part: Pick<Part, "blobId" | "name" | "type">, otherwise: string): string {
        return here(fill(this.session.downloadUrl, { accountId: this.id, blobId: part.blobId ?? "", name: fileName(part.name ?? "") || otherwise, type: part.type }));
    }

    source(letter: Letter): string {
        return this.download({ blobId: letter.blobId, name: "letter.eml", type: "message/rfc822" }, "letter.eml");
    }

    get events(): string {
        return here(fill(this.session.eventSourceUrl, { types: `Mailbox,Email,ShareNotification${this.canSend ? ",EmailSubmission" : ""}`, closeafter: "no", ping: "60" }));
    }

    /** Brings a file up; `progress` is told the part of it that is there, from 0 to 1. Throws UploadError. */
    upload(file: Blob, progress: (part: number) => void, ended: AbortSignal): Promise<Uploaded> {
        return new Promise((resolve, reject) => {
            const request = new XMLHttpRequest(); // fetch tells of no progress
            request.open("POST", here(fill(this.session.uploadUrl, { accountId: this.id })));
            request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
            request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
            request.onload = () => {
                if (request.status === 201 || request.status === 200) resolve(JSON.parse(request.responseText) as Uploaded);
                else reject(new UploadError(request.status));
            };
            request.onerror = request.onabort = () => reject(new UploadError(0));
            ended.addEventListener("abort", () => request.abort());
            request.send(file);
        });
    }
}
