import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before } from "node:test";
import { ALICE, barriers, deliver, html, launch, LIMIT, plain, PASSWORD, signIn, test, until, visit, WEB } from "./support.mjs";

let browser;
let page;

before(async () => {
    browser = await launch();
    await deliver([
        plain("The garden", "Hello Alice,\n\nsee https://garden.test/plan.\n\nBob\n-- \nBob\n"),
        plain("お花見", "桜が咲き始めました。今度の土曜日、川沿いの公園でお花見をします。"),
        plain("Re: Minutes", "That is right.\n\nOn Monday Alice wrote:\n> First point\n>> older\n"),
        html("Orchard Weekly", `<body bgcolor="#eef"><h1 style="color:#234;position:fixed">What blooms</h1><p style="height:900px">tall</p><img src="http://track.test/a.gif"><img src="data:image/png;base64,iVBORw0KGgo=" alt="own"></body>`),
        ...Array.from({ length: 40 }, (_, number) => plain(`Number ${number + 1}`, `This is letter ${number + 1}.`, { from: "Library <news@library.test>" })),
    ]);
    page = await visit(browser);
}, LIMIT);

after(async () => {
    await browser?.close();
}, LIMIT);

const row = (on, name) => on.locator(".row").filter({ has: on.getByRole("link", { name }) });
const open = (on, name) => on.getByRole("link", { name }).first().click();

/** For another page of who is signed in. */
const signedIn = async () => ({ storageState: await page.context().storageState() });

/** What a list shows further down. */
async function seek(on, name) {
    await on.getByRole("searchbox").fill(`subject:"${name}"`);
    await on.getByRole("searchbox").press("Enter");
    await on.getByRole("link", { name }).first().waitFor();
}

test("signing in: a wrong password is told, the right one leads to the mail", async () => {
    await signIn(page, ALICE, "wrong");
    await page.getByText("do not match").waitFor();
    await signIn(page);
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    await page.getByText("44 conversations").waitFor();
    assert.equal(await page.locator("a.folder[aria-current=page] .count").textContent(), "44");
    await page.reload();
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
});

test("the list has only rows that are in view, and reaches its end", async () => {
    const rows = page.locator(".row:not(.waiting)");
    await rows.first().waitFor();
    assert.ok((await rows.count()) < 40);
    await page.locator(".rows").evaluate((element) => { element.scrollTop = element.scrollHeight; });
    await page.getByRole("link", { name: /The garden/ }).waitFor();
    assert.equal(await row(page, /The garden/).getAttribute("aria-posinset"), "44");
    assert.match(await page.getByRole("link", { name: /The garden/ }).getAttribute("aria-label"), /^Unread, Bob, The garden, /);
});

test("a letter is read: its links, its signature, its mark", async () => {
    await open(page, /The garden/);
    await page.getByRole("heading", { name: "The garden" }).waitFor();
    assert.equal(await page.locator(".plain-text a").getAttribute("href"), "https://garden.test/plan");
    assert.equal(await page.locator(".plain-text a").getAttribute("rel"), "noopener noreferrer");
    assert.equal((await page.locator(".signature").textContent()).trim(), "-- Bob");
    await until(async () => (await page.locator("a.folder[aria-current=page] .count").textContent()) === "43", "one less is unread");
    assert.deepEqual(await barriers(page), []);
    await page.keyboard.press("u");
    await page.getByText("Choose a letter").waitFor();
    await page.keyboard.press("o");
    await page.getByRole("heading", { name: "The garden" }).waitFor();
    await page.keyboard.press("k");
    await page.getByRole("heading", { name: "お花見" }).waitFor();
    await page.keyboard.press("k");
    await page.getByRole("button", { name: "Show 2 quoted lines" }).click();
    assert.equal(await page.locator(".plain-text blockquote").count(), 3);
    await page.goBack();
    await page.getByText("Choose a letter").waitFor();
});

test("stars, archive, trash, and taking back", async () => {
    await page.goto(WEB);
    await page.getByRole("link", { name: /Number 40/ }).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("s");
    await row(page, /Number 40/).locator(".star.on").waitFor();
    await page.keyboard.press("e");
    await page.getByText("1 letter archived.").waitFor();
    await row(page, /Number 40/).waitFor({ state: "detached" });
    await page.keyboard.press("z");
    await row(page, /Number 40/).locator(".star.on").waitFor();
    await row(page, /Number 39/).locator(".choice").click();
    await row(page, /Number 38/).locator(".choice").click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByText("2 letters moved to Trash.").waitFor();
    await page.locator("a.folder", { hasText: "Trash" }).click();
    await page.getByRole("heading", { name: "Trash" }).waitFor();
    await open(page, /Number 38/);
    await page.getByRole("heading", { name: "Number 38" }).waitFor();
    await page.keyboard.press("#");
    await page.getByRole("dialog", { name: "Delete now" }).getByRole("button", { name: "Delete now" }).click();
    await row(page, /Number 38/).waitFor({ state: "detached" });
    await row(page, /Number 39/).waitFor();
});

