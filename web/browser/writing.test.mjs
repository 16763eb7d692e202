// Letters are written: plain, with formats, answered, sent now and later.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { barriers, BOB, deliver, launch, LIMIT, plain, signIn, test, UMEKO, UMEKO_PASSWORD, until, visit, WEB } from "./support.mjs";

let browser;
let page;

before(async () => {
    browser = await launch();
    await deliver([plain("The garden", "Hello,\n\nsee https://garden.test/plan.\n\nBob\n-- \nBob\n"),
        plain("A file", "the plan", { fields: "Content-Disposition: attachment; filename=plan.txt\n" })], UMEKO);
    page = await visit(browser);
    await signIn(page, UMEKO, UMEKO_PASSWORD);
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
}, LIMIT);

after(async () => {
    await browser?.close();
}, LIMIT);

const open = (on, name) => on.getByRole("link", { name }).first().click();

test("a letter is written, kept as a draft, taken back, and sent", async () => {
    await page.goto(WEB);
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    await page.keyboard.press("c");
    const composer = page.locator(".composer");
    await composer.getByRole("combobox", { name: "To" }).fill(BOB);
    await composer.getByLabel("Subject").fill("お返事 & more");
    await composer.getByLabel("Text").fill("Attached is the plan.\n.\n梅の花");
    await composer.getByText("Saved", { exact: true }).waitFor();
    assert.deepEqual(await barriers(page), []);
    await composer.getByRole("button", { name: "Save and close" }).click();
    await page.locator("a.folder", { hasText: "Drafts" }).click();
    await open(page, /お返事 & more/);
    await composer.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByText("speaks of an attachment").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await composer.locator("input[type=file]").setInputFiles({ name: "計画.txt", mimeType: "text/plain", buffer: Buffer.from("the plan") });
    await composer.locator(".files .file-size").waitFor();
    await composer.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("is a draft again").waitFor();
    await composer.getByLabel("Text").waitFor();
    assert.equal(await composer.getByLabel("Text").inputValue(), "Attached is the plan.\n.\n梅の花");
    assert.equal(await composer.locator(".files .file-name").textContent(), "計画.txt");
    await composer.getByRole("combobox", { name: "To" }).fill(UMEKO);
    await composer.getByRole("button", { name: "Send", exact: true }).click({ timeout: 3_000 }); // what was told covers no button
    await page.getByText("The letter is sent.").waitFor();
    await page.locator("a.folder", { hasText: "Sent" }).click();
    await open(page, /お返事 & more/);
    await page.getByRole("link", { name: /Download 計画.txt/ }).waitFor();
});

