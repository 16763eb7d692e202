// The worker that has the page's files for the time without connection, and shows notifications.
import { tell } from "../../core/page/notice.js";
import { words } from "../words/language.js";
import { go } from "./router.js";

const WORKER = "/mail/worker.js";

/** What browsers want before a script may be named (Trusted Types). */
interface Policies {
    createPolicy(name: string, rules: { createScriptURL(address: string): string }): { createScriptURL(address: string): string };
}

/** Begins it, if the browser has such a thing. A new version takes over by itself; what is open stays as it is until somebody loads it anew. */
export function beginWorker(): void {
    const workers = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
    if (workers === undefined) return;
    const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
    const address = policies?.createPolicy("tegami", { createScriptURL: () => WORKER }).createScriptURL(WORKER) ?? WORKER;
    const before = workers.controller;
    workers.register(address, { scope: "/mail/" }).catch(() => undefined); // then there is no page without connection
    workers.addEventListener("controllerchange", () => {
        const w = words.peek();
        if (before !== null) tell({ text: w.newVersion, action: { label: w.reload, run: () => location.reload() } }, 600_000);
    });
    workers.addEventListener("message", ({ data }: MessageEvent<{ readonly open?: { readonly mailbox: string; readonly letter: string } }>) => {
        if (data.open !== undefined) go({ mailbox: data.open.mailbox, letter: data.open.letter });
    });
}