test("what was deleted is found for some time, and put back", async () => {
    await page.getByRole("button", { name: "Recently deleted" }).click();
    const dialog = page.getByRole("dialog", { name: "Deleted within 30 days" });
    await dialog.getByText("Number 38").waitFor();
    assert.deepEqual(await barriers(page), []);
    await dialog.getByLabel("Search in these").fill("number 99");
    await dialog.getByText("Nothing was found").waitFor();
    await dialog.getByLabel("Search in these").fill("library number");
    await dialog.getByRole("checkbox", { name: /Number 38/ }).click();
    await dialog.getByRole("button", { name: "Put back" }).click();
    await dialog.getByText("1 letter put back.").waitFor();
    await page.keyboard.press("Escape");
    await row(page, /Number 38/).waitFor();
});

test("the letters of a folder are taken away as a file", async () => {
    await page.locator("li", { has: page.locator("a.folder", { hasText: "Trash" }) }).getByRole("button", { name: "Folder Trash" }).click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "Export as a file" }).click()]);
    assert.equal(download.suggestedFilename(), "Trash.mbox");
    const octets = await readFile(await download.path(), "utf8");
    assert.equal(octets.match(/^From /gm).length, 2);
    assert.match(octets, /Subject: Number 38/);
});

test("all that were found are moved together", async () => {
    await page.getByRole("searchbox").fill('from:library subject:"number 1"');
    await page.getByRole("searchbox").press("Enter");
    await page.getByRole("heading", { name: "Search results" }).waitFor();
    await page.getByRole("checkbox", { name: "Select all" }).click();
    const count = Number(await page.locator(".list-bar .total").textContent());
    assert.equal(count, 11);
    await page.locator(".list-bar").getByRole("button", { name: /Move/ }).click();
    await page.getByRole("menuitem", { name: "Archive" }).click();
    await page.getByText(`${count} letters moved to Archive.`).waitFor();
    await page.locator("a.folder", { hasText: "Archive" }).click();
    await page.getByText(`${count} conversations`).waitFor();
});

test("new mail stands in the list at once", async () => {
    await page.goto(WEB);
    await page.locator(".row:not(.waiting)").first().waitFor();
    await deliver([plain("Just now", "It rains.")]);
    await page.getByRole("link", { name: /Just now/ }).waitFor();
});

test("search: two Japanese characters, operators, the form, and no Enter of a conversion", async () => {
    const box = page.getByRole("searchbox");
    await box.focus();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Input.imeSetComposition", { text: "はなみ", selectionStart: 3, selectionEnd: 3 });
    await devtools.send("Input.dispatchKeyEvent", { type: "rawKeyDown", windowsVirtualKeyCode: 229, key: "Process", code: "Enter" });
    await devtools.send("Input.insertText", { text: "花見" });
    assert.doesNotMatch(page.url(), /search/);
    await box.press("Enter");
    await page.locator(".row mark", { hasText: "花見" }).first().waitFor();
    assert.match(page.url(), /search\?q=/);
    await page.getByRole("button", { name: "Search form" }).click();
    await page.getByLabel("Subject").fill("garden");
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await page.getByRole("link", { name: /The garden/ }).waitFor();
    assert.equal(await box.inputValue(), "subject:garden");
    await page.goBack();
    await page.getByRole("link", { name: /お花見/ }).waitFor();
});

