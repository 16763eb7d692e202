// The web mail without connection, and with its worker: what is kept, what waits, what is forgotten, notifications.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before } from "node:test";
import { barriers, BOB, deliver, launch, LIMIT, plain, signIn, test, UMEKO, UMEKO_PASSWORD, until, visit, WEB } from "./support.mjs";

let browser;
let page;

// A text in an old charset ("sea", in kanji), and an enclosed letter that praises itself.
const withFiles = ["", "Content-Type: text/plain\n\nBring a hat.", 'Content-Type: text/plain; charset=iso-2022-jp; name=words.txt\nContent-Disposition: attachment; filename=words.txt\n\n\u001b$B3$\u001b(B.',
    `Content-Type: message/rfc822\nContent-Disposition: attachment\n\nFrom: Captain <captain@peer.test>\nTo: crew@peer.test\nSubject: The tide\nAuthentication-Results: mail.example.test; dmarc=pass header.from=peer.test\nContent-Type: text/html\n\n<p>At <b>six</b>.<img src="http://track.test/tide.gif">`]
    .join("\n--b\n") + "\n--b--";

before(async () => {
    browser = await launch({ whole: true });
    await deliver([plain("A day by the sea", withFiles).replace("text/plain; charset=utf-8", "multipart/mixed; boundary=b"), plain("Never opened", "Nobody reads this.\n")], UMEKO);
    page = await visit(browser, { serviceWorkers: "allow", permissions: ["notifications"] });
    await signIn(page, UMEKO, UMEKO_PASSWORD);
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    await page.evaluate(() => navigator.serviceWorker.ready);
}, LIMIT);

after(async () => {
    await browser?.close();
}, LIMIT);

const row = (name) => page.locator(".row").filter({ has: page.getByRole("link", { name }) });
const open = (name) => page.getByRole("link", { name }).first().click();
const offline = () => page.getByText("No connection since");