test("a letter with formats: typed, pasted, undone, as plain text and back, with a picture and a signature", async () => {
    await page.goto(WEB);
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    await page.locator(".account .menu-button").click();
    await page.getByRole("menuitem", { name: "Names and signatures" }).click();
    await page.getByRole("textbox", { name: "Signature" }).fill("Alice\nin the garden");
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("c");
    const composer = page.locator(".composer");
    await composer.getByRole("combobox", { name: "To" }).fill(UMEKO);
    await composer.getByLabel("Subject").fill("With formats");
    assert.equal(await composer.getByLabel("Text").inputValue(), "\n\n-- \nAlice\nin the garden");
    await composer.getByRole("button", { name: "Formats", exact: true }).click();
    const text = composer.locator(".rich");
    await text.getByText("in the garden").waitFor();
    await text.click({ position: { x: 30, y: 20 } });
    await page.keyboard.type("Plain, ");
    await composer.getByRole("button", { name: "Bold" }).click();
    await page.keyboard.type("bold");
    await composer.getByRole("button", { name: "Bold" }).click();
    const paste = (type, data) => text.evaluate((element, [kind, given]) => {
        const transfer = new DataTransfer();
        if (kind === "file") transfer.items.add(new File([Uint8Array.from(atob(given), (one) => one.charCodeAt(0))], "dot.gif", { type: "image/gif" }));
        else transfer.setData(kind, given);
        element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
    }, [type, data]);
    await paste("text/html", `<div style="position:fixed" onclick="alert(1)">pasted <em>text</em><img src="http://track.test/p.gif" onerror="alert(1)"><script>alert(1)</script><a href="javascript:alert(1)">link</a><ul><li>one</li></ul></div>`);
    await text.locator("li", { hasText: "one" }).waitFor();
    assert.equal(await text.locator(":is([style], [onclick], img, script, a)").count(), 0);
    await page.keyboard.press("Control+z");
    await text.locator("li").waitFor({ state: "detached" });
    await text.locator("b", { hasText: "bold" }).waitFor();
    await page.keyboard.press("Control+y");
    await text.locator("li", { hasText: "one" }).waitFor();
    await paste("file", "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");
    await text.locator("img").waitFor();
    await composer.getByRole("button", { name: "Link" }).click();
    await page.getByLabel("Address").fill("https://garden.test/plum");
    await page.keyboard.press("Enter"); // is the dialog's, and sends nothing
    await text.locator("a[href='https://garden.test/plum']").waitFor();
    await composer.getByText("Saved", { exact: true }).waitFor();
    await page.emulateMedia({ colorScheme: "dark" });
    assert.deepEqual(await barriers(page), []);
    await page.emulateMedia({ colorScheme: "light" });
    await composer.getByRole("button", { name: "Save and close" }).click();
    await page.locator("a.folder", { hasText: "Drafts" }).click();
    await open(page, /With formats/);
    await text.locator("b", { hasText: "bold" }).waitFor();
    await text.locator("img").waitFor();
    await composer.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByText("The letter is sent.").waitFor();
    await page.locator("a.folder", { hasText: "Sent" }).click();
    await open(page, /With formats/);
    const inside = page.frameLocator("iframe.letter-frame").first();
    await inside.locator("b", { hasText: "bold" }).waitFor();
    await until(() => inside.locator("img").evaluate((element) => element.naturalWidth === 1), "the picture is there");
    await page.getByRole("button", { name: "More" }).last().click();
    await page.getByRole("menuitem", { name: "Show as plain text" }).click();
    await page.locator(".plain-text", { hasText: "Plain, bold" }).waitFor();
    await page.keyboard.press("r");
    await text.waitFor();
    await composer.getByRole("button", { name: "Show the quoted letter" }).click();
    await text.locator("blockquote b", { hasText: "bold" }).waitFor();
    await composer.getByRole("button", { name: "Formats", exact: true }).click();
    assert.match(await composer.getByLabel("Text").inputValue(), /-- \nAlice\nin the garden\n+.*wrote:\n> Plain, boldpasted text/s);
    await composer.getByRole("button", { name: "Discard" }).click();
    await composer.waitFor({ state: "detached" });
    assert.deepEqual(page.problems, []);
});

test("a letter waits until its time, and is taken back to be changed", async () => {
    await page.goto(WEB);
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    await page.keyboard.press("c");
    const composer = page.locator(".composer");
    await composer.getByRole("combobox", { name: "To" }).fill(BOB);
    await composer.getByLabel("Subject").fill("For another day");
    await composer.getByRole("button", { name: "Send later" }).click();
    await page.getByRole("menuitem", { name: "Another time" }).click();
    await page.getByLabel("When").fill("2020-01-01T08:00");
    await page.getByRole("dialog", { name: "Send later" }).getByRole("button", { name: "Send later" }).click();
    await page.getByText("from now on, at most 30 days").waitFor();
    const day = await page.evaluate(() => new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10));
    await page.getByLabel("When").fill(`${day}T08:00`);
    await page.getByRole("dialog", { name: "Send later" }).getByRole("button", { name: "Send later" }).click();
    await page.getByText("The letter goes on").waitFor();
    await page.getByRole("button", { name: "To be sent later" }).click();
    const waiting = page.getByRole("dialog", { name: "To be sent later" });
    await waiting.getByText("For another day").waitFor();
    await waiting.getByText(`to ${BOB}`).waitFor();
    assert.deepEqual(await barriers(page), []);
    await waiting.locator("li", { hasText: "For another day" }).getByRole("button", { name: "Edit" }).click();
    await composer.getByLabel("Subject").waitFor();
    assert.equal(await composer.getByLabel("Subject").inputValue(), "For another day");
    await composer.getByRole("button", { name: "Discard" }).click();
    await composer.waitFor({ state: "detached" });
});