test("HTML: as tall as it is, on its paper, and nothing is fetched for it", async () => {
    await seek(page, "Orchard Weekly");
    await open(page, /Orchard Weekly/);
    await page.getByText("1 picture from elsewhere not loaded").waitFor();
    const frame = page.locator("iframe.letter-frame");
    await until(async () => (await frame.boundingBox()).height > 900, "the frame is as tall as the letter");
    assert.equal(await frame.getAttribute("sandbox"), "allow-same-origin allow-popups allow-popups-to-escape-sandbox");
    const inside = page.frameLocator("iframe.letter-frame");
    assert.equal(await inside.locator("h1").getAttribute("style"), "color:#234");
    assert.match(await inside.locator(".paper").getAttribute("style"), /background-color:#eef/);
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Show as plain text" }).click();
    await page.locator(".plain-text", { hasText: "What blooms" }).waitFor();
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Source" }).click();
    await page.locator("pre.source", { hasText: "Subject: Orchard Weekly" }).waitFor();
    await page.keyboard.press("Escape");
    assert.deepEqual(page.problems, []);
});

test("folders are made, renamed, moved and deleted; letters are dragged into them", async () => {
    await page.goto(WEB);
    await page.getByRole("button", { name: "New folder" }).click();
    await page.getByLabel("Name").fill("Garden & Co");
    assert.deepEqual(await barriers(page), []);
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { name: "Garden & Co" }).waitFor();
    const line = (name) => page.locator(".folder-line", { has: page.locator("a.folder", { hasText: name }) });
    const menu = async (name, entry) => {
        await line(name).hover();
        await line(name).getByRole("button", { name: `Folder ${name}` }).click();
        await page.getByRole("menuitem", { name: entry }).click();
    };
    await menu("Garden & Co", "New folder inside");
    await page.getByLabel("Name").fill("Garden/plum");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("or the name cannot be used").waitFor();
    await page.getByLabel("Name").fill("Plum");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { name: "Plum" }).waitFor();
    await line("Plum").locator("a.depth-1").waitFor();
    await page.locator("a.folder", { hasText: "Inbox" }).click();
    const drag = async (from, to) => { // dropped when the page has seen that it is there
        await from.hover();
        await page.mouse.down();
        await to.hover();
        await to.hover();
        await to.and(page.locator(".over")).waitFor();
        await page.mouse.up();
    };
    await drag(row(page, /Number 37/), line("Plum"));
    await page.getByText("1 letter moved to Plum.").waitFor();
    await row(page, /Number 37/).waitFor({ state: "detached" });
    await row(page, /Number 36/).locator(".choice").click();
    await row(page, /Number 35/).locator(".choice").click();
    await page.locator(".row.chosen").nth(1).waitFor();
    await drag(row(page, /Number 35/), line("Garden & Co"));
    await page.getByText("2 letters moved to Garden & Co.").waitFor();
    await drag(line("Plum"), page.locator(".folders-end"));
    await line("Plum").locator("a.depth-0").waitFor();
    await menu("Plum", "Name and place");
    await page.getByRole("textbox", { name: "Name" }).fill("Pflaume");
    await page.getByLabel("In folder").selectOption({ label: "Garden & Co" });
    await page.getByRole("button", { name: "Save" }).click();
    await line("Pflaume").locator("a.depth-1").waitFor();
    await menu("Garden & Co", "Delete folder");
    await page.getByText("Garden & Co and 1 folder in it will be deleted. 3 letters will be moved to Trash.").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Delete folder" }).click();
    await page.getByText("The folder Garden & Co is deleted.").waitFor();
    await line("Pflaume").waitFor({ state: "detached" });
    await page.locator("a.folder", { hasText: "Trash" }).click();
    await row(page, /Number 37/).waitFor();
    await row(page, /Number 35/).waitFor();
    assert.deepEqual(page.problems, []);
});

test("files with letters come into a folder", async () => {
    await page.goto(WEB);
    const line = page.locator(".folder-line", { has: page.locator("a.folder", { hasText: "Archive" }) });
    await line.hover();
    await line.getByRole("button", { name: "Folder Archive" }).click();
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("menuitem", { name: "Import letters" }).click();
    const letter = (subject) => `From: old@peer.test\nSubject: ${subject}\nDate: Thu, 1 Jan 2015 00:00:00 +0000\n\nOld.\n`;
    await (await chooser).setFiles([{ name: "one.eml", mimeType: "message/rfc822", buffer: Buffer.from(letter("Old letter")) },
        { name: "all.mbox", mimeType: "application/mbox", buffer: Buffer.from(`From x\n${letter("Older letter")}\nFrom y\n${letter("Oldest letter")}\n`) }]);
    await page.getByText("3 letters imported.").waitFor();
    await page.locator("a.folder", { hasText: "Archive" }).click();
    await seek(page, "Oldest letter");
});

