// What keys and buttons do, each in one place.
import type { Id } from "../../core/jmap/types.js";
import type { Targets } from "../model/actions.js";
import type { Change } from "../model/change.js";
import { isStarred, isUnread } from "../model/emails.js";
import type { AccountMail } from "../model/account_mail.js";
import type { MessageList } from "../model/message_list.js";
import type { Route } from "../model/route.js";
import type { Marks } from "../model/types.js";
import { words } from "../words/language.js";
import { ask } from "../../core/page/asked.js";
import { back, go, route, withoutLetter } from "./router.js";

export class Commands {
    constructor(private readonly mail: AccountMail) {}

    /** A letter, in what a composer is opened with. */
    composed(id: Id): string {
        const { account } = this.mail.account.place;
        return account === undefined ? id : `${account}/${id}`;
    }

    /** Whether what is listed can be moved within an account: it stays in its own. */
    movesIn(mail: AccountMail): boolean {
        return mail === this.mail && mail.may("mayRemoveItems");
    }

    get mayArchive(): boolean {
        return this.mail.mayGoTo("archive");
    }

    mayJunk(on: boolean): boolean {
        return this.mail.mayGoTo(on ? "junk" : "inbox") && this.mail.may("maySetKeywords");
    }

    get mayRemove(): boolean {
        return this.mail.mayGoTo("trash") && this.mail.may("mayRemoveItems");
    }

    open(id: Id): void {
        const row = this.mail.emails.row(id).peek();
        const drafts = this.mail.byRole("drafts")?.id;
        if (this.mail.account.isOwn && row?.keywords["$draft"] === true && drafts !== undefined && drafts in row.mailboxIds) go({ ...route.peek(), compose: `draft:${id}` });
        else go(this.routeOf(id), route.peek().letter === undefined ? "push" : "replace");
    }

    /** A letter where it is looked at now. */
    routeOf(id: Id): Route {
        const { search, mailbox } = route.peek();
        const here = mailbox ?? this.list?.query.mailbox;
        const { place } = this.mail.account;
        return search !== undefined ? { ...place, search, letter: id } : { ...place, ...(here === undefined ? {} : { mailbox: here }), letter: id };
    }

    /** Back to the list. */
    closeLetter(): void {
        if (route.peek().letter !== undefined) back(withoutLetter(route.peek()));
    }

    /** The next row or the one before; where a letter is open, that one is opened. */
    step(by: 1 | -1): void {
        const list = this.list;
        if (list === undefined || list.rows.total === 0) return;
        const cursor = this.mail.cursor.peek();
        const at = cursor === undefined ? undefined : list.rows.positionOf(cursor);
        const position = at === undefined ? list.scroller.anchor.row : Math.min(Math.max(0, at + by), list.rows.total - 1);
        const id = list.rows.at(position);
        if (id === undefined) return;
        this.mail.cursor.value = id;
        list.scroller.show(position);
        list.touch();
        if (route.peek().letter !== undefined) this.open(id);
    }

    get cursor(): Id | undefined {
        return this.mail.cursor.peek();
    }

    get list(): MessageList | undefined {
        return this.mail.list.peek();
    }

    /** What a command is for: the open letter's thread, or what is chosen, or the row of the cursor. */
    targets(): Targets {
        const list = this.list;
        if (list === undefined) return [];
        if (list.selection.count(list.rows.total) > 0) return this.mail.actions.chosen(list);
        const open = route.peek().letter;
        if (open === undefined) return this.mail.actions.chosen(list);
        const shown = this.mail.letters.thread.peek().map((id) => this.mail.emails.row(id).peek()).filter((row) => row !== undefined);
        const here = list.query.mailbox;
        const inHere = here === undefined ? shown : shown.filter((row) => here in row.mailboxIds);
        return inHere.length > 0 ? inHere : shown;
    }

    /** A letter that is shown has been read. */
    async shown(letter: Marks): Promise<void> {
        if (this.mail.may("maySetSeen")) return this.change([letter], { kind: "read", on: true }, undefined);
    }

    /** Read where anything is unread, or else unread. */
    async toggleRead(): Promise<void> {
        if (!this.mail.may("maySetSeen")) return;
        const targets = this.targets();
        const unread = targets === "found" || targets.some((one) => isUnread(one, undefined));
        if (!unread && route.peek().letter !== undefined) this.closeLetter(); // what stays open would be read again
        await this.change(targets, { kind: "read", on: unread }, words.value.marked);
    }

