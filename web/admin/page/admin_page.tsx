// The frame of all pages: what there is to the left, on a phone behind a button.
import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Menu } from "../../core/page/dialog.js";
import { Icon, IconButton, type IconName } from "../../core/page/icons.js";
import { keyOfPage } from "../../core/page/keys.js";
import { NoticeLine } from "../../core/page/notice_line.js";
import { isSignedIn } from "../../core/page/session.js";
import { LANGUAGES, speak } from "../../core/words/language.js";
import { PAGES, type PageName } from "../model/route.js";
import { words } from "../words/language.js";
import { AccountsPage } from "./accounts.js";
import { AliasesPage } from "./aliases.js";
import { may, server } from "./asking.js";
import { AuditPage } from "./audit.js";
import { BackupsPage } from "./backups.js";
import { BansPage } from "./bans.js";
import { CertificatesPage } from "./certificates.js";
import { DomainsPage } from "./domains.js";
import { LettersPage } from "./letters.js";
import { LogPage } from "./log.js";
import { Overview } from "./overview.js";
import { QueuePage } from "./queue.js";
import { ReportsPage } from "./reports.js";
import { linkTo, route } from "./router.js";
import { ServerPage } from "./server.js";
import { SettingsPage } from "./settings.js";

const SHOWN: { readonly [page in PageName]: { readonly icon: IconName; readonly Page: ComponentType; readonly needs: readonly string[] } } = {
    overview: { icon: "overview", Page: Overview, needs: [] },
    letters: { icon: "route", Page: LettersPage, needs: ["/trace"] },
    queue: { icon: "clock", Page: QueuePage, needs: ["/queue/list"] },
    domains: { icon: "globe", Page: DomainsPage, needs: ["/domain/list"] },
    accounts: { icon: "people", Page: AccountsPage, needs: ["/account/list"] },
    aliases: { icon: "alias", Page: AliasesPage, needs: ["/alias/list"] },
    reports: { icon: "chart", Page: ReportsPage, needs: ["/dmarc/reports", "/tls/reports"] },
    certificates: { icon: "shield", Page: CertificatesPage, needs: ["/certificate/status"] },
    bans: { icon: "block", Page: BansPage, needs: ["/ban/list"] },
    audit: { icon: "list", Page: AuditPage, needs: ["/audit/list", "/audit/own"] },
    log: { icon: "file", Page: LogPage, needs: ["/log"] },
    backups: { icon: "archive", Page: BackupsPage, needs: ["/backup", "/restore/accounts"] },
    settings: { icon: "lock", Page: SettingsPage, needs: ["/settings/show"] },
    server: { icon: "server", Page: ServerPage, needs: ["/status"] },
};

const DAY = 86_400_000;

export function AdminPage({ leave }: { leave(): void }) {
    const w = words.value;
    const [drawer, setDrawer] = useState(false);
    const heading = useRef<HTMLHeadingElement>(null);
    const shown = PAGES.filter((page) => SHOWN[page].needs.length === 0 || SHOWN[page].needs.some(may));
    const { page: asked, query } = route.value;
    const work = useRef<HTMLElement>(null);
    const page = shown.includes(asked) ? asked : "overview";
    const first = useRef(true);
    useEffect(() => {
        document.title = `${w.pageNames[page]} – Tegami`;
        setDrawer(false);
        if (!first.current) heading.current?.focus();
        first.current = false;
    }, [page]);
    useEffect(() => { work.current?.scrollTo(0, 0); }, [page, query]);
    useEffect(() => {
        const pressed = (event: KeyboardEvent) => {
            if (event.key === "Escape") setDrawer(false);
            if (keyOfPage(event) !== "/" || document.querySelector("dialog[open]") !== null) return;
            event.preventDefault();
            work.current?.querySelector<HTMLInputElement>("input[type=search]")?.focus();
        };
        addEventListener("keydown", pressed);
        const again = setInterval(() => void isSignedIn().catch(() => undefined), DAY); // gets a new cookie
        return () => {
            removeEventListener("keydown", pressed);
            clearInterval(again);
        };
    }, []);
    const { Page } = SHOWN[page];
    return <div class={drawer ? "desk drawer-open" : "desk"}>
        <div class="shade" onClick={() => setDrawer(false)} aria-hidden="true" />
        <aside class="sidebar">
            <div class="brand">Tegami <small>{w.administration}</small></div>
            <nav aria-label={w.administration}>
                <ul>{shown.map((one) => <li key={one}><a {...linkTo(one)} class="folder" aria-current={one === page ? "page" : undefined}>
                    <Icon name={SHOWN[one].icon} /><span class="name">{w.pageNames[one]}</span></a></li>)}</ul>
            </nav>
            <a class="folder" href="/mail/"><Icon name="inbox" /><span class="name">{w.toMail}</span></a>
            <Menu label={w.settings} class="account" entries={[
                ...LANGUAGES.map((language) => ({ label: language.ownName, checked: language.language === w.language, run: () => speak(language) })),
                { label: w.signOut, run: leave }]}>
                <span class="account-name">{server.value!.caller.address}</span><Icon name="more" />
            </Menu>
        </aside>
        <main class="work" ref={work}>
            <header class="work-head">
                <IconButton icon="menu" label={w.menu} class="drawer-button" onClick={() => setDrawer(true)} />
                <h1 tabIndex={-1} ref={heading}>{w.pageNames[page]}</h1>
            </header>
            <div class="work-body"><Page key={page} /></div>
        </main>
        <NoticeLine />
    </div>;
}