test("labels: given, seen, searched for, taken away", async () => {
    await page.goto(WEB);
    await row(page, /Number 34/).locator(".choice").click();
    const labels = page.locator(".list-bar").getByRole("button", { name: "Labels" });
    await labels.click();
    await page.getByRole("menuitemcheckbox", { name: "Work" }).click();
    await row(page, /Number 34/).locator(".label", { hasText: "Work" }).waitFor();
    await labels.click();
    await page.getByRole("menuitem", { name: "Another label" }).click();
    await page.getByLabel("Name").fill("花見");
    await page.getByRole("button", { name: "Add label" }).click();
    await row(page, /Number 34/).locator(".label", { hasText: "花見" }).waitFor();
    await page.getByRole("searchbox").fill("label:花見 label:work");
    await page.getByRole("searchbox").press("Enter");
    await page.getByRole("heading", { name: "Search results" }).waitFor();
    await open(page, /Number 34/);
    await page.locator(".letter-head .label", { hasText: "花見" }).waitFor();
    await page.locator(".reader-bar").getByRole("button", { name: "Labels" }).click();
    await page.getByRole("menuitemcheckbox", { name: "花見" }).click();
    await page.locator(".letter-head .label", { hasText: "花見" }).waitFor({ state: "detached" });
});

test("pictures from elsewhere come through our server when they are wanted, and a list is left in one step", async () => {
    await page.goto(WEB);
    await deliver([html("Spring list", `<p>Spring</p><img src="http://track.test/a.gif?x=1&amp;y=2" alt="plum"><p style="background:url(//track.test/b.png)">b</p>`)
        .replace("MIME-Version", "List-Unsubscribe: <mailto:leave@list.test>, <https://list.test/leave>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\nMIME-Version")]);
    const asked = [];
    await page.route("**/picture?*", (request) => {
        asked.push(new URL(request.request().url()).searchParams.get("url"));
        return request.fulfill({ contentType: "image/gif", body: Buffer.from("R0lGODlhAQABAAAAACw=", "base64") });
    });
    await open(page, /Spring list/);
    await page.getByText("2 pictures from elsewhere not loaded").waitFor();
    assert.equal(await page.getByRole("button", { name: /Always from/ }).count(), 0); // nothing proves who wrote
    assert.deepEqual(asked, []);
    await page.getByRole("button", { name: "Show pictures" }).click();
    await until(() => asked.length === 2, "both are asked for");
    assert.deepEqual(asked.sort(), ["http://track.test/a.gif?x=1&y=2", "https://track.test/b.png"]);
    await page.getByText("not loaded").waitFor({ state: "detached" });
    let answer = 409;
    await page.route("**/unsubscribe", (request) => request.fulfill({ status: answer, contentType: "application/json", body: answer === 204 ? "" : '{"error":"not-signed"}' }));
    const leave = async () => {
        await page.locator(".letter-tools").getByRole("button", { name: "More" }).click();
        await page.getByRole("menuitem", { name: "Unsubscribe" }).click();
        await page.getByRole("dialog").getByRole("button", { name: "Unsubscribe" }).click();
    };
    await leave();
    await page.getByRole("button", { name: "Another way" }).click();
    assert.equal(await page.locator(".composer").getByRole("combobox", { name: "To" }).inputValue(), "leave@list.test");
    await page.locator(".composer").getByRole("button", { name: "Save and close" }).click();
    await page.locator(".composer").waitFor({ state: "detached" });
    answer = 204;
    await leave();
    await page.getByText("has been told that you leave").waitFor();
    await page.unroute("**/picture?*");
    await page.unroute("**/unsubscribe");
});

test("both languages, and the choice is kept", async () => {
    await page.goto(WEB);
    await page.locator(".account .menu-button").click();
    await page.getByRole("menuitemcheckbox", { name: "日本語" }).click();
    await page.getByRole("heading", { name: "受信トレイ" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "受信トレイ" }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "ja");
    await page.locator(".account .menu-button").click();
    await page.getByRole("menuitemcheckbox", { name: "English" }).click();
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
});

