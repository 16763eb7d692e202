// An administrator's day: alice is one, bob is an auditor, and a letter of alice waits for TEGAMI_NOWHERE.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ADMIN, ALICE, barriers, BOB, deliver, launch, PASSWORD, plain, signIn, visit, WEB } from "./support.mjs";

const HOSTILE = "<img src=x onerror=alert(1)>\u202egpj.exe";
const SHOWN = "<img src=x onerror=alert(1)>⟨202E⟩gpj.exe";

const NOWHERE = process.env.TEGAMI_NOWHERE;

let browser;
let page;

before(async () => {
    browser = await launch();
    await deliver([plain("Hello", "Hello"), plain(HOSTILE, "Hello", { from: `"${HOSTILE}" <evil@peer.test>` })]);
    page = await visit(browser);
});

after(async () => {
    await browser?.close();
});

/** Follows a link of the sidebar. */
const to = (on, name) => on.getByRole("navigation", { name: "Administration" }).getByRole("link", { name, exact: true }).click();
const heading = (on, name) => on.getByRole("heading", { name, exact: true }).waitFor();
const told = (on, text) => on.locator(".notice", { hasText: text }).waitFor();
const signedIn = async () => ({ storageState: await page.context().storageState() });

test("signing in leads to the overview: what asks for somebody, and what there is room for", async () => {
    await signIn(page, ALICE, PASSWORD, ADMIN);
    await heading(page, "Overview");
    await page.locator(".tile", { hasText: "Queue" }).getByText(/^[1-9]\d* letters?$/).waitFor();
    await page.locator(".chart svg").first().waitFor();
    for (const name of ["Putting a letter where it belongs", "Commits, until they are durable"]) await page.getByRole("img", { name }).waitFor();
    await page.getByRole("heading", { name: "What waits to be sent" }).waitFor();
    assert.deepEqual(await barriers(page), []);
});

let secret;

