// Passkeys (WebAuthn): what the server asks of one, and what it answers, in the JSON forms of the standard. Browsers that are older than
// these forms get and give octets.

/** PublicKeyCredentialCreationOptions or PublicKeyCredentialRequestOptions in JSON, as the server sends it. */
export type PasskeyOptions = { readonly challenge: string } & { readonly [member: string]: unknown };
/** What the server is to be told. */
export type PasskeyAnswer = { readonly [member: string]: unknown };

/** Whether this browser knows passkeys; without HTTPS none does. */
export function knowsPasskeys(): boolean {
    return typeof PublicKeyCredential !== "undefined" && typeof navigator.credentials?.get === "function";
}

/** Has one made; undefined where its owner did not want to, or the authenticator has one for this account already. */
export async function makePasskey(options: PasskeyOptions): Promise<PasskeyAnswer | undefined> {
    const { user, excludeCredentials, ...others } = options as { readonly user: { readonly id: string }; readonly excludeCredentials?: readonly Descriptor[] } & PasskeyOptions;
    const publicKey = { ...others, challenge: octets(options.challenge), user: { ...user, id: octets(user.id) }, excludeCredentials: (excludeCredentials ?? []).map(inOctets) };
    const made = await asked(() => navigator.credentials.create({ publicKey: publicKey as unknown as PublicKeyCredentialCreationOptions }));
    const response = made?.response as AuthenticatorAttestationResponse | undefined;
    return made && response && { id: made.id, type: made.type, response: { clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject) } };
}

/** Has one sign; undefined where its owner did not want to, or there is none. */
export async function usePasskey(options: PasskeyOptions): Promise<PasskeyAnswer | undefined> {
    const { allowCredentials, ...others } = options as { readonly allowCredentials?: readonly Descriptor[] } & PasskeyOptions;
    const publicKey = { ...others, challenge: octets(options.challenge), allowCredentials: (allowCredentials ?? []).map(inOctets) };
    const used = await asked(() => navigator.credentials.get({ publicKey: publicKey as unknown as PublicKeyCredentialRequestOptions }));
    const response = used?.response as AuthenticatorAssertionResponse | undefined;
    return used && response && { id: used.id, type: used.type, response: {
        clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData), signature: text(response.signature),
        ...(response.userHandle === null ? {} : { userHandle: text(response.userHandle) }) } };
}

interface Descriptor { readonly id: string }

function inOctets(descriptor: Descriptor): object {
    return { ...descriptor, id: octets(descriptor.id) };
}

/** Browsers do not tell a page whether a person said no or has no passkey, and neither do we. */
async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential | undefined> {
    try {
        return (await ask()) as PublicKeyCredential | null ?? undefined;
    } catch (error) {
        if (error instanceof DOMException) return undefined;
        throw error;
    }
}

/** base64url without padding. */
export function text(buffer: ArrayBuffer): string {
    return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function octets(base64url: string): Uint8Array {
    return Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
}
