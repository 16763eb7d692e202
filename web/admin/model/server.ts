// The operations of the server: POST /api/NAME with parameters as JSON, by the cookie of who is signed in.

export type Json = { readonly [name: string]: unknown };

/** Why there is no answer: the server's sentence, in English. */
export class Refused extends Error {
    constructor(readonly status: number, sentence: string) {
        super(sentence);
    }
}

export interface Caller {
    readonly name: string;
    readonly role: string;
}

interface Offer {
    readonly caller: Partial<Caller>;
    readonly operations: readonly (string | { readonly name: string })[];
}

/** Limit: milliseconds until an answer must be there. What takes longer is asked for with `ASK_LONG`. */
const ASK_MOST = 60_000;
export const ASK_LONG = 3_600_000;

export class Server {
    /** Called when the session is over. */
    signedOut: () => void = () => undefined;
    private constructor(readonly caller: Caller, private readonly operations: ReadonlySet<string>) {}

    /** Who we are to the server and what we may do there; nothing: who is signed in has no part in the administration. */
    static async open(): Promise<Server | undefined> {
        const answer = await fetch("/api", { signal: AbortSignal.timeout(ASK_MOST) });
        if (answer.status === 401 || answer.status === 403 || answer.status === 404) return undefined;
        if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
        const { caller, operations } = (await answer.json()) as Offer;
        const names = operations.map((one) => (typeof one === "string" ? one : one.name));
        return new Server({ name: caller.name ?? "", role: caller.role ?? "" }, new Set(names));
    }

    may(operation: string): boolean {
        return this.operations.has(operation);
    }

    /** Throws Refused. */
    async ask<Answer>(operation: string, parameters: Json = {}, milliseconds = ASK_MOST): Promise<Answer> {
        let answer: Response;
        let body: unknown;
        try {
            answer = await fetch(`/api${operation}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(parameters),
                signal: AbortSignal.timeout(milliseconds) });
            body = await answer.json().catch(() => undefined);
        } catch {
            throw new Refused(0, "");
        }
        if (answer.ok && body !== undefined) return body as Answer;
        if (answer.status === 401) this.signedOut();
        const said = (body as { readonly error?: unknown } | undefined)?.error;
        throw new Refused(answer.status, typeof said === "string" ? said : "");
    }
}