/** What the server says, asked from the page. */
const ask = (method, args) => page.evaluate(async ([name, given]) => {
    const account = Object.keys((await (await fetch("/jmap/session")).json()).accounts)[0];
    return (await (await fetch("/jmap/api/", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({
        using: ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"], methodCalls: [[name, { accountId: account, ...given }, "0"]] }) })).json()).methodResponses[0][1];
}, [method, args]);

test("without connection what was read is there, and what is done and written waits", async () => {
    await open(/A day by the sea/);
    await page.locator(".plain-text", { hasText: "Bring a hat." }).waitFor();
    const file = (name) => page.getByRole("button", { name: `Show ${name}` });
    await file("words.txt").click();
    await page.getByRole("dialog", { name: "words.txt" }).getByText("海.").waitFor();
    assert.deepEqual(await barriers(page), []);
    await page.keyboard.press("Escape");
    await file("Enclosed letter").click();
    const enclosed = page.getByRole("dialog", { name: "Enclosed letter" });
    await enclosed.getByRole("heading", { name: "The tide" }).waitFor();
    await enclosed.frameLocator("iframe").locator("b", { hasText: "six" }).waitFor();
    await enclosed.getByText("1 picture from elsewhere not loaded").waitFor();
    assert.equal(await enclosed.locator(".verdict, .blocked button").count(), 0);
    await page.keyboard.press("Escape");
    await until(() => page.evaluate(async () => navigator.serviceWorker.controller !== null && (await caches.keys()).length > 0), "the worker has the page");
    await page.goto(WEB);
    await row(/Never opened/).waitFor();
    await page.context().setOffline(true);
    await page.reload();
    await row(/A day by the sea/).waitFor();
    await offline().waitFor();
    await open(/Never opened/);
    await page.getByText("has not been read on this device").waitFor();
    await open(/A day by the sea/);
    await page.locator(".plain-text", { hasText: "Bring a hat." }).waitFor();
    await file("words.txt").click();
    await page.getByRole("dialog", { name: "words.txt" }).getByText("海.").waitFor();
    await page.keyboard.press("Escape");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /Download words.txt/ }).click()]);
    assert.match(await readFile(await download.path(), "latin1"), /^\x1b\$B3\$\x1b\(B\.$/m);
    await page.keyboard.press("s");
    await row(/A day by the sea/).locator(".star.on").waitFor();
    await page.keyboard.press("e");
    await row(/A day by the sea/).waitFor({ state: "detached" });
    await page.getByText("2 changes wait").waitFor();
    await page.goto(WEB);
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    await page.keyboard.press("c");
    const composer = page.locator(".composer");
    await composer.getByRole("combobox", { name: "To" }).fill(BOB);
    await composer.getByLabel("Subject").fill("Written at sea");
    await composer.getByLabel("Text").fill("It waves.");
    await composer.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByText("will be sent when there is a connection").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Waiting for a connection" }).click();
    const waiting = page.getByRole("dialog", { name: "Waiting for a connection" });
    await waiting.getByText("Written at sea").waitFor();
    assert.deepEqual(await barriers(page), []);
    await waiting.getByRole("button", { name: "Edit" }).click();
    assert.equal(await composer.getByLabel("Text").inputValue(), "It waves.");
    await composer.getByLabel("Text").fill("It waves still.");
    await composer.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByText("will be sent when there is a connection").waitFor();
    await page.context().setOffline(false);
    await offline().waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Waiting for a connection" }).waitFor({ state: "detached" });
    const { ids } = await ask("Email/query", { filter: { subject: "Written at sea" } });
    assert.equal(ids.length, 1);
    const { list } = await ask("Email/get", { ids, properties: ["mailboxIds", "keywords", "preview"] });
    const { list: mailboxes } = await ask("Mailbox/get", { properties: ["role"] });
    const role = (email) => mailboxes.find(({ id }) => id in email.mailboxIds).role;
    assert.deepEqual([role(list[0]), list[0].keywords, list[0].preview], ["sent", { $seen: true }, "It waves still."]);
    const { ids: moved } = await ask("Email/query", { filter: { subject: "A day by the sea" } });
    const there = async () => (await ask("Email/get", { ids: moved, properties: ["mailboxIds", "keywords"] })).list[0];
    await until(async () => role(await there()) === "archive", "the letter is moved");
    assert.deepEqual((await there()).keywords, { $flagged: true, $seen: true });
    assert.deepEqual(page.problems, []);
});

test("a server that cannot answer at first is asked again, and the page says so", async () => {
    const other = await visit(browser, { storageState: await page.context().storageState() });
    let asked = 0;
    await other.route("**/jmap/api/", (route) => { asked += 1; return route.fulfill({ status: 503, headers: { "Retry-After": "1" }, json: {} }); });
    await other.goto(WEB);
    await other.getByText("cannot answer now").waitFor();
    assert.deepEqual(await barriers(other), []);
    const before = asked;
    await other.getByRole("button", { name: "Try again" }).click();
    await until(() => asked > before, "it is asked at once");
    await other.unroute("**/jmap/api/");
    await other.getByRole("heading", { name: "Inbox" }).waitFor();
    await other.getByRole("link", { name: /Never opened/ }).waitFor();
    assert.deepEqual(other.problems, []);
    await other.context().close();
});

test("notifications: turned on, verified, shown with sender and subject, and they lead to the letter", async () => {
    // The server's and the browser's side of push are elsewhere: what the page asks of both is looked at, and what the worker is told comes by the browser's own tools.
    const asked = [];
    const vapid = "urn:ietf:params:jmap:webpush-vapid";
    const session = await page.evaluate(async () => (await fetch("/jmap/session")).json());
    await page.route("**/jmap/session", (route) => route.fulfill({ json: { ...session, capabilities: { ...session.capabilities, [vapid]: { applicationServerKey: "BKey" } } } }));
    await page.context().route("**/jmap/api/", async (route) => {
        const { methodCalls: [[name, args, id]] } = route.request().postDataJSON();
        if (!name.startsWith("PushSubscription/")) return route.fallback();
        asked.push(args);
        return route.fulfill({ json: { sessionState: "s", methodResponses: [[name, { created: { device: { id: "P1" } }, updated: { P1: null } }, id]] } });
    });
    await page.addInitScript(() => {
        PushManager.prototype.subscribe = async (wanted) => ({ toJSON: () => ({ endpoint: "https://push.test/1", keys: { p256dh: "BPublic", auth: wanted.applicationServerKey } }) });
    });
    await page.goto(WEB);
    await row(/Never opened/).waitFor();
    const setting = () => page.getByRole("menuitemcheckbox", { name: "Notifications on this device" });
    await page.locator(".account .menu-button").click();
    await setting().click();
    await until(() => asked.length === 1, "a subscription is made");
    const { deviceClientId, ...made } = asked[0].create.device;
    assert.deepEqual(made, { url: "https://push.test/1", keys: { p256dh: "BPublic", auth: "BKey" }, types: ["EmailDelivery"] });
    assert.match(deviceClientId, /^[0-9a-f-]{36}$/);
    const devtools = await page.context().newCDPSession(page);
    const registrations = [];
    devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations: all }) => registrations.push(...all));
    await devtools.send("ServiceWorker.enable");
    await until(() => registrations.length > 0, "the worker is known");
    const push = (said) => devtools.send("ServiceWorker.deliverPushMessage", { origin: new URL(WEB).origin, registrationId: registrations[0].registrationId, data: JSON.stringify(said) });
    await deliver([plain("=?utf-8?q?The_plums_are_ripe=E2=80=AE!?=", "Come.", { from: "Hana Yamada <hana@yamada.test>" })], UMEKO);
    await devtools.send("Emulation.setFocusEmulationEnabled", { enabled: false });
    const away = await page.context().newPage();
    await away.goto("about:blank");
    await away.bringToFront(); // the mail is behind it
    await until(() => page.evaluate(() => !document.hasFocus()), "the mail has no focus");
    await push({ "@type": "StateChange", changed: { A: { EmailDelivery: "2" } } });
    const shown = () => page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body, data }) => ({ title, body, data })));
    await until(async () => (await shown()).length > 0, "a notification is shown");
    const [notification, ...more] = await shown();
    assert.deepEqual([more.length, notification.title, notification.body], [0, "Hana Yamada", "The plums are ripe!"]);
    const [worker] = page.context().serviceWorkers();
    await worker.evaluate(async () => {
        const [notification] = await self.registration.getNotifications();
        self.dispatchEvent(new NotificationEvent("notificationclick", { notification })); // no person has pressed it: the page is told, but may not come to the front
    });
    await page.getByRole("heading", { name: "The plums are ripe!" }).waitFor();
    await away.close();
    await page.locator(".account .menu-button").click();
    assert.equal(await setting().getAttribute("aria-checked"), "true");
    await setting().click();
    await until(() => asked.some(({ destroy }) => destroy?.[0] === "P1"), "the subscription is ended");
    await page.context().unroute("**/jmap/api/");
    await page.unroute("**/jmap/session");
});

