// Who is signed in, by a cookie that scripts cannot read; and requests to our own server.
import { usePasskey, type PasskeyOptions } from "./passkey.js";
import { NoAnswerError, type Reply } from "../jmap/client.js";
import type { Session } from "../jmap/types.js";

const LONGEST_WAIT = 90_000; // milliseconds for an answer

export type Outcome =
    | { readonly kind: "in" }
    | { readonly kind: "wrong" }
    /** The password is right; a code of the second factor is asked for, `again` where the one before was wrong, or that a passkey signs. */
    | { readonly kind: "code"; readonly ticket: string; readonly again: boolean; readonly passkey?: PasskeyOptions }
    /** Its owner did not want to, or the server `refused` it. */
    | { readonly kind: "no-passkey"; readonly refused: boolean }
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

/** Signs in with a passkey: with what it was asked for as the second step, or alone. */
export async function signInWithPasskey(options?: PasskeyOptions): Promise<Outcome> {
    const wanted = options ?? await passkeyOptions();
    if (wanted === undefined) return { kind: "unreachable" };
    const credential = await usePasskey(wanted);
    return credential === undefined ? { kind: "no-passkey", refused: false } : begin({ credential }, "/session/passkey");
}

async function passkeyOptions(): Promise<PasskeyOptions | undefined> {
    try {
        const answer = await fetch("/session/passkey/begin", { method: "POST" });
        return answer.ok ? (await answer.json()) as PasskeyOptions : undefined;
    } catch {
        return undefined;
    }
}

async function begin(said: { readonly [name: string]: unknown }, where = "/session"): Promise<Outcome> {
    let answer: Response;
    try {
        answer = await fetch(where, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(said) });
    } catch {
        return { kind: "unreachable" };
    }
    if (answer.ok) return { kind: "in" };
    const { error, ticket, passkey } = (await answer.json().catch(() => ({}))) as { readonly error?: string; readonly ticket?: string; readonly passkey?: PasskeyOptions };
    if (ticket !== undefined) return { kind: "code", ticket, again: error === "wrong-code", ...(passkey === undefined ? {} : { passkey }) };
    if (error === "wrong-passkey") return { kind: "no-passkey", refused: true };
    if (answer.status === 429) return { kind: "wait", seconds: Number(answer.headers.get("Retry-After")) || 1 };
    return { kind: answer.status === 401 || answer.status === 400 ? "wrong" : "unreachable" };
}

/** Whether anybody is signed in, and whether that one has to set up a second factor before all else. Throws where the server cannot be reached. */
export async function whoIsSignedIn(): Promise<"nobody" | "owes-factor" | "somebody"> {
    const answer = await fetch("/session");
    if (answer.status === 401) return "nobody";
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return ((await answer.json()) as { readonly secondFactorRequired?: boolean }).secondFactorRequired === true ? "owes-factor" : "somebody";
}

/** Whether anybody is. */
export async function isSignedIn(): Promise<boolean> {
    return (await whoIsSignedIn()) !== "nobody";
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