test("one's own account: what the server is asked, and what is shown once", async () => {
    await page.goto(WEB);
    let inForce = false;
    const asked = [];
    await page.route("**/account**", (route) => {
        const request = route.request();
        const path = new URL(request.url()).pathname.replace("/account", "");
        const said = request.postDataJSON();
        if (request.method() !== "GET") asked.push(`${request.method()} ${path} ${JSON.stringify(said)}`);
        const answer = { "": { address: ALICE, secondFactor: { inForce, required: false, kinds: [], recoveryCodes: 10 } }, "/sessions": { sessions: [{ id: "S1", since: "2026-11-27", used: "2026-11-27", client: "192.0.2.1", agent: "<img src=x>", current: false }] },
            "/app-passwords": request.method() === "GET" ? { appPasswords: [] } : { id: "A1", name: said?.name, protocols: said?.protocols, secret: "abcd-efgh" }, "/totp": { secret: "JBSWY3DP", uri: "otpauth://totp/x?secret=JBSWY3DP" },
            "/passkeys": { passkeys: [] }, "/totp/confirm": { recoveryCodes: ["1111-2222", "3333-4444"] } }[path];
        if (path === "/totp/confirm" && said.code !== "123456") return route.fulfill({ status: 403, json: { error: "wrong-code" } });
        if (path === "/totp/confirm") inForce = true;
        return answer === undefined ? route.fulfill({ status: 204 }) : route.fulfill({ json: answer });
    });
    await page.locator(".account .menu-button").click();
    await page.getByRole("menuitem", { name: "Your account" }).click();
    const dialog = page.getByRole("dialog", { name: "Your account" });
    const section = (name) => dialog.locator("section", { has: page.getByRole("heading", { name }) });
    await section("signed in").getByText("<img src=x>").waitFor();
    await section("Passwords of mail programs").getByLabel("What is it for?").fill("Phone");
    await section("Passwords of mail programs").getByLabel("What it opens").selectOption("Token: mail by JMAP");
    await section("Passwords of mail programs").getByLabel("Password", { exact: true }).fill("secret");
    await section("Passwords of mail programs").getByRole("button", { name: "Make a password" }).click();
    await dialog.getByText("abcd-efgh").waitFor();
    await dialog.getByText("Authorization: Bearer").waitFor();
    await section("Second factor").getByLabel("Password", { exact: true }).fill("secret");
    await section("Second factor").getByRole("button", { name: "Set up" }).click();
    await dialog.getByRole("img", { name: "QR code" }).waitFor();
    await section("Second factor").getByLabel(/Code of your app/).fill("1");
    await section("Second factor").getByRole("button", { name: "Turn on" }).click();
    await dialog.getByText("That code is wrong").waitFor();
    await section("Second factor").getByLabel(/Code of your app/).fill("123456");
    await section("Second factor").getByRole("button", { name: "Turn on" }).click();
    await dialog.getByText("3333-4444").waitFor();
    assert.deepEqual(await barriers(page), []);
    await dialog.getByRole("button", { name: "I have kept them" }).click();
    await dialog.getByText("10 recovery codes are left").waitFor();
    assert.deepEqual(asked, ['POST /app-passwords {"name":"Phone","password":"secret","protocols":["jmap"]}', 'POST /totp {"password":"secret"}', 'POST /totp/confirm {"code":"1"}', 'POST /totp/confirm {"code":"123456"}']);
    await page.keyboard.press("Escape");
    await page.unroute("**/account**");
});

test("a passkey signs in alone and, when its owner wants that, beside the password, until it is removed", async () => {
    const other = await visit(browser);
    const devtools = await other.context().newCDPSession(other);
    await devtools.send("WebAuthn.enable");
    await devtools.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
    const dialog = other.getByRole("dialog", { name: "Your account" });
    const section = (name) => dialog.locator("section", { has: other.getByRole("heading", { name, exact: true }) });
    const choose = async (item) => {
        await other.locator(".account .menu-button").click();
        await other.getByRole("menuitem", { name: item }).click();
    };
    const inbox = () => other.getByRole("heading", { name: "Inbox" }).waitFor();
    const byPasskey = () => other.getByRole("button", { name: "Sign in with a passkey" }).click();

    await signIn(other, "pia@example.test");
    await inbox();
    await choose("Your account");
    await section("Passkeys").getByLabel("Which device is it on?").fill("Laptop");
    await section("Passkeys").getByLabel("Password", { exact: true }).fill(PASSWORD);
    await section("Passkeys").getByRole("button", { name: "Add a passkey" }).click();
    await section("Passkeys").getByText("Laptop").waitFor();
    assert.deepEqual(await barriers(other), []);
    await other.keyboard.press("Escape");
    await choose("Sign out");
    await byPasskey();
    await inbox();

    await choose("Your account");
    await section("Second factor").getByText("Turn on with your passkeys").click();
    await section("Second factor").getByLabel("Password", { exact: true }).last().fill(PASSWORD);
    await section("Second factor").getByRole("button", { name: "Turn on" }).click();
    await dialog.getByRole("button", { name: "I have kept them" }).click();
    await dialog.getByText("10 recovery codes are left").waitFor();
    await other.keyboard.press("Escape");
    await choose("Sign out");
    await signIn(other, "pia@example.test");
    await other.getByRole("button", { name: "Use a passkey instead" }).click();
    await inbox();

    await choose("Your account");
    await section("Second factor").locator("summary").click();
    await section("Second factor").getByLabel("Password", { exact: true }).last().fill(PASSWORD);
    await section("Second factor").getByRole("button", { name: "Turn off the second factor" }).click(); // the code is left empty
    await section("Second factor").getByText("Turn on with your passkeys").waitFor();
    await section("Passkeys").getByRole("button", { name: "Remove" }).click();
    await other.getByRole("dialog", { name: "Remove" }).getByRole("button", { name: "Remove" }).click();
    await section("Passkeys").getByText("Laptop").waitFor({ state: "detached" });
    await other.keyboard.press("Escape");
    await choose("Sign out");
    await byPasskey();
    await other.getByRole("alert").filter({ hasText: "No passkey was used" }).waitFor();
    assert.deepEqual(other.problems, []);
    await other.context().close();
});

