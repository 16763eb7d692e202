import type { Mail } from "../../model/mail.js";
import { tell } from "../../../core/page/notice.js";
import { words } from "../../words/language.js";
import { takeBack, type Sent } from "../../write/desk.js";
import { go, route } from "../router.js";

const SHOWN = 10_000; // milliseconds; the server holds the letter for three seconds longer

/** Says that a letter is on its way, or when it goes, and offers to take it back while it is held. */
export function sent(mail: Mail, gone: Sent, at?: Date): void {
    const w = words.peek();
    const undo = async () => {
        const drafts = mail.byRole("drafts")?.id;
        const sentMailbox = mail.byRole("sent")?.id;
        if (drafts === undefined || sentMailbox === undefined) return;
        let back = false;
        const asked = await mail.trying(async () => { back = await takeBack(mail.account, gone, { drafts, sent: sentMailbox }); }).catch(() => false);
        if (asked && back) {
            tell({ text: w.notSentAfterAll });
            go({ ...route.peek(), compose: `draft:${gone.email}` });
        } else tell({ text: asked ? w.goneAlready : w.unreachable, bad: true });
    };
    const said = at === undefined ? w.sent : w.goesAt(new Intl.DateTimeFormat(w.language, { dateStyle: "full", timeStyle: "short" }).format(at));
    void mail.trying(() => mail.loadWaiting()).catch(() => undefined);
    tell({ text: said, ...(gone.held ? { action: { label: w.undoSending, run: () => void undo() } } : {}) }, gone.held ? SHOWN : undefined);
}
