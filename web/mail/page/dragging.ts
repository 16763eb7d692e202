// Letters and folders are dragged onto folders. What is dragged stays here: other pages and programs get nothing of it.
import { signal } from "@preact/signals";
import type { Id } from "../../core/jmap/types.js";
import type { Targets } from "../model/actions.js";
import { refusalOf } from "../model/folder_work.js";
import type { AccountMail } from "../model/account_mail.js";
import { tell } from "../../core/page/notice.js";
import { words } from "../words/language.js";
import type { Commands } from "./commands.js";

/** Letters with what moves them, which is of their account. */
type Dragged = { readonly kind: "letters"; readonly targets: Targets; readonly commands: Commands } | { readonly kind: "folder"; readonly id: Id };

const dragged = signal<Dragged | undefined>(undefined);
const TYPE = "application/x-tegami"; // so that nothing else takes it

addEventListener("dragend", () => { dragged.value = undefined; });

export function dragLetters(event: DragEvent, commands: Commands, id: Id): void {
    const targets = commands.draggedWith(id);
    const list = commands.list;
    if (targets.length === 0 || list === undefined) return event.preventDefault();
    begin(event, { kind: "letters", targets, commands }, words.peek().letters(targets === "found" ? list.selection.count(list.rows.total) : targets.length));
}

export function dragFolder(event: DragEvent, id: Id, name: string): void {
    begin(event, { kind: "folder", id }, name);
}

/** Whether what is dragged now may be dropped on a folder; `undefined` stands for the place of those that are in no other. */
export function takes(mail: AccountMail, folder: Id | undefined): boolean {
    const what = dragged.value;
    if (what === undefined) return false;
    const onto = folder === undefined ? undefined : mail.mailboxes.value.get(folder);
    if (what.kind === "letters") return what.commands.movesIn(mail) && onto !== undefined && mail.takes(onto) && onto.id !== mail.list.peek()?.query.mailbox && onto.role !== "drafts" && onto.role !== "sent";
    if (!mail.account.isOwn) return false;
    const moved = mail.mailboxes.value.get(what.id);
    if (moved === undefined || moved.parentId === (folder ?? null)) return false;
    return folder === undefined || !mail.folders.within(moved).some(({ id }) => id === folder);
}

export function drop(event: DragEvent, mail: AccountMail, folder: Id | undefined): void {
    const what = dragged.peek();
    if (what === undefined || !takes(mail, folder)) return;
    event.preventDefault();
    dragged.value = undefined;
    if (what.kind === "letters") {
        if (folder !== undefined) void what.commands.move(folder, what.targets);
        return;
    }
    const moved = mail.mailboxes.peek().get(what.id);
    if (moved === undefined) return;
    mail.trying(() => mail.folders.change(moved, { parentId: folder ?? null })).catch((error: unknown) => tell({ text: words.peek().folderProblem(refusalOf(error)), bad: true }));
}

/** A label of its own follows the pointer: a picture of the row would hide what it is dragged to. */
function begin(event: DragEvent, what: Dragged, said: string): void {
    const transfer = event.dataTransfer;
    if (transfer === null) return;
    transfer.effectAllowed = "move";
    transfer.setData(TYPE, "");
    const label = document.createElement("div");
    label.className = "drag-label";
    label.textContent = said;
    document.body.append(label);
    transfer.setDragImage(label, -12, -8);
    setTimeout(() => label.remove());
    dragged.value = what;
}
