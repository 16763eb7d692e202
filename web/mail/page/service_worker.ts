// The worker that has the page's files for the time without connection, and shows notifications.
import { tell } from "../../core/page/notice.js";
import { words } from "../words/language.js";
import { TAKE_OVER } from "../worker/scope.js";
import { go } from "./router.js";

const WORKER = "/mail/worker.js";

/** What browsers want before a script may be named (Trusted Types). */
interface Policies {
    createPolicy(name: string, rules: { createScriptURL(address: string): string }): { createScriptURL(address: string): string };
}

/** Begins it, if the browser has such a thing. A new version waits until somebody loads it, or no page is open any more. */
export function beginWorker(): void {
    const workers = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
    if (workers === undefined) return;
    const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
    const address = policies?.createPolicy("tegami", { createScriptURL: () => WORKER }).createScriptURL(WORKER) ?? WORKER;
    workers.register(address, { scope: "/mail/" }).then(offerNewVersions).catch(() => undefined); // then there is no page without connection
    workers.addEventListener("message", ({ data }: MessageEvent<{ readonly open?: { readonly mailbox: string; readonly letter: string } }>) => {
        if (data.open !== undefined) go({ mailbox: data.open.mailbox, letter: data.open.letter });
    });
}

function offerNewVersions(registration: ServiceWorkerRegistration): void {
    registration.addEventListener("updatefound", () => {
        const next = registration.installing;
        next?.addEventListener("statechange", () => {
            if (next.state !== "installed" || registration.active === null) return;
            const w = words.peek();
            tell({ text: w.newVersion, action: { label: w.reload, run: () => loadAnew(next) } }, 600_000);
        });
    });
}

/** The page is loaded when its worker has taken over, not while it does (worker.ts says why). */
function loadAnew(next: ServiceWorker): void {
    if (next.state !== "installed") return location.reload(); // that of another page has begun it
    next.addEventListener("statechange", () => { if (next.state !== "activating") location.reload(); });
    next.postMessage(TAKE_OVER);
}
