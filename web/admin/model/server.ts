// The operations of the server: POST /api/NAME with parameters as JSON, by the cookie of who is signed in.

export type Json = { readonly [name: string]: unknown };

/** Why there is no answer: the server's sentence, in English. */
export class Refused extends Error {
    constructor(readonly status: number, sentence: string) {
        super(sentence);
    }
}

export interface Caller {
    readonly address: string;
    /** "user", "auditor", "domain-administrator", "administrator" */
    readonly role: string;
    /** Of a domain administrator. */
    readonly domains: readonly string[];
}

interface Offer {
    readonly caller: Caller;
    readonly operations: readonly { readonly name: string }[];
}

/** Limit: milliseconds until an answer must be there. What takes longer is asked for with `ASK_LONG`. */
const ASK_MOST = 60_000;
export const ASK_LONG = 3_600_000;

export class Server {
    /** Called when the session is over. */
    signedOut: () => void = () => undefined;
    private constructor(readonly caller: Caller, private readonly operations: ReadonlySet<string>) {}

    /** Who we are to the server and what we may do there; nothing: nobody is signed in. Throws where the server cannot be reached. */
    static async open(): Promise<Server | undefined> {
        const answer = await fetch("/api", { signal: AbortSignal.timeout(ASK_MOST) });
        if (answer.status === 401) return undefined;
        if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
        const { caller, operations } = (await answer.json()) as Offer;
        return new Server(caller, new Set(operations.map(({ name }) => name)));
    }

    may(operation: string): boolean {
        return this.operations.has(operation);
    }

    /** Takes the lines of a stream as they come, until it ends. Throws Refused, or what `signal` was ended with. */
    async follow(operation: string, parameters: Json, take: (lines: readonly string[]) => void, signal: AbortSignal): Promise<void> {
        let answer: Response;
        try {
            answer = await fetch(`/api${operation}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(parameters), signal });
        } catch (error) {
            throw signal.aborted ? error : new Refused(0, "");
        }
        if (!answer.ok || answer.body === null) throw await this.refusal(answer);
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        let open = "";
        for (;;) {
            const piece = await reader.read().catch((error: unknown) => { throw signal.aborted ? error : new Refused(0, ""); });
            if (piece.done) return;
            const lines = (open + piece.value).split("\n");
            open = lines.pop()!;
            take(lines.filter((line) => line !== ""));
        }
    }

    private async refusal(answer: Response): Promise<Refused> {
        if (answer.status === 401) this.signedOut();
        const said = ((await answer.json().catch(() => undefined)) as { readonly error?: unknown } | undefined)?.error;
        return new Refused(answer.status, typeof said === "string" ? said : "");
    }

    /** Throws Refused. */
    async ask<Answer>(operation: string, parameters: Json = {}, milliseconds = ASK_MOST): Promise<Answer> {
        let answer: Response;
        try {
            answer = await fetch(`/api${operation}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(parameters),
                signal: AbortSignal.timeout(milliseconds) });
            if (answer.ok) return (await answer.json()) as Answer;
        } catch {
            throw new Refused(0, "");
        }
        throw await this.refusal(answer);
    }
}
