// A list that the server sorts: what is in view is asked for by its position, and what was far from it is forgotten.
import { signal } from "@preact/signals";
import { MethodError, type Answers, type Batch, type Call } from "../../core/jmap/client.js";
import type { Id, Json } from "../../core/jmap/types.js";
import { Rows, type Page } from "../../core/list/rows.js";
import { Scroller } from "../../core/list/scroller.js";
import { Selection } from "../../core/list/selection.js";
import type { Filter } from "../search/query.js";
import type { Account } from "./account.js";
import type { Emails } from "./emails.js";
import { MARKS, ROW, type Marks, type Row } from "./types.js";

export const ROW_HEIGHT = 78; // as in list.css
const FIRST_PAGE = 30;
const LARGEST_PAGE = 200;

export interface Query {
    /** The mailbox that is looked at; nothing where all are searched. */
    readonly mailbox: Id | undefined;
    readonly filter: Filter | undefined;
    /** A row for each thread. */
    readonly collapse: boolean;
    /** Where words are looked for: what is found is shown with them. */
    readonly searched: boolean;
}

/** RFC 8621 §5: HTML in which `mark` is the only element, and the rest is escaped. */
export interface Snippet {
    readonly subject: string | null;
    readonly preview: string | null;
}

interface Calls {
    readonly query: Call;
    readonly get: Call;
    readonly marks: Call | undefined;
    readonly snippets: Call | undefined;
}

export class MessageList {
    readonly rows = new Rows();
    readonly scroller = new Scroller(ROW_HEIGHT, 600);
    readonly selection = new Selection();
    readonly snippets = new Map<Id, Snippet>();
    /** Counts what happened to rows, place or selection. */
    readonly changed = signal(0);
    readonly state = signal<"first" | "known" | "failed">("first");
    private asking = false;

    constructor(private readonly account: Account, private readonly emails: Emails, readonly query: Query) {}

    /** Asks for what is missing in view, one request at a time. */
    async need(): Promise<void> {
        if (this.asking) return;
        for (let round = 0; round < 4; round += 1) {
            const { first, count } = this.window();
            const missing = this.rows.missing(first, Math.min(count, LARGEST_PAGE));
            if (missing === undefined || !(await this.ask({ ...missing }))) return;
        }
    }

    /** Asks anew for what is in view, which stays where it is: rows come and go above it. */
    async refresh(): Promise<void> {
        const { first, count } = this.window();
        const { row, cut } = this.scroller.anchor;
        const anchor = row > 0 ? this.rows.at(row) : undefined;
        const limit = Math.min(count, LARGEST_PAGE);
        if (anchor === undefined) await this.ask({ position: first, limit });
        else if (!(await this.ask({ anchor, anchorOffset: first - row, limit }, { id: anchor, cut }))) await this.ask({ position: first, limit });
        await this.need();
    }

    /** Rows are gone, or are as good as gone, before the server has answered. */
    remove(ids: ReadonlySet<Id>): void {
        this.rows.remove(ids);
        this.selection.drop(ids);
        this.scroller.resize(this.rows.total);
        this.touch();
    }

    touch(): void {
        this.changed.value += 1;
    }

    private window(): { first: number; count: number } {
        if (this.state.peek() !== "known") return { first: 0, count: FIRST_PAGE };
        const { first, count } = this.scroller.window(10);
        return { first, count: Math.max(count, FIRST_PAGE) };
    }

    /** False where there was no answer, or none for this place. */
    private async ask(place: { readonly [name: string]: Json }, anchor?: { id: Id; cut: number }): Promise<boolean> {
        this.asking = true;
        try {
            await this.account.ask((batch, accountId) => this.calls(batch, accountId, place), (answers, calls) => this.learn(answers, calls, anchor));
            this.state.value = "known";
            return true;
        } catch (error) {
            if (error instanceof MethodError && error.type === "anchorNotFound") return false;
            if (this.state.peek() === "first") this.state.value = "failed";
            if (error instanceof MethodError) return false;
            throw error;
        } finally {
            this.asking = false;
            this.touch();
        }
    }

    private calls(batch: Batch, accountId: Id, place: { readonly [name: string]: Json }): Calls {
        const { filter, collapse, searched } = this.query;
        const asked = (filter ?? null) as unknown as Json;
        const query = batch.call("Email/query", { accountId, filter: asked, sort: [{ property: "receivedAt", isAscending: false }],
            collapseThreads: collapse, calculateTotal: true, ...place });
        const get = batch.call("Email/get", { accountId, "#ids": query.at("/ids"), properties: ROW });
        let marks: Call | undefined;
        if (collapse) {
            const threads = batch.call("Thread/get", { accountId, "#ids": get.at("/list/*/threadId") });
            marks = batch.call("Email/get", { accountId, "#ids": threads.at("/list/*/emailIds"), properties: MARKS });
        }
        const snippets = searched ? batch.call("SearchSnippet/get", { accountId, filter: asked, "#emailIds": query.at("/ids") }) : undefined;
        return { query, get, marks, snippets };
    }

    private learn(answers: Answers, { query, get, marks, snippets }: Calls, anchor: { id: Id; cut: number } | undefined): void {
        const page = answers.of(query) as unknown as Page;
        this.emails.learn(answers.of(get)["list"] as unknown as Row[]);
        if (marks !== undefined) {
            try {
                this.emails.learnThreads(answers.of(marks)["list"] as unknown as Marks[]);
            } catch (error) {
                if (!(error instanceof MethodError)) throw error; // threads of thousands: rows show what is known of their own letter
            }
        }
        if (snippets !== undefined) this.learnSnippets(answers, snippets);
        this.rows.learn(page);
        const row = anchor === undefined ? undefined : this.rows.positionOf(anchor.id);
        if (row === undefined) this.scroller.resize(page.total);
        else this.scroller.resize(page.total, { row, cut: anchor!.cut });
    }

    private learnSnippets(answers: Answers, call: Call): void {
        try {
            if (this.snippets.size > 2_000) this.snippets.clear();
            for (const snippet of answers.of(call)["list"] as unknown as (Snippet & { emailId: Id })[]) this.snippets.set(snippet.emailId, snippet);
        } catch (error) {
            if (!(error instanceof MethodError)) throw error; // then rows show their previews
        }
    }
}
