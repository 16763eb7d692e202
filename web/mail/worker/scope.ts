// As much of a service worker's own world as is used here: the compiler knows that of pages.

/** What a page says to a worker that waits. */
export const TAKE_OVER = "take over";

export interface Waiting extends Event {
    waitUntil(work: Promise<unknown>): void;
}

export interface Page {
    readonly focused: boolean;
    readonly url: string;
    focus(): Promise<unknown>;
    postMessage(message: unknown): void;
}

export interface WorkerScope {
    readonly location: Location;
    readonly clients: { claim(): Promise<void>; matchAll(wanted: { type: "window" }): Promise<readonly Page[]>; openWindow(address: string): Promise<unknown> };
    readonly registration: ServiceWorkerRegistration;
    skipWaiting(): Promise<void>;
    addEventListener(kind: string, work: (event: Event) => void): void;
}
