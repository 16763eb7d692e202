// Pictures from elsewhere, which our server fetches for the page: nobody learns who reads, and where. Only on request, for one letter
// or for all from a sender who was proven.
import type { Id } from "../../core/jmap/types.js";
import { keep, kept } from "../../core/page/kept.js";
import { sameAs } from "../write/address.js";

const NAME = "pictures";
const MOST = 500; // senders
const LONGEST = 4_000; // of an address

/** Where our server has a picture of a letter; nothing where it would not fetch it. */
export function fetched(address: string, letter: Id): string | undefined {
    let url: URL;
    try {
        url = new URL(address.trim().replace(/^\/\//, "https://"));
    } catch {
        return undefined;
    }
    if (url.href.length > LONGEST || (url.protocol !== "https:" && url.protocol !== "http:")) return undefined;
    return `/picture?url=${encodeURIComponent(url.href)}&email=${encodeURIComponent(letter)}`;
}

/** Whether this browser shows all pictures of a sender to an account. */
export function isAllowed(account: string, sender: string): boolean {
    return allowed().includes(line(account, sender));
}

/** Allows them from now on, until the account signs out here. */
export function allow(account: string, sender: string): void {
    keep(NAME, [line(account, sender), ...allowed().filter((one) => one !== line(account, sender))].slice(0, MOST).join("\n"));
}

export function forgetAllowed(): void {
    keep(NAME, undefined);
}

function allowed(): readonly string[] {
    return (kept(NAME) ?? "").split("\n");
}

function line(account: string, sender: string): string {
    return `${sameAs(account)} ${sameAs(sender)}`;
}
