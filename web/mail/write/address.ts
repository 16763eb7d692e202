// Addresses of a letter, RFC 8621 §4.1.2.3.

export interface Address {
    readonly name: string | null;
    readonly email: string;
}

/** What two spellings of one address have in common. The local part's case counts for nothing where people write addresses. */
export function sameAs(address: string): string {
    return address.normalize("NFC").toLowerCase();
}

/** Without the part after a plus sign. */
export function withoutDetail(address: string): string {
    return sameAs(address).replace(/\+[^@]*(?=@)/, "");
}

/** Each address once, the first time that it is there; none that is in `taken`, to which they are added. */
export function once(addresses: readonly Address[], taken: Set<string>): Address[] {
    return addresses.filter(({ email }) => {
        const seen = taken.has(sameAs(email));
        taken.add(sameAs(email));
        return !seen;
    });
}