test("an invitation is told in the reader's time and language", async () => {
    await page.goto(WEB);
    await deliver([plain("Plum walk", "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Under the plum tree\nDTSTART:20260401T073000Z\nDTEND:20260401T083000Z\nLOCATION:River bank\nORGANIZER;CN=Markus:mailto:bob@example.test\nUID:walk-1@weber.test\nATTENDEE;CN=Alice:mailto:alice@example.test\nRRULE:FREQ=WEEKLY;BYDAY=WE\nEND:VEVENT\nEND:VCALENDAR")
        .replace("text/plain; charset", "text/calendar; method=REQUEST; charset")]);
    await open(page, /Plum walk/);
    const card = page.getByRole("region", { name: "Invitation" });
    await card.getByText("Under the plum tree").waitFor();
    const said = await card.innerText();
    for (const part of [/Wednesday/, /April/, /every week on Wednesday/, /River bank/, /Markus <bob@example.test>/]) assert.match(said, part);
    await card.getByRole("button", { name: "Maybe" }).click();
    const dialog = page.getByRole("dialog", { name: "Answer the invitation" });
    await dialog.getByText("bob@example.test").waitFor();
    await dialog.getByLabel("A word to the organizer").fill("If it does not rain");
    assert.deepEqual(await barriers(page), []);
    await dialog.getByRole("button", { name: "Send" }).click();
    await page.getByText("The answer is sent.").waitFor();
    await card.getByText("You have said that you may come.").waitFor();
    await page.locator("a.folder", { hasText: "Sent" }).click();
    await open(page, /Tentative: Under the plum tree/);
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Source" }).click();
    await page.getByLabel("Whole letter").check();
    const source = await page.locator("pre.source", { hasText: "METHOD:REPLY" }).textContent();
    for (const part of [/^Content-Type: text\/calendar; method=REPLY/m, /^UID:walk-1@weber.test/m, /PARTSTAT=TENTATIVE[^\n]*:mailto:alice@example.test/, /^COMMENT:If it does not rain/m]) assert.match(source, part);
    await page.keyboard.press("Escape");
});

test("on a phone one thing at a time, and Back goes back", async () => {
    const phone = await visit(browser, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, ...(await signedIn()) });
    await phone.goto(WEB);
    await open(phone, /Just now/);
    await phone.locator(".plain-text", { hasText: "It rains." }).waitFor();
    assert.equal(await phone.locator(".list").isVisible(), false);
    await phone.goBack();
    await phone.locator(".list").waitFor();
    assert.equal(await phone.locator(".reader").isVisible(), false);
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    await phone.getByRole("button", { name: "Folders" }).click();
    await phone.locator("a.folder", { hasText: "Archive" }).click();
    await phone.getByRole("heading", { name: "Archive" }).waitFor();
    assert.deepEqual(await barriers(phone), []);
    assert.deepEqual(phone.problems, []);
});

test("signing out leaves nothing behind", async () => {
    assert.deepEqual(page.problems, []);
    await page.locator(".account .menu-button").click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.locator("input[name=password]").waitFor();
    assert.equal(await page.evaluate(async () => (await fetch("/session")).status), 401);
    assert.equal(await page.evaluate(() => localStorage.getItem("tegami.drafts")), null);
});
