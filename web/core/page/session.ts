// Who is signed in, by a cookie that scripts cannot read; and requests to our own server.
import { NoAnswerError, type Reply } from "../jmap/client.js";
import type { Session } from "../jmap/types.js";

const LONGEST_WAIT = 90_000; // milliseconds for an answer

export type Outcome =
    | { readonly kind: "in" }
    | { readonly kind: "wrong" }
    /** The password is right; a code of the second factor is asked for, `again` where the one before was wrong. */
    | { readonly kind: "code"; readonly ticket: string; readonly again: boolean }
    | { readonly kind: "wait"; readonly seconds: number }
    | { readonly kind: "unreachable" };

/** Signs in. What is wrong of the two is not told. */
export function signIn(username: string, password: string): Promise<Outcome> {
    return begin({ username, password });
}

/** The second step of it. A ticket that is too old, too, is `wrong`: then it begins anew. */
export function signInWithCode(ticket: string, code: string): Promise<Outcome> {
    return begin({ ticket, code });
}

async function begin(said: { readonly [name: string]: string }): Promise<Outcome> {
    let answer: Response;
    try {
        answer = await fetch("/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(said) });
    } catch {
        return { kind: "unreachable" };
    }
    if (answer.ok) return { kind: "in" };
    const { error, ticket } = (await answer.json().catch(() => ({}))) as { readonly error?: string; readonly ticket?: string };
    if (ticket !== undefined) return { kind: "code", ticket, again: error === "wrong-code" };
    if (answer.status === 429) return { kind: "wait", seconds: Number(answer.headers.get("Retry-After")) || 1 };
    return { kind: answer.status === 401 || answer.status === 400 ? "wrong" : "unreachable" };
}

/** Whether anybody is signed in. Throws where the server cannot be reached. */
export async function isSignedIn(): Promise<boolean> {
    const answer = await fetch("/session");
    if (!answer.ok && answer.status !== 401) throw new Error(`the server answered ${answer.status}`);
    return answer.ok;
}

/** Throws NoAnswerError where the server does not do it. */
export async function signOut(): Promise<void> {
    const answer = await fetch("/session", { method: "DELETE" }).catch(() => undefined);
    if (answer?.ok !== true) throw new NoAnswerError("the server was not told");
}

/** What who is signed in is to the administration: "user", or more. Without an answer a user. */
export async function roleHere(): Promise<string> {
    try {
        const answer = await fetch("/api");
        const { caller } = (await answer.json()) as { readonly caller?: { readonly role?: string } };
        return caller?.role ?? "user";
    } catch {
        return "user";
    }
}

/** RFC 8620 §2. Throws where there is no answer. */
export async function jmapSession(): Promise<Session> {
    const answer = await fetch("/jmap/session");
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return (await answer.json()) as Session;
}

/** An address of our server without scheme and host: a page speaks only to where it came from, by whatever name that was reached. */
export function here(address: string): string {
    return address.replace(/^https?:\/\/[^/]*/i, "");
}

export async function post(address: string, body: string): Promise<Reply> {
    const answer = await fetch(here(address), { method: "POST", headers: { "Content-Type": "application/json" }, body, signal: AbortSignal.timeout(LONGEST_WAIT) });
    return { status: answer.status, body: await answer.text() };
}