    async star(id?: Id): Promise<void> {
        if (!this.mail.may("maySetKeywords")) return;
        const row = id === undefined ? undefined : this.mail.emails.row(id).peek();
        const targets: Targets = row === undefined ? this.targets() : [row];
        if (targets === "found") return this.change(targets, { kind: "star", on: true }, words.value.marked);
        const thread = row === undefined ? targets : this.mail.emails.thread(row.threadId).peek() ?? targets;
        const on = !thread.some((one) => isStarred(one, undefined));
        return this.change(on ? targets : thread, { kind: "star", on }, words.value.marked);
    }

    async archive(): Promise<void> {
        if (this.mayArchive) return this.toRole("archive", words.value.archived);
    }

    async junk(on: boolean): Promise<void> {
        if (this.mayJunk(on)) return this.toRole(on ? "junk" : "inbox", on ? words.value.movedToJunk : words.value.movedToInbox, on);
    }

    async move(to: Id, targets = this.targets()): Promise<void> {
        const mailbox = this.mail.mailboxes.peek().get(to);
        if (mailbox?.role === "junk") return this.toRole("junk", words.value.movedToJunk, true, targets);
        const name = words.value.folder(mailbox);
        await this.leave({ kind: "move", to, from: this.list?.query.mailbox }, (count) => words.value.moved(count, name), targets);
    }

    /** What a row stands for when it is dragged: all that are chosen, if it is one of them. */
    draggedWith(id: Id): Targets {
        const list = this.list;
        if (list === undefined) return [];
        return list.selection.has(id) ? this.mail.actions.chosen(list) : this.mail.actions.lettersOf(list, id);
    }

    async label(keyword: string, on: boolean): Promise<void> {
        await this.change(this.targets(), { kind: "label", keyword, on }, words.value.marked);
    }

    /** To Trash; what is there already is gone for ever, after a question. */
    async remove(): Promise<void> {
        const list = this.list;
        if (!this.mayRemove) return;
        const trash = await this.mail.actions.mailbox("trash");
        if (list === undefined) return;
        if (list.query.mailbox !== trash) return this.leave({ kind: "move", to: trash, from: list.query.mailbox }, words.value.movedToTrash);
        const targets = this.targets();
        if (targets.length === 0) return;
        const count = targets === "found" ? list.selection.count(list.rows.total) : targets.length;
        if (!(await ask(words.value.deleteFinally, words.value.deleteFinallyText(count), words.value.deleteFinally))) return;
        this.openNext(list, targets);
        this.noLongerChosen(list, targets);
        if (targets !== "found") return this.mail.actions.destroy(list, targets.map(({ id }) => id));
        await this.mail.actions.destroyFound(list);
        list.selection.none();
        list.touch();
    }

    undo(): void {
        void this.mail.actions.undo();
    }

    private async toRole(role: "archive" | "junk" | "inbox", said: (count: number) => string, junk?: boolean, targets = this.targets()): Promise<void> {
        const to = await this.mail.actions.mailbox(role);
        await this.leave({ kind: "move", to, from: this.list?.query.mailbox, ...(junk === undefined ? {} : { junk }) }, said, targets);
    }

    /** A change that takes letters out of view: the next one is opened, if one was open. */
    private async leave(change: Change, said: (count: number) => string, targets = this.targets()): Promise<void> {
        const list = this.list;
        if (list === undefined || targets.length === 0) return;
        this.openNext(list, targets);
        await this.change(targets, change, said);
    }

    /** Whether any of these is in the thread that is open. */
    private isOpen(targets: readonly Marks[]): boolean {
        const thread = this.mail.letters.open;
        return targets.some(({ id }) => thread.has(id));
    }

    private openNext(list: MessageList, targets: Targets): void {
        const cursor = this.mail.cursor.peek();
        const position = cursor === undefined ? undefined : list.rows.positionOf(cursor);
        const going = targets === "found" ? new Set<Id>() : new Set(targets.map(({ id }) => id));
        const next = position === undefined ? undefined : list.rows.at(position + 1) ?? list.rows.at(position - 1);
        if (cursor !== undefined && (targets === "found" || going.has(cursor) || this.isOpen(targets))) this.mail.cursor.value = next;
        const open = route.peek().letter;
        if (open === undefined || (targets !== "found" && !going.has(open) && !this.isOpen(targets))) return;
        if (next === undefined || matchMedia("(max-width: 719px)").matches) this.closeLetter();
        else this.open(next);
    }

    private async change(targets: Targets, change: Change, said: ((count: number) => string) | undefined): Promise<void> {
        const list = this.list;
        if (list === undefined) return;
        if (change.kind === "move") this.noLongerChosen(list, targets);
        await this.mail.actions.change(list, targets, change, said);
    }

    /** Before the server is asked: what somebody chooses meanwhile stays so. All that were found are chosen until they are done. */
    private noLongerChosen(list: MessageList, targets: Targets): void {
        if (targets === "found") return;
        list.selection.set(targets.map(({ id }) => id), false);
        list.touch();
    }
}
