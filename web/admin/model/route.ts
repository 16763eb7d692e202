// What the administration shows, as an address: /admin/accounts?address=anna@example.org

/** In the order of the sidebar. */
export const PAGES = ["overview", "letters", "queue", "domains", "accounts", "aliases", "reports", "certificates", "bans", "audit", "log", "backups", "settings", "server"] as const;
export type PageName = (typeof PAGES)[number];

export interface Route {
    readonly page: PageName;
    readonly query: { readonly [name: string]: string };
}

const BASE = "/admin/";

export function addressOf({ page, query }: Route): string {
    const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
    return `${BASE}${page === "overview" ? "" : page}${search === "" ? "" : `?${search}`}`;
}

/** An address that is none of ours is the overview. */
export function parseRoute(path: string, search: string): Route {
    const name = path.slice(BASE.length).split("/")[0]!;
    const page = name === "" ? "overview" : PAGES.find((one) => one === name);
    return page === undefined ? { page: "overview", query: {} } : { page, query: Object.fromEntries(new URLSearchParams(search)) };
}
