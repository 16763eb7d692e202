// Tells when something has changed on the server (RFC 8620 §7.3). All tabs of a browser share one connection: the tab that holds the
// lock has it and tells the others, and when it is closed another takes over.

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

export class Push {
    private readonly channel: BroadcastChannel;
    private readonly ended = new AbortController();
    private source: EventSource | undefined;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private pause = FIRST_PAUSE;

    /** `name` is the same for the tabs that share; `told` is called for each change, also after a time without connection. */
    constructor(private readonly address: string, name: string, private readonly told: () => void) {
        this.channel = new BroadcastChannel(name);
        this.channel.onmessage = () => told();
        const held = () => new Promise<void>((resolve) => {
            this.ended.signal.addEventListener("abort", () => resolve());
            this.open(false);
        });
        navigator.locks.request(name, { signal: this.ended.signal }, held).catch(() => undefined); // closed while it waited
    }

    close(): void {
        this.ended.abort();
        clearTimeout(this.timer);
        this.source?.close();
        this.channel.close();
    }

    private open(again: boolean): void {
        if (this.ended.signal.aborted) return;
        const source = new EventSource(this.address);
        this.source = source;
        source.onopen = () => {
            this.pause = FIRST_PAUSE;
            if (again) this.tell();
            again = true;
        };
        source.addEventListener("state", () => this.tell());
        source.onerror = () => {
            if (source.readyState !== EventSource.CLOSED) return; // the browser comes again by itself
            this.timer = setTimeout(() => this.open(true), this.pause);
            this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
        };
    }

    private tell(): void {
        this.channel.postMessage("changed");
        this.told();
    }
}
