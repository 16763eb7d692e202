// What all pages say. Each language is one object of this type: the compiler finds a sentence that is missing.

type Text = "somebody" | "yesterday"
    // signing in, and what goes wrong
    | "address" | "password" | "signIn" | "signOut" | "wrongPassword" | "codeOfApp" | "wrongCode" | "signInByPasskey" | "passkeyInstead" | "noPasskey" | "factorFirst" | "unreachable" | "tryAgain" | "failed"
    | "languages" | "settings" | "close" | "cancel" | "more";

export type Words = { readonly [name in Text]: string } & {
    /** BCP 47 */
    readonly language: string;
    /** The language's name in itself. */
    readonly ownName: string;
    wrote(who: string): string;
    wroteOn(when: string, who: string): string;
    letters(count: number): string;
    chosen(count: number): string;
    count(value: number): string;
    octets(count: number): string;
    waitSeconds(seconds: number): string;
};
