// The route that is shown, kept in step with the browser's history.
import { signal } from "@preact/signals";
import { addressOf, parseRoute, type Route } from "../model/route.js";

export const route = signal<Route>(read());

/** Goes somewhere; Back leads here again, unless it takes the place of what is shown. */
export function go(to: Route, how: "push" | "replace" = "push"): void {
    const address = addressOf(to);
    if (address === location.pathname + location.search) return;
    if (how === "push") history.pushState({ depth: depth() + 1 }, "", address);
    else history.replaceState(history.state, "", address);
    route.value = to;
}

/** Back to where we came from within the page; where we came from elsewhere, to `otherwise`. */
export function back(otherwise: Route): void {
    if (depth() > 0) history.back();
    else go(otherwise, "replace");
}

/** The route without what is written over it. */
export function withoutCompose({ compose: _, ...rest }: Route): Route {
    return rest;
}

export function withoutLetter({ letter: _, ...rest }: Route): Route {
    return withoutCompose(rest);
}

/** Follows a link of ours without loading the page anew; with a key held it is the browser's. */
export function follow(event: MouseEvent, to: Route): void {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
}

addEventListener("popstate", () => { route.value = read(); });

/** A link that asks for a letter opens it here. */
export function followMailto(event: MouseEvent): void {
    const link = (event.target as Element).closest("a")?.getAttribute("href") ?? "";
    if (!/^mailto:/i.test(link)) return;
    event.preventDefault();
    go({ ...route.peek(), compose: link.replace(/^mailto/i, "mailto") });
}

function depth(): number {
    return (history.state as { depth?: number } | null)?.depth ?? 0;
}

function read(): Route {
    return parseRoute(location.pathname, location.search);
}
