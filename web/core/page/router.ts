// What a page shows, kept in step with the address and the browser's history.
import { signal, type Signal } from "@preact/signals";

export class Router<Route> {
    readonly route: Signal<Route>;

    constructor(private readonly parse: (path: string, search: string) => Route, private readonly addressOf: (route: Route) => string) {
        this.route = signal(this.read());
        addEventListener("popstate", () => { this.route.value = this.read(); });
    }

    /** Goes somewhere; Back leads here again, unless it takes the place of what is shown. */
    readonly go = (to: Route, how: "push" | "replace" = "push"): void => {
        const address = this.addressOf(to);
        if (address === location.pathname + location.search) return;
        if (how === "push") history.pushState({ depth: depth() + 1 }, "", address);
        else history.replaceState(history.state, "", address);
        this.route.value = to;
    };

    /** Back to where we came from within the page; where we came from elsewhere, to `otherwise`. */
    readonly back = (otherwise: Route): void => {
        if (depth() > 0) history.back();
        else this.go(otherwise, "replace");
    };

    /** Follows a link of ours without loading the page anew; with a key held it is the browser's. */
    readonly follow = (event: MouseEvent, to: Route): void => {
        if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        this.go(to);
    };

    private read(): Route {
        return this.parse(location.pathname, location.search);
    }
}

function depth(): number {
    return (history.state as { depth?: number } | null)?.depth ?? 0;
}
