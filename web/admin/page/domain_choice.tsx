// One domain to look at alone, where there is more than one.
import type { Domain } from "../model/answers.js";
import { words } from "../words/language.js";
import { may, server, useRows } from "./asking.js";
import { go, route } from "./router.js";

/** Who administers some domains asks for one of them, and never for all there are. */
export function domainAsked(): { readonly domain?: string } {
    const domain = route.value.query["domain"] ?? server.value?.caller.domains[0];
    return domain === undefined || domain === "" ? {} : { domain };
}

export function DomainChoice() {
    const w = words.value;
    const { rows } = useRows<Domain>(may("/domain/list") ? "/domain/list" : undefined, "domains");
    const { domain } = domainAsked();
    if (rows.length < 2) return null;
    return <select aria-label={w.domain} value={domain ?? ""} onChange={(event) => go({ ...route.peek(), query: { ...route.peek().query, domain: event.currentTarget.value } }, "replace")}>
        {server.value!.caller.domains.length === 0 && <option value="">{w.everyDomain}</option>}
        {rows.map(({ name, display }) => <option value={name} key={name} selected={name === domain}>{display}</option>)}
    </select>;
}
