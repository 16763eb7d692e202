// What the server of a small office answers that has run for months, for pictures: a test's own has nothing to show yet.

const NOW = new Date();
const DAY = 86_400_000;
const at = (minutes) => new Date(NOW.getTime() - minutes * 60_000).toISOString().replace(/\.\d+/, "");
const recipient = (address, last_server, last_reply, minutes, attempts = 3) => ({ address, state: "deferred", attempts, last_server, last_reply, last_attempt: at(minutes) });
const entry = (id, created, destination, next, ...recipients) => ({
    id, sender: ["anna@orchard.test", "office@orchard.test", "markus@orchard.test"][id % 3], bytes: 48_213, created: at(created), expires: at(created - 7_200), submitter: "anna@orchard.test", journey: `01a21e${id}`,
    items: [{ number: 1, destination, local: false, next_due: at(-next), attempts: 3, being_sent: false, recipients }] });

/** More by day than by night, less at the weekend. */
function wave(moment, factor) {
    const hour = moment.getHours();
    const day = moment.getDay() % 6 === 0 ? 0.35 : 1;
    return day * factor * (0.12 + Math.max(0, Math.sin(((hour - 6) / 14) * Math.PI)) * (1 + ((hour * 7919) % 5) / 14));
}
const counts = (size, seed) => ({ received: Math.round(size * 46 + (seed % 4)), submitted: Math.round(size * 20), stored: Math.round(size * 60), junk: Math.round(size * 5 + (seed % 2)), relayed: Math.round(size * 19 + (seed % 3)),
    rejected: Math.round(size * 9 + ((seed * 13) % 5)), deferred: Math.round(size), refused: 0 });

const journey = (kind, minutes, ...fields) => ({ journey: "01a21e347fe67rui87pwamjk", time: at(minutes), kind, fields, message_id: "summer.2026@orchard.test" });
const TO = ["bo@orchard.test", "kai@harbour.test", "mia@bakery.test", "leo@gone.test"].map((address) => ["to", address]);

const record = (state, type, name, data, what_for, more = {}) => ({ name, type, data, needed: true, what_for, without: "", state, mail_suffers: false, found: [], words: "", ...more });

