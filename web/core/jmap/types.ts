// What travels between a JMAP client and its server, RFC 8620 §3.

export type Id = string;
export type State = string;
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined };
export type Arguments = { readonly [name: string]: Json | undefined };

/** A call or its answer: a method's name, its arguments, and the client's name for the call (§3.2). */
export type Invocation = readonly [name: string, args: Arguments, call: string];

/** §3.3 */
export interface Request {
    readonly using: readonly string[];
    readonly methodCalls: readonly Invocation[];
    readonly createdIds?: { readonly [creation: string]: Id };
}

/** §3.4 */
export interface Answer {
    readonly methodResponses: readonly Invocation[];
    readonly sessionState: State;
    readonly createdIds?: { readonly [creation: string]: Id };
}

/** Where an argument is found in the answer to an earlier call of the same request (§3.7). */
export interface ResultReference {
    readonly resultOf: string;
    readonly name: string;
    readonly path: string;
}

/** What a client reads of the session resource (§2). */
export interface Session {
    readonly apiUrl: string;
    readonly downloadUrl: string;
    readonly uploadUrl: string;
    readonly eventSourceUrl: string;
    readonly state: State;
    readonly username: string;
    readonly primaryAccounts: { readonly [capability: string]: Id };
    readonly accounts: { readonly [id: Id]: { readonly name: string; readonly isPersonal: boolean; readonly isReadOnly: boolean;
        readonly accountCapabilities?: { readonly [capability: string]: Json } } };
    readonly capabilities: { readonly [capability: string]: Json };
}

export const CORE = "urn:ietf:params:jmap:core";
export const MAIL = "urn:ietf:params:jmap:mail";
export const MAIL_SHARE = "urn:ietf:params:jmap:mail:share";
export const PRINCIPALS = "urn:ietf:params:jmap:principals";
export const SUBMISSION = "urn:ietf:params:jmap:submission";