test("a domain and an account are added; the account can sign in, and has no part in this", async () => {
    await to(page, "Domains");
    await page.getByRole("button", { name: "Add domain" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Domain").fill("not a domain");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await dialog.getByRole("alert").getByText("not a domain").waitFor();
    assert.deepEqual(await barriers(page), []);
    await dialog.getByLabel("Domain").fill("new.test");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await heading(page, "new.test");
    await page.getByText("Keys that sign its mail").waitFor();
    assert.equal(await dialog.count(), 0);

    await to(page, "Accounts");
    await page.getByRole("link", { name: ALICE }).waitFor();
    await page.getByRole("button", { name: "Add account" }).click();
    await dialog.getByLabel("Address").fill("kim@new.test");
    await dialog.getByLabel("Quota").fill("1.5");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    secret = await dialog.locator(".secret").textContent();
    await dialog.getByRole("button", { name: "Done" }).click();
    await heading(page, "kim@new.test");
    await page.getByText("0 bytes of 1.5 GB").waitFor();

    const kim = await visit(browser);
    await signIn(kim, "kim@new.test", secret);
    await heading(kim, "Inbox");
    assert.equal(await kim.getByRole("link", { name: "Administration" }).count(), 0);
    await kim.goto(ADMIN);
    await heading(kim, "Overview");
    assert.deepEqual(await kim.locator(".sidebar nav .name").allTextContents(), ["Overview", "Letters", "Audit log"]);
    assert.deepEqual(kim.problems, []);

    await page.getByRole("button", { name: "Suspend" }).click();
    await dialog.getByRole("button", { name: "Suspend" }).click();
    await told(page, "is suspended");
    await kim.reload();
    await kim.locator("input[name=password]").waitFor();
    await kim.context().close();
});

test("a letter is found, with its way: what strangers wrote is text", async () => {
    await to(page, "Letters");
    await page.getByLabel("Why did this letter not come?").fill("stranger@peer.test");
    await page.getByLabel("Why did this letter not come?").press("Enter");
    await page.getByRole("row").filter({ hasText: SHOWN }).getByRole("link").first().click();
    await heading(page, SHOWN);
    assert.equal(await page.locator(".branch.good strong").textContent(), ALICE);
    await page.locator(".steps li").getByText(`brought a message “${SHOWN}”`).waitFor();
    assert.deepEqual(await barriers(page), []);
    await page.locator(".account .menu-button").click();
    await page.getByRole("menuitemcheckbox", { name: "日本語" }).click();
    await page.locator(".steps li").getByText("を受け取りました").waitFor();
    await page.locator(".account .menu-button").click();
    await page.getByRole("menuitemcheckbox", { name: "English" }).click();
    await heading(page, "Letters");
});

test("what waits is tried again, stopped and released, and removed after a question", async () => {
    await to(page, "Queue");
    await page.getByRole("link", { name: NOWHERE }).click();
    await page.getByRole("link", { name: `kai@${NOWHERE}` }).click();
    await heading(page, SHOWN);
    await page.getByRole("button", { name: "Try now" }).click();
    await told(page, "1 letter will be tried now");
    await page.getByRole("button", { name: "Hold", exact: true }).click();
    await page.getByRole("dialog").getByLabel("Why").fill("looks odd");
    await page.getByRole("dialog").getByRole("button", { name: "Hold", exact: true }).click();
    await page.locator(".card").getByText("looks odd").waitFor();
    await page.getByRole("button", { name: "Release" }).click();
    await told(page, "Released");
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByText("goes no further").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.goBack();
    await heading(page, NOWHERE);
    await page.goBack();
    await heading(page, "Where letters wait to go");
});

test("the audit log says who did what, and keeps no password", async () => {
    await to(page, "Audit log");
    for (const done of ["Domain added", "Account added", "Account changed", "Letter tried again", "Letters put on hold"]) await page.getByRole("row", { name: new RegExp(done) }).first().waitFor();
    await page.getByRole("row", { name: /Account added.*kim@new\.test/ }).first().getByRole("button").click();
    const shown = page.getByRole("dialog");
    await shown.getByText('"address": "kim@new.test"').waitFor();
    assert.ok(!(await shown.textContent()).includes(secret));
    await page.keyboard.press("Escape");
    await shown.waitFor({ state: "detached" });
});

test("the log is followed as it is written, without subjects", async () => {
    await to(page, "Live log");
    const lines = page.getByRole("list", { name: "Live log" });
    await lines.getByText("mail received").first().waitFor();
    await page.getByLabel("Address").fill("nobody@nowhere.test");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.getByText("Nothing was written that matches.").waitFor();
    await page.getByLabel("Address").fill("stranger@peer.test");
    await page.getByRole("button", { name: "Filter" }).click();
    const received = lines.getByText("mail received");
    await received.first().waitFor();
    const before = await received.count();
    await deliver([plain("A subject of its own", "Hello")]);
    await received.nth(before).waitFor();
    await lines.getByRole("link").first().waitFor();
    assert.ok(!(await lines.textContent()).includes("A subject of its own"));
    assert.deepEqual(await barriers(page), []);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped").waitFor();
});

test("an auditor sees it and is offered nothing to change", async () => {
    const bob = await visit(browser);
    await signIn(bob, BOB, PASSWORD, ADMIN);
    await to(bob, "Accounts");
    await bob.getByRole("link", { name: ALICE }).click();
    await heading(bob, ALICE);
    await bob.getByText("Signed in to the web mail").waitFor();
    for (const name of ["Suspend", "Set password", "Remove", "Change", "End"]) assert.equal(await bob.getByRole("button", { name }).count(), 0, name);
    assert.deepEqual(bob.problems, []);
    await bob.context().close();
});

test("on a phone every page fits, and nothing keeps people out", async () => {
    const phone = await visit(browser, { viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true, ...(await signedIn()) });
    await phone.goto(ADMIN);
    for (const [path, name] of [["", "Overview"], ["letters?q=stranger@peer.test", "Letters"], ["queue", "Queue"], ["domains?domain=new.test", "Domains"], ["accounts", "Accounts"], ["aliases", "Aliases"], ["reports", "Reports"],
        ["certificates", "Certificates"], ["bans", "Refused logins"], ["audit", "Audit log"], ["log", "Live log"], ["backups", "Backups"], ["settings", "Settings"], ["server", "Server"]]) {
        await phone.evaluate((address) => { // as Back does: the page is loaded once
            history.pushState({}, "", address);
            dispatchEvent(new PopStateEvent("popstate"));
        }, ADMIN + path);
        await heading(phone, name);
        await phone.locator(".card").first().waitFor();
        assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, name);
        if (["Letters", "Domains", "Accounts"].includes(name)) assert.deepEqual(await barriers(phone), [], name);
    }
    await phone.getByRole("button", { name: "Menu" }).click();
    await to(phone, "Queue");
    await heading(phone, "Queue");
    assert.deepEqual(phone.problems, []);
    await phone.context().close();
});

test("the web mail leads here, and back", async () => {
    await page.getByRole("link", { name: "Web mail" }).click();
    await heading(page, "Inbox");
    assert.equal(new URL(page.url()).pathname.startsWith(new URL(WEB).pathname), true);
    await page.getByRole("link", { name: "Administration" }).click();
    await heading(page, "Overview");
    assert.deepEqual(page.problems, []);
});
