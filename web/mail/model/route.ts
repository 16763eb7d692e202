// What is shown, as an address of the page: Back and Forward, reloading and bookmarks work by it.
import type { Id } from "../../core/jmap/types.js";

export interface Route {
    /** Nothing: the inbox, unless something is searched. */
    readonly mailbox?: Id;
    /** As it was typed. */
    readonly search?: string;
    readonly letter?: Id;
    /** What is written: `new`, or `reply`, `all`, `list`, `forward`, `draft` with `:` and the letter, or a link `mailto:…`. */
    readonly compose?: string;
}

const BASE = "/mail/";

export function parseRoute(path: string, query: string): Route {
    const [first = "", second = ""] = path.startsWith(BASE) ? path.slice(BASE.length).split("/").map(decoded) : [];
    const asked = new URLSearchParams(query);
    const search = asked.get("q");
    const compose = asked.get("compose");
    const place = first === "search" && search !== null ? { search } : first !== "" && first !== "search" ? { mailbox: first } : {};
    return { ...place, ...(second === "" ? {} : { letter: second }), ...(compose === null ? {} : { compose }) };
}

export function addressOf(route: Route): string {
    const place = route.search !== undefined ? "search" : route.mailbox ?? "";
    const letter = route.letter === undefined ? "" : `/${encodeURIComponent(route.letter)}`;
    const asked = new URLSearchParams();
    if (route.search !== undefined) asked.set("q", route.search);
    if (route.compose !== undefined) asked.set("compose", route.compose);
    const query = asked.toString();
    return `${BASE}${encodeURIComponent(place)}${place === "" ? "" : letter}${query === "" ? "" : `?${query}`}`;
}

function decoded(part: string): string {
    try {
        return decodeURIComponent(part);
    } catch {
        return "";
    }
}
