// Tells when something has changed on the server (RFC 8620 §7.3). All tabs of a browser share one connection: the tab that holds the
// lock has it and tells the others, and when it is closed another takes over.
import type { Id } from "../jmap/types.js";

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

export class Push {
    private readonly channel: BroadcastChannel;
    private readonly ended = new AbortController();
    private source: EventSource | undefined;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private pause = FIRST_PAUSE;

    /** `name` is the same for the tabs that share; `told` is called for each change with the
     *  accounts that have changed, and without them after a time without connection. */
    constructor(private readonly address: string, name: string, private readonly told: (accounts: readonly Id[] | undefined) => void) {
        this.channel = new BroadcastChannel(name);
        this.channel.onmessage = ({ data }: MessageEvent<readonly Id[] | undefined>) => told(data);
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
            if (again) this.tell(undefined);
            again = true;
        };
        source.addEventListener("state", ({ data }: MessageEvent<string>) => this.tell(accountsOf(data)));
        source.onerror = () => {
            if (source.readyState !== EventSource.CLOSED) return; // the browser comes again by itself
            this.timer = setTimeout(() => this.open(true), this.pause);
            this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
        };
    }

    private tell(accounts: readonly Id[] | undefined): void {
        this.channel.postMessage(accounts);
        this.told(accounts);
    }
}

/** Those that a StateChange names (RFC 8620 §7.1); nothing where that cannot be read. */
export function accountsOf(said: string): readonly Id[] | undefined {
    try {
        return Object.keys((JSON.parse(said) as { changed: { [account: Id]: object } }).changed);
    } catch {
        return undefined;
    }
}
