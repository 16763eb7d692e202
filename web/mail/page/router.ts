// The route that is shown.
import { Router } from "../../core/page/router.js";
import { addressOf, parseRoute, type Route } from "../model/route.js";

const router = new Router<Route>(parseRoute, addressOf);
export const { route, go, back, follow } = router;

/** The route without what is written over it. */
export function withoutCompose({ compose: _, ...rest }: Route): Route {
    return rest;
}

export function withoutLetter({ letter: _, ...rest }: Route): Route {
    return withoutCompose(rest);
}

/** A link that asks for a letter opens it here. */
export function followMailto(event: MouseEvent): void {
    const link = (event.target as Element).closest("a")?.getAttribute("href") ?? "";
    if (!/^mailto:/i.test(link)) return;
    event.preventDefault();
    go({ ...route.peek(), compose: link.replace(/^mailto/i, "mailto") });
}
