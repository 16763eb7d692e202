// The line to the server: what it answers is kept, and while it does not, what is kept answers in its place; changes of letters wait.
import type { Post, Reply } from "../../core/jmap/client.js";
import type { Answer, Id, Request } from "../../core/jmap/types.js";
import type { KeptMail } from "./kept_mail.js";
import type { Outgoing } from "./outgoing.js";

export interface Keeping {
    readonly kept: KeptMail;
    readonly outgoing: Outgoing;
}

/** Whether an answer says that there is none now. */
export function isNoAnswer({ status }: Reply): boolean {
    return status === 429 || status >= 500;
}

export class Line {
    /** Nothing is kept where the browser keeps nothing. */
    keeping: Keeping | undefined;
    /** Changes wait, and others must not overtake them. */
    waits = false;

    /** `heard`: whether the server has answered. */
    constructor(private readonly server: Post, private readonly heard: (answered: boolean) => void) {}

    readonly post: Post = async (address, body) => {
        if (this.waits && (await this.keep(body))) return done(body);
        let reply: Reply;
        try {
            reply = await this.server(address, body);
        } catch (error) {
            const known = await this.without(body);
            if (known === undefined) throw error;
            return known;
        }
        if (isNoAnswer(reply)) return (await this.without(body)) ?? reply;
        this.heard(true);
        if (reply.status === 200) this.learn(body, reply.body);
        return reply;
    };

    private learn(body: string, said: string): void {
        try {
            void this.keeping?.kept.learn(JSON.parse(body) as Request, JSON.parse(said) as Answer).catch(() => undefined);
        } catch {
            // no answer that anybody could read
        }
    }

    private async without(body: string): Promise<Reply | undefined> {
        this.heard(false);
        if (await this.keep(body)) return done(body);
        const known = await this.keeping?.kept.answer(JSON.parse(body) as Request);
        return known && { status: 200, body: JSON.stringify(known) };
    }

    private async keep(body: string): Promise<boolean> {
        return this.keeping !== undefined && body.includes('"Email/set"') && (await this.keeping.outgoing.addMarks(JSON.parse(body) as Request));
    }
}

/** What the server says when it has changed letters. */
function done(body: string): Reply {
    const { methodCalls: [call] } = JSON.parse(body) as Request;
    const updated = Object.fromEntries(Object.keys(call![1]["update"] as { [id: Id]: object }).map((id) => [id, null]));
    return { status: 200, body: JSON.stringify({ methodResponses: [["Email/set", { updated }, call![2]]], sessionState: "" }) };
}