test("nothing is kept of who has signed out, here or on the server, and nothing is shown of another", async () => {
    const kept = () => page.evaluate(async () => (await indexedDB.databases()).length);
    await page.goto(WEB);
    await row(/Never opened/).waitFor();
    assert.equal(await kept(), 1);
    await page.evaluate(async () => { await fetch("/session", { method: "DELETE" }); });
    await page.reload();
    await page.locator("input[name=password]").waitFor();
    assert.equal(await kept(), 0);
    await signIn(page, BOB);
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    await page.context().setOffline(true);
    await page.locator(".account .menu-button").click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.locator("input[name=password]").waitFor();
    assert.equal(await kept(), 0);
    await page.reload();
    await page.locator("input[name=password]").waitFor();
    await page.context().setOffline(false);
    await page.reload();
    await page.locator("input[name=password]").waitFor();
    assert.equal(await page.evaluate(async () => (await fetch("/session")).status), 401);
});

test("a new version takes over, and nothing that is written is lost", async () => {
    await signIn(page, UMEKO, UMEKO_PASSWORD);
    await row(/Never opened/).waitFor();
    await page.keyboard.press("c");
    await page.locator(".composer").getByLabel("Text").fill("Half a letter");
    await page.evaluate(() => { // another script is another version
        const policy = trustedTypes.createPolicy("dompurify", { createScriptURL: (address) => address });
        return navigator.serviceWorker.register(policy.createScriptURL("/mail/worker.js?another"), { scope: "/mail/" });
    });
    await page.getByText("There is a new version of this page.").waitFor();
    assert.equal(await page.locator(".composer").getByLabel("Text").inputValue(), "Half a letter");
    await page.getByRole("button", { name: "Load it" }).click();
    await page.locator(".composer").getByLabel("Text").waitFor();
    assert.equal(await page.locator(".composer").getByLabel("Text").inputValue(), "Half a letter");
    await page.locator(".composer").getByRole("button", { name: "Discard" }).click();
    await page.locator(".composer").waitFor({ state: "detached" });
});
