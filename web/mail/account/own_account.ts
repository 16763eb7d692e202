// One's own account at the server (docs/api-account.md): the password, passkeys, the second factor, passwords of mail programs, where one is signed in.
import { NoAnswerError, SignedOutError } from "../../core/jmap/client.js";
import { knowsPasskeys, makePasskey, usePasskey, type PasskeyOptions } from "../../core/page/passkey.js";

export interface OwnAccount {
    readonly address: string;
    readonly secondFactor: { readonly inForce: boolean; readonly required: boolean; readonly kinds: readonly string[]; readonly recoveryCodes: number };
}

export interface AppPassword {
    readonly id: string;
    readonly name: string;
    /** "imap", "pop3", "submission", "jmap", "api" */
    readonly protocols: readonly string[];
    readonly made: string;
    /** A day; null before the first use. */
    readonly used: string | null;
}

export interface Passkey {
    readonly id: string;
    readonly name: string;
    readonly made: string;
    readonly used: string | null;
}

export interface WebSession {
    readonly id: string;
    readonly used: string;
    readonly client: string;
    readonly agent: string;
    readonly current: boolean;
}

/** What app passwords are made for; those over HTTP alone are tokens (RFC 6750). */
export const PURPOSES = {
    mail: ["imap", "pop3", "submission", "jmap"],
    imap: ["imap", "submission"],
    pop3: ["pop3", "submission"],
    jmap: ["jmap"],
    api: ["api"],
} as const;
export type Purpose = keyof typeof PURPOSES;

export function isToken({ protocols }: Pick<AppPassword, "protocols">): boolean {
    return protocols.every((protocol) => protocol === "jmap" || protocol === "api");
}

/** The server refused, and said why in a word; it was `unavailable` where it said nothing that is known. */
export class AccountError extends Error {
    constructor(readonly word: string, readonly passkey?: PasskeyOptions) {
        super(word);
    }
}

/** Each throws AccountError, SignedOutError or NoAnswerError. Where a code may be left out, a passkey is asked for in its place. */
export const ownAccount = {
    look: () => own<OwnAccount>("GET", ""),
    changePassword: (before: string, after: string, code: string | undefined) => prove("POST", "/password", { old: before, new: after, ...withCode(code) }),
    sessions: async () => (await own<{ sessions: readonly WebSession[] }>("GET", "/sessions")).sessions,
    endSession: (id: string) => own("DELETE", `/sessions/${encodeURIComponent(id)}`),
    appPasswords: async () => (await own<{ appPasswords: readonly AppPassword[] }>("GET", "/app-passwords")).appPasswords,
    makeAppPassword: (name: string, password: string, purpose: Purpose) =>
        own<AppPassword & { readonly secret: string }>("POST", "/app-passwords", { name, password, protocols: PURPOSES[purpose] }),
    removeAppPassword: (id: string) => own("DELETE", `/app-passwords/${encodeURIComponent(id)}`),
    passkeys: async () => (await own<{ passkeys: readonly Passkey[] }>("GET", "/passkeys")).passkeys,
    addPasskey: async (name: string, password: string, code: string | undefined) => {
        const credential = await makePasskey(await prove<PasskeyOptions>("POST", "/passkeys/begin", { password, ...withCode(code) }));
        if (credential === undefined) throw new AccountError("wrong-passkey");
        return own<Passkey>("POST", "/passkeys", { name, credential });
    },
    removePasskey: (id: string) => own("DELETE", `/passkeys/${encodeURIComponent(id)}`),
    factorByPasskeys: async (password: string) => (await own<{ recoveryCodes: readonly string[] }>("POST", "/second-factor", { password })).recoveryCodes,
    beginTotp: (password: string) => own<{ readonly secret: string; readonly uri: string }>("POST", "/totp", { password }),
    confirmTotp: async (code: string) => (await own<{ recoveryCodes: readonly string[] }>("POST", "/totp/confirm", { code })).recoveryCodes,
    newRecoveryCodes: async (password: string, code: string) => (await prove<{ recoveryCodes: readonly string[] }>("POST", "/recovery-codes", { password, ...withCode(code) })).recoveryCodes,
    endFactor: (password: string, code: string) => prove("DELETE", "/second-factor", { password, ...withCode(code) }),
};

function withCode(code: string | undefined): { readonly code?: string } {
    return code === undefined || code === "" ? {} : { code };
}

/** Asks, and shows a passkey where the server wants one, or a code. */
async function prove<Answer = void>(method: string, path: string, said: object): Promise<Answer> {
    try {
        return await own<Answer>(method, path, said);
    } catch (error) {
        if (!(error instanceof AccountError) || error.word !== "code-needed" || error.passkey === undefined || !knowsPasskeys()) throw error;
        const credential = await usePasskey(error.passkey);
        if (credential === undefined) throw new AccountError("wrong-passkey");
        return own<Answer>(method, path, { ...said, credential });
    }
}

/** One request below /account. Throws AccountError, SignedOutError or NoAnswerError. */
export async function own<Answer = void>(method: string, path: string, said?: object): Promise<Answer> {
    let answer: Response;
    try {
        answer = await fetch(`/account${path}`, { method, ...(said === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(said) }) });
    } catch (error) {
        throw new NoAnswerError("the server could not be reached", { cause: error });
    }
    const told: unknown = await answer.json().catch(() => undefined);
    if (answer.ok) return told as Answer;
    if (answer.status === 401) throw new SignedOutError("401");
    const { error, passkey } = (told ?? {}) as { readonly error?: string; readonly passkey?: PasskeyOptions };
    throw new AccountError(error ?? "unavailable", passkey);
}
