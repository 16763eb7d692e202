// How a letter says that its list can be left (List-Unsubscribe, RFC 2369 §3.2; in one step, RFC 8058).
import { NoAnswerError, SignedOutError, type Reply } from "../../core/jmap/client.js";
import type { Id } from "../../core/jmap/types.js";
import { post } from "../../core/page/session.js";
import { letterTo } from "../write/mailto.js";

export type Unsubscribe =
    /** The server asks the address with `List-Unsubscribe=One-Click`, after a click and never before. */
    | { readonly kind: "one-click"; readonly address: string }
    | { readonly kind: "letter"; readonly to: string; readonly subject: string; readonly body: string }
    | { readonly kind: "page"; readonly address: string };

const LONGEST = 4_000;
const MOST_WAYS = 10;

/** The best way to leave the list; nothing if there is none that is safe. `post` is List-Unsubscribe-Post. One step is offered only
 *  for letters whose DKIM signature was found valid (RFC 8058 §4): `signed` says so. */
export function unsubscribe(field: string | null, post: string | null, signed: boolean): Unsubscribe | undefined {
    const ways = [...(field ?? "").slice(0, LONGEST).matchAll(/<([^<>]*)>/g)].slice(0, MOST_WAYS)
        .map((match) => match[1]!.replaceAll(/\s+/g, "")); // a folded address has blanks where it was folded
    const page = ways.find((way) => isSafePage(way));
    const oneStep = post?.trim().toLowerCase() === "list-unsubscribe=one-click";
    if (page !== undefined && oneStep && signed && page.toLowerCase().startsWith("https:")) return { kind: "one-click", address: new URL(page).href };
    const letter = ways.map(letterTo).find((found) => found !== undefined);
    if (letter !== undefined) return { kind: "letter", ...letter, subject: letter.subject || "unsubscribe" };
    return page === undefined ? undefined : { kind: "page", address: new URL(page).href };
}

/** Has our server leave the list of a letter (RFC 8058 §3.1). False: it was refused, here or there. Throws what Client throws. */
export async function leaveList(letter: Id): Promise<boolean> {
    let answer: Reply;
    try {
        answer = await post("/unsubscribe", JSON.stringify({ email: letter }));
    } catch (error) {
        throw new NoAnswerError("the server could not be reached", { cause: error });
    }
    if (answer.status === 401) throw new SignedOutError("401");
    return answer.status === 204;
}

/** A page out in the world: no other scheme, no name and password, no address of the inner network as it is written. */
function isSafePage(way: string): boolean {
    let url: URL;
    try {
        url = new URL(way);
    } catch {
        return false;
    }
    if (url.protocol !== "https:" && url.protocol !== "http:") return false;
    if (url.username !== "" || url.password !== "" || (url.port !== "" && url.port !== "80" && url.port !== "443")) return false;
    const host = url.hostname.toLowerCase().replace(/\.$/, "");
    return host.includes(".") && !/^[\d.]+$/.test(host) && !/\.(?:local|localhost|internal|home\.arpa)$/.test(host);
}