test("an answer goes to who wrote, quotes, and is completed by whom one wrote to", async () => {
    await page.goto(WEB);
    await open(page, /The garden/);
    await page.getByRole("heading", { name: "The garden" }).waitFor();
    await page.locator(".answers").waitFor();
    await page.keyboard.press("r");
    const composer = page.locator(".composer");
    assert.equal(await composer.getByRole("combobox", { name: "To" }).inputValue(), "Bob <bob@peer.test>");
    assert.equal(await composer.getByLabel("Subject").inputValue(), "Re: The garden");
    await composer.getByRole("button", { name: "Show the quoted letter" }).click();
    assert.match(await composer.getByLabel("Text").inputValue(), /Bob wrote:\n> Hello,\n>\n> see /);
    await composer.getByRole("combobox", { name: "To" }).fill("");
    await composer.getByRole("combobox", { name: "To" }).pressSequentially("ume");
    await composer.getByRole("option", { name: UMEKO }).waitFor();
    await composer.getByRole("combobox", { name: "To" }).press("Enter");
    assert.equal(await composer.getByRole("combobox", { name: "To" }).inputValue(), `${UMEKO}, `);
    await composer.getByRole("button", { name: "Discard" }).click();
    await composer.waitFor({ state: "detached" });
});

test("a folder is shared, read by another, answered from their own address, and shared no more", async () => {
    const other = await visit(browser);
    await signIn(other, BOB);
    await other.getByRole("heading", { name: "Inbox" }).waitFor();
    await page.goto(WEB);
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    await page.locator(".folder-line", { hasText: "Inbox" }).hover();
    await page.getByRole("button", { name: "Folder Inbox" }).click();
    await page.getByRole("menuitem", { name: "Share…" }).click();
    const dialog = page.locator("dialog");
    await dialog.getByText("Nobody else sees this folder.").waitFor();
    await dialog.getByLabel("Address of an account here").fill("nobody@example.test");
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await dialog.getByText("No account of this server has that address.").waitFor();
    await dialog.getByLabel("Address of an account here").fill(BOB);
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await dialog.getByRole("combobox", { name: BOB }).waitFor();
    assert.deepEqual(await barriers(page), []);

    const theirs = other.getByRole("region", { name: UMEKO });
    await theirs.getByRole("link", { name: "Inbox" }).click();
    await open(other, /The garden/);
    await other.getByRole("heading", { name: "The garden" }).waitFor();
    await other.locator(".answers").waitFor();
    const tools = other.locator(".reader-bar .tools");
    assert.equal(await tools.getByRole("button").count(), 0); // one may only read
    assert.deepEqual(await barriers(other), []);

    await dialog.getByRole("combobox", { name: BOB }).selectOption("may read and change");
    await until(async () => {
        await theirs.getByRole("link", { name: "Inbox" }).click();
        return other.getByRole("button", { name: "Star" }).first().isEnabled();
    }, "what one may do is known when the folder is opened again");
    await open(other, /The garden/);
    await tools.getByRole("button", { name: "Mark as read or unread" }).waitFor();
    assert.equal(await tools.getByRole("button", { name: "Labels" }).count(), 1);
    assert.equal(await tools.getByRole("button", { name: "Delete" }).count(), 0); // their Trash is not shared
    await other.getByRole("searchbox").fill("garden");
    await other.getByRole("searchbox").press("Enter");
    await other.getByRole("heading", { name: "Search results" }).waitFor();
    await open(other, /The garden/);
    await other.locator(".answers").waitFor();
    await other.keyboard.press("r");
    const composer = other.locator(".composer");
    assert.equal(await composer.getByRole("combobox", { name: "To" }).inputValue(), "Bob <bob@peer.test>");
    await composer.getByRole("combobox", { name: "To" }).fill(BOB);
    await composer.getByRole("button", { name: "Send", exact: true }).click();
    await other.getByText("The letter is sent.").waitFor();
    await other.locator("a.folder", { hasText: "Sent" }).click();
    await other.getByRole("link", { name: /Re: The garden/ }).waitFor();
    await theirs.getByRole("link", { name: "Inbox" }).click();
    await other.getByRole("link", { name: /Answered.*The garden/ }).waitFor();
    await open(other, /A file/);
    await other.getByRole("link", { name: /Download plan.txt/ }).waitFor();
    await other.keyboard.press("f");
    await composer.locator(".files .file-name", { hasText: "plan.txt" }).waitFor();
    await composer.getByLabel("Subject").fill("Sent on");
    await composer.getByText("Saved", { exact: true }).waitFor(); // the file is in one's own account
    await composer.getByRole("button", { name: "Discard" }).click();
    await composer.waitFor({ state: "detached" });

    await dialog.getByRole("button", { name: `Share no more with ${BOB}` }).click();
    await dialog.getByText("Nobody else sees this folder.").waitFor();
    await theirs.waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    assert.deepEqual(other.problems, []);
    await other.context().close();
});
