// Where a link really leads, for one whose words name another place, and who wrote, for a name that is another address.
import type { Address } from "../write/address.js";
import { printable } from "../../core/text/printable.js";

const HOST = /^\s*(?:https?:\/\/)?(?:[^\s/@]*@)?((?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}{2,})(?::\d+)?(?:[/?#]\S*)?\s*$/iu;

/** The host that a link leads to where its words are the address of another; nothing otherwise. */
export function misleads(words: string, address: string): string | undefined {
    const named = HOST.exec(words.normalize("NFKC"))?.[1]?.toLowerCase();
    if (named === undefined || words.length > 500) return undefined;
    let host: string;
    try {
        host = new URL(address).hostname.toLowerCase();
    } catch {
        return undefined;
    }
    const own = asciiHost(named);
    return host === "" || own === undefined || same(own, host) ? undefined : host;
}

/** A person's name as it is shown: an address that is not his own is no name. */
export function shownName({ name, email }: Address): string {
    const plain = printable(name ?? "");
    const claimed = /[^\s<>"'()]+@[^\s<>"'()]+\.[^\s<>"'()]+/u.exec(plain.normalize("NFKC"))?.[0].toLowerCase();
    return claimed !== undefined && claimed !== email.toLowerCase() ? "" : plain;
}

function same(a: string, b: string): boolean {
    return a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`);
}

/** As the DNS has it; nothing where it is none, as of `readme.txt`. */
function asciiHost(host: string): string | undefined {
    if (/\.(?:txt|pdf|html?|docx?|xlsx?|zip|png|jpe?g|gif|js|py|md|exe)$/.test(host)) return undefined;
    try {
        return new URL(`https://${host}/`).hostname;
    } catch {
        return undefined;
    }
}
