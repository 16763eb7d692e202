// Requests to a JMAP server (RFC 8620): calls that belong together go in one, and each gets its answer or its error.
import { CORE, type Answer, type Arguments, type Id, type Invocation, type Json, type Request, type ResultReference, type Session, type State } from "./types.js";

/** A method refused its call (§3.6.2); the other calls of the request may have worked. */
export class MethodError extends Error {
    constructor(readonly method: string, readonly type: string, readonly details: Arguments) {
        super(`${method}: ${type}`);
    }
}

/** The server refused the whole request (§3.6.1): nothing of it was done. */
export class RequestError extends Error {
    constructor(readonly status: number, readonly type: string, readonly details: Arguments) {
        super(`${status} ${type}`);
    }
}

/** Nobody is signed in any more. */
export class SignedOutError extends Error {}

/** There was no answer, or only that there is none now (429, 5xx). What the request asked for may have been done or not. */
export class NoAnswerError extends Error {}

export interface Reply {
    readonly status: number;
    /** The body, as text. */
    readonly body: string;
}

/** Posts a body to an address. Throws where there is no answer. */
export type Post = (address: string, body: string) => Promise<Reply>;

/** One call of a batch; later calls may refer to its answer. */
export class Call {
    constructor(readonly method: string, readonly args: Arguments, readonly id: string) {}

    /** The value at a JSON pointer in the answer to this call, where `*` takes each entry of an array (§3.7): given as "#ids" for "ids". */
    at(path: string): ResultReference & Arguments {
        return { resultOf: this.id, name: this.method, path };
    }
}

/** The answers to a batch. */
export class Answers {
    constructor(private readonly responses: readonly Invocation[], readonly createdIds: { readonly [creation: string]: Id }) {}

    /** The arguments of the answer to a call. Throws MethodError where the method refused it. */
    of(call: Call): Arguments {
        return this.named(call, call.method);
    }

    /** A further answer to a call, as Email/set after EmailSubmission/set (RFC 8621 §7.5); nothing if there is none. */
    further(call: Call, method: string): Arguments | undefined {
        const found = this.responses.find(([name, , id]) => id === call.id && name === method);
        return found?.[1];
    }

    private named(call: Call, method: string): Arguments {
        const found = this.responses.find(([name, , id]) => id === call.id && (name === method || name === "error"));
        if (found === undefined) throw new MethodError(method, "serverFail", { description: "the server's answer lacks this call" });
        const [name, args] = found;
        if (name === "error") throw new MethodError(method, text(args["type"]) ?? "serverFail", args);
        return args;
    }
}

/** Calls that go in one request, in this order. */
export class Batch {
    private readonly calls: Call[] = [];

    constructor(private readonly client: Client, private readonly using: readonly string[]) {}

    /** Adds a call. An argument "#name" with what `Call.at` gives is taken from an earlier call's answer. */
    call(method: string, args: Arguments): Call {
        const call = new Call(method, args, `c${this.calls.length}`);
        this.calls.push(call);
        return call;
    }

    /** Sends the calls. Throws RequestError, SignedOutError or NoAnswerError if there are no answers at all. */
    async send(): Promise<Answers> {
        const methodCalls = this.calls.map((call): Invocation => [call.method, call.args, call.id]);
        const answer = await this.client.ask({ using: this.using, methodCalls });
        return new Answers(answer.methodResponses, answer.createdIds ?? {});
    }
}

export class Client {
    private known: State;
    private readonly most: number;
    private underWay = 0;
    private readonly waiting: (() => void)[] = [];

    /** `changed` is called when the session resource is no longer what `session` says (§3.4); once for each new state. */
    constructor(private readonly session: Session, private readonly post: Post, private readonly changed: () => void) {
        this.known = session.state;
        // The account's other devices and pages share what the server allows.
        const allowed = (session.capabilities[CORE] as Arguments | undefined)?.["maxConcurrentRequests"];
        this.most = typeof allowed === "number" ? Math.max(1, Math.floor(allowed / 2)) : 4;
    }

    batch(...using: readonly string[]): Batch {
        return new Batch(this, using);
    }

    async ask(request: Request): Promise<Answer> {
        let reply = await this.inTurn(request);
        // Those of other pages took all that the server allows this account: soon there is room again.
        for (let again = 0; again < 5 && isTooMany(reply); ++again) {
            await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** again));
            reply = await this.inTurn(request);
        }
        if (reply.status === 401 || reply.status === 403) throw new SignedOutError(`${reply.status}`);
        if (reply.status === 429 || reply.status >= 500) throw new NoAnswerError(`the server answered ${reply.status}`);
        if (reply.status !== 200) throw problem(reply);
        const answer = parse(reply.body) as unknown as Answer | undefined;
        if (!Array.isArray(answer?.methodResponses)) throw new RequestError(reply.status, "notJSON", {});
        if (typeof answer.sessionState === "string" && answer.sessionState !== this.known) {
            this.known = answer.sessionState;
            this.changed();
        }
        return answer;
    }

    /** Posts it when fewer are under way than may be. */
    private async inTurn(request: Request): Promise<Reply> {
        if (this.underWay >= this.most) await new Promise<void>((begin) => this.waiting.push(begin));
        else ++this.underWay;
        try {
            return await this.post(this.session.apiUrl, JSON.stringify(request));
        } catch (error) {
            throw new NoAnswerError("the server could not be reached", { cause: error });
        } finally {
            const next = this.waiting.shift();
            if (next !== undefined) next();
            else --this.underWay;
        }
    }
}

/** RFC 8620 §3.6.1, "limit". */
function isTooMany(reply: Reply): boolean {
    return reply.status === 400 && parse(reply.body)?.["limit"] === "maxConcurrentRequests";
}

/** RFC 7807: the last word of the type is what RFC 8620 §3.6.1 calls it. */
function problem(reply: Reply): RequestError {
    const details = parse(reply.body);
    const type = text(details?.["type"]) ?? "unknown";
    return new RequestError(reply.status, type.slice(type.lastIndexOf(":") + 1), details ?? {});
}

function parse(body: string): Arguments | undefined {
    try {
        const value: unknown = JSON.parse(body);
        return typeof value === "object" && value !== null ? (value as Arguments) : undefined;
    } catch {
        return undefined;
    }
}

function text(value: Json | undefined): string | undefined {
    return typeof value === "string" ? value : undefined;
}

/** Fills a URL template of the session resource (RFC 6570 level 1, as RFC 8620 §2 has them). */
export function fill(template: string, values: { readonly [name: string]: string }): string {
    return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
        const value = values[name];
        return value === undefined ? whole : encodeURIComponent(value);
    });
}
