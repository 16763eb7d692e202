import { Router } from "../../core/page/router.js";
import { addressOf, parseRoute, type PageName, type Route } from "../model/route.js";

const router = new Router<Route>(parseRoute, addressOf);
export const { route, go, follow } = router;

/** A link to a page of ours. */
export function linkTo(page: PageName, query: Route["query"] = {}) {
    const to = { page, query };
    return { href: addressOf(to), onClick: (event: MouseEvent) => follow(event, to) };
}
