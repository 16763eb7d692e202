// The service worker of the web mail. It has the files of one version of the page for the time without connection: what the network gives
// comes first, so that nobody is shown an old page who can have the new one. It touches no request but for those files. And it shows what
// push brings (notifications.ts).
import { clicked, pushed, type Clicked, type Pushed } from "./notifications.js";
import { TAKE_OVER, type Waiting, type WorkerScope } from "./scope.js";

declare const self: WorkerScope;
/** Given by build.mjs: a name of this version, and the addresses of its files. */
declare const VERSION: string;
declare const FILES: readonly string[];

const PREFIX = "tegami-mail-";
const CACHE = PREFIX + VERSION;
const PAGE = "/mail/";
const FRAME = "/mail/frame.html";
const ASSETS = "/mail/assets/";
const PATIENCE = 4_000; // milliseconds that a page that is on its way may take where there is an older one

interface Fetching extends Waiting {
    readonly request: Request;
    respondWith(answer: Promise<Response>): void;
}

async function keepFiles(): Promise<void> {
    const cache = await caches.open(CACHE);
    await cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })));
}

/** Pages of the version before may be open, and load more of their parts: its files stay. */
async function takeOver(): Promise<void> {
    const ours = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
    await Promise.all(ours.slice(0, -1).map((name) => caches.delete(name)));
    await self.clients.claim();
}

async function known(address: string): Promise<Response | undefined> {
    return (await (await caches.open(CACHE)).match(address, { ignoreVary: true })) ?? caches.match(address, { ignoreVary: true });
}

async function document(request: Request, address: string): Promise<Response> {
    const older = await known(address);
    if (older === undefined) return fetch(request);
    try {
        const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE));
        const answer = await Promise.race([fetch(request), late]);
        return answer === undefined || answer.status >= 500 ? older : answer;
    } catch {
        return older;
    }
}

async function asset(request: Request): Promise<Response> {
    return (await known(request.url)) ?? fetch(request);
}

self.addEventListener("install", (event) => (event as Waiting).waitUntil(keepFiles()));
// Not before somebody wants it, or all pages are closed: in Chromium a page whose loading begins while a worker takes over from another may
// wait for ever, because its request is given to neither (measured: one load of eight).
self.addEventListener("message", (event) => { if ((event as MessageEvent).data === TAKE_OVER) (event as MessageEvent & Waiting).waitUntil(self.skipWaiting()); });
self.addEventListener("activate", (event) => (event as Waiting).waitUntil(takeOver()));
self.addEventListener("fetch", (event) => {
    const { request } = event as Fetching;
    const { origin, pathname } = new URL(request.url);
    if (request.method !== "GET" || origin !== self.location.origin || !pathname.startsWith(PAGE)) return;
    if (pathname.startsWith(ASSETS)) (event as Fetching).respondWith(asset(request));
    else if (request.mode === "navigate") (event as Fetching).respondWith(document(request, pathname === FRAME ? FRAME : PAGE));
});
self.addEventListener("push", (event) => (event as Pushed).waitUntil(pushed(self, event as Pushed)));
self.addEventListener("notificationclick", (event) => (event as Clicked).waitUntil(clicked(self, event as Clicked)));