const ANSWERS = {
    "/status": () => ({
        version: "0.1.0", host_name: "mail.orchard.test", process: 812, started: at(41 * 1440), connections: 148, connections_max: 10_000, memory_bytes: 412e6, memory_budget: 1.07e9, memory: [{ name: "connections", bytes: 3e6 }, { name: "mailboxes", bytes: 121e6 }, { name: "database cache", bytes: 204e6 }, { name: "the program itself", bytes: 84e6 }], listening: [],
        disk_free_bytes: 182e9, store_bytes: 74e9, queued: 7, queue_oldest: at(310), index_waiting: 0, last_backup: { time: at(9 * 60), folder: "/srv/backup/tegami" },
        certificates: [{ name: "mail.orchard.test", ends: at(-51 * 1440), problem: "", days_left: 51 }], warnings: [] }),
    "/overview": () => ({
        hours: Array.from({ length: 48 }, (_, back) => new Date(Math.floor(NOW.getTime() / 3_600_000) * 3_600_000 - (47 - back) * 3_600_000)).map((moment, seed) => ({ hour: moment.toISOString(), ...counts(wave(moment, 1), seed) })),
        days: Array.from({ length: 90 }, (_, back) => new Date(NOW.getTime() - (89 - back) * DAY)).map((moment, seed) => ({ day: moment.toISOString().slice(0, 10), ...counts(moment.getDay() % 6 === 0 ? 4 : 11, seed) })),
        reasons: [{ status: "5.1.1", count: 412 }, { status: "5.7.25", count: 133 }, { status: "5.7.26", count: 58 }, { status: "5.7.23", count: 21 }], domains: [], machine: { started: at(41 * 1440) },
        queue: { looked_at: 7, more: false, ages: { hour: 1, day: 6, week: 0, older: 0 }, destinations: [{ destination: "bakery.test", count: 4 }, { destination: "harbour.test", count: 2 }, { destination: "fjord.test", count: 1 }] },
        durations: [["delivery", 0, 0, 310, 4_912, 20_330, 8_120, 1_204, 96, 8], ["commit", 0, 0, 2_204, 29_310, 81_402, 14_310, 1_904, 204, 12], ["sync", 0, 1_204, 19_310, 41_402, 9_310, 904, 104, 6], ["imap", 204_311, 60_204, 20_310, 11_402, 6_310, 3_904, 1_104, 606, 41],
            ["jmap", 9_311, 18_204, 14_310, 9_402, 4_310, 1_904, 604, 106, 11]].map(([what, ...counts]) => ({ what, buckets: Array.from({ length: 13 }, (_, number) => ({ count: counts[number] ?? 0, milliseconds: [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000][number] })) })) }),
    "/trace": () => ({ events: [
        journey("submitted", 94, ["account", "anna@orchard.test"], ["client", "198.51.100.24"], ["from", "anna@orchard.test"], ["subject", "Summer party: who brings what"], ["size", "18213"], ...TO),
        journey("queued", 94, ["id", "1795803086822376"], ["recipients", "4"]), journey("stored", 94, ["account", "bo@orchard.test"], ["mailbox", "INBOX"]),
        journey("routed", 94, ["domain", "harbour.test"], ["server", "mx.harbour.test at 203.0.113.9:25"]),
        journey("dialogue", 93.9, ["server", "mx.harbour.test"], ["address", "203.0.113.9"], ["tls", "TLS 1.3"], ["line", "> MAIL FROM:<anna@orchard.test>"], ["line", "< 250 2.1.0 ok"]),
        journey("relayed", 93.9, ["to", "kai@harbour.test"], ["server", "mx.harbour.test"], ["reply", "250 2.0.0 Ok: queued as 4Gk2"]),
        journey("deferred", 93.8, ["to", "mia@bakery.test"], ["server", "mx1.bakery.test"], ["reply", "450 4.2.0 greylisted, try again in five minutes"]),
        journey("refused", 93.5, ["to", "leo@gone.test"], ["server", "mx.gone.test"], ["reply", "550 5.1.1 no such user here"]), journey("bounced", 93.5, ["to", "anna@orchard.test"]),
        journey("retrieved", 71, ["account", "bo@orchard.test"], ["service", "imap"], ["client", "198.51.100.31"]),
        journey("deferred", 63, ["to", "mia@bakery.test"], ["server", "mx1.bakery.test"], ["reply", "451 4.3.2 system not accepting mail, come back later"]) ] }),
    "/queue/holds": () => ({ destinations: [] }),
    "/queue/list": () => ({ entries: [
        ...[11, 12, 13, 14].map((id) => entry(id, 60 + id * 9, "bakery.test", 12 + id, recipient("mia@bakery.test", "mx1.bakery.test", "451 4.3.2 system not accepting mail, come back later", 20 + id))),
        ...[21, 22].map((id) => entry(id, 310, "harbour.test", 44, recipient("kai@harbour.test", "mx.harbour.test", "452 4.2.2 mailbox is over its quota", 16))),
        entry(31, 25, "fjord.test", 5, recipient("ola@fjord.test", "mx.fjord.test", "4.4.1 no answer from 203.0.113.77 within 30 seconds", 10, 1)) ] }),
    "/domain/show": () => ({ name: "orchard.test", display: "orchard.test", catch_all: null, subaddress_separator: "+", mta_sts: "testing", accounts: 42, aliases: 17 }),
    "/dns/check": () => ({ mail_suffers: false, records: [
        record("right", "MX", "orchard.test", "10 mail.orchard.test", "Other servers find by it which one takes the domain's mail."), record("right", "A", "mail.orchard.test", "203.0.113.5", "Leads to this server."),
        record("right", "TXT", "orchard.test", "v=spf1 mx ~all", "SPF: who may send in the domain's name: the servers that take its mail (mx). Who else sends for you, such as a newsletter service, is added before ~all."),
        record("missing", "TXT", "_smtp._tls.orchard.test", "v=TLSRPTv1; rua=mailto:tls-reports@orchard.test", "TLS-RPT: other servers report once a day whether their connections to yours were encrypted; this server sums it up (tegami tls reports).", { needed: false }),
        record("right", "TXT", "t2026b._domainkey.orchard.test", "v=DKIM1; k=ed25519; p=Fk7yD0h2vYwq1mC4", "DKIM: the ed25519 key that signs the domain's mail."), record("right", "TXT", "_dmarc.orchard.test", "v=DMARC1; p=quarantine; rua=mailto:dmarc-reports@orchard.test", "") ] }),
    "/dkim/list": () => ({ domains: [{ keys: [
        { selector: "t2026b", kind: "ed25519", state: "signing", since: at(60 * 1440), until: at(-120 * 1440), usable: true, name: "", text: "v=DKIM1; k=ed25519; p=Fk7yD0h2vYwq1mC4" },
        { selector: "t2026b-rsa", kind: "rsa", state: "signing", since: at(60 * 1440), until: at(-120 * 1440), usable: true, name: "", text: "v=DKIM1; p=MIIB" }] }] }),
    "/domain/list": () => ({ domains: [{ name: "orchard.test", display: "orchard.test", catch_all: null, subaddress_separator: "+", mta_sts: "testing" }] }),
    "/dmarc/reports": () => ({ domains: [{ domain: "orchard.test", display: "orchard.test", reports: 61, letters: 4_812, passed: 4_655, failed: 157, quarantined: 12, rejected: 131, letters_of_other_hosts: 0,
        reporters: [{ organization: "mail.fjord.test" }, { organization: "Harbour Post" }, { organization: "bakery.test" }], hosts: [["203.0.113.5", "mail.orchard.test", 4_402, 0], ["192.0.2.140", "out3.newsletter.test", 253, 0],
            ["198.51.100.201", null, 0, 96], ["192.0.2.77", "host77.cheap.test", 0, 43], ["198.51.100.9", null, 0, 18]].map(([address, name, passed, failed]) => ({ address, name, letters: passed + failed, passed, failed })) }] }),
    "/tls/reports": () => ({ domains: [{ domain: "orchard.test", display: "orchard.test", reports: 28, succeeded: 1_391, failed: 0, failures: [], reporters: [{ organization: "mail.fjord.test" }, { organization: "Harbour Post" }] }] }),
};

const MORE = ["/queue/hold", "/queue/release", "/queue/bounce", "/settings/show", "/account/list", "/alias/list", "/certificate/status", "/ban/list", "/audit/list", "/backup", "/queue/show", "/queue/retry", "/queue/remove", "/domain/add", "/domain/set", "/domain/remove", "/dkim/rotate", "/dns/records"];

/** From now on a page has these answers. */
export async function moveIn(page) {
    await page.route("**/api", (route) => route.fulfill({ json: { caller: { address: "anna@orchard.test", role: "administrator", domains: [] }, operations: [...Object.keys(ANSWERS), ...MORE].map((name) => ({ name })) } }));
    await page.route("**/api/**", (route) => {
        const name = new URL(route.request().url()).pathname.slice("/api".length);
        return route.fulfill(ANSWERS[name] === undefined ? { status: 404, json: { error: "not in the pictures" } } : { json: ANSWERS[name]() });
    });
}
