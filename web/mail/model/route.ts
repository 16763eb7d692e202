// What is shown, as an address of the page: Back and Forward, reloading and bookmarks work by it.
import type { Id } from "../../core/jmap/types.js";

export interface Route {
    /** Another's, which shares something; nothing: one's own. */
    readonly account?: Id;
    /** Nothing: the inbox, unless something is searched. */
    readonly mailbox?: Id;
    /** As it was typed. */
    readonly search?: string;
    readonly letter?: Id;
    /** What is written: `new`, or `reply`, `all`, `list`, `forward`, `draft` with `:` and the letter, or a link `mailto:…`. */
    readonly compose?: string;
}

const BASE = "/mail/";
const OTHER = "@"; // before the account of another

export function parseRoute(path: string, query: string): Route {
    const parts = path.startsWith(BASE) ? path.slice(BASE.length).split("/").map(decoded) : [];
    const account = parts[0]?.startsWith(OTHER) === true ? parts.shift()!.slice(OTHER.length) : "";
    const [first = "", second = ""] = parts;
    const asked = new URLSearchParams(query);
    const search = asked.get("q");
    const compose = asked.get("compose");
    const place = first === "search" && search !== null ? { search } : first !== "" && first !== "search" ? { mailbox: first } : {};
    return { ...(account === "" ? {} : { account }), ...place, ...(second === "" ? {} : { letter: second }), ...(compose === null ? {} : { compose }) };
}

export function addressOf(route: Route): string {
    const place = route.search !== undefined ? "search" : route.mailbox ?? "";
    const letter = route.letter === undefined ? "" : `/${encodeURIComponent(route.letter)}`;
    const asked = new URLSearchParams();
    if (route.search !== undefined) asked.set("q", route.search);
    if (route.compose !== undefined) asked.set("compose", route.compose);
    const query = asked.toString();
    const account = route.account === undefined ? "" : `${OTHER}${encodeURIComponent(route.account)}/`;
    return `${BASE}${account}${encodeURIComponent(place)}${place === "" ? "" : letter}${query === "" ? "" : `?${query}`}`;
}

function decoded(part: string): string {
    try {
        return decodeURIComponent(part);
    } catch {
        return "";
    }
}
