// Pictures of the pages for docs/pictures: `node web/browser/pictures.mjs FOLDER`, on a server with nothing in the mailbox of alice yet.
import { join } from "node:path";
import { moveIn } from "./office.mjs";
import { ADMIN, deliver, html, launch, plain, signIn, visit } from "./support.mjs";

const folder = process.argv[2];
const browser = await launch();
const tree = await draw(await visit(browser));

/** A picture to enclose, as base64: a plum tree on a hill. */
async function draw(page) {
    const url = await page.evaluate(() => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 360, height: 240 });
        const pen = canvas.getContext("2d");
        const fill = (colour, ...shapes) => { pen.fillStyle = colour; for (const [x, y, rx, ry] of shapes) { pen.beginPath(); pen.ellipse(x, y, rx, ry, 0, 0, 7); pen.fill(); } };
        fill("#cfe0ea", [180, 120, 400, 300]);
        fill("#9db89a", [110, 300, 260, 130]);
        fill("#7fa17e", [330, 310, 220, 110]);
        pen.fillStyle = "#6b4f45";
        pen.fillRect(172, 110, 14, 84);
        fill("#e7b7c4", [150, 96, 48, 40], [206, 92, 50, 42], [180, 66, 46, 36]);
        fill("#f3d5dc", [166, 78, 20, 15], [214, 80, 18, 13], [140, 100, 16, 12]);
        return canvas.toDataURL("image/png");
    });
    await page.context().close();
    return url.split(",")[1].replaceAll(/.{76}/g, "$&\n");
}

function withFiles(subject, text, from, files, fields = "") {
    const parts = files.map(([name, type]) => `--cut\nContent-Type: ${type}\nContent-Disposition: attachment; filename="${name}"\nContent-Transfer-Encoding: base64\n\n${tree}\n`);
    return plain(subject, `--cut\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n${text}\n${parts.join("")}--cut--`, { from, fields })
        .replace("text/plain; charset=utf-8", "multipart/mixed; boundary=cut");
}

await deliver([
    ...Array.from({ length: 12 }, (_, at) => plain(`Returned: volume ${12 - at}`, "Thank you for returning a book.", { from: "Library <news@library.test>" })),
    plain("Appointment moved to 9:30", "Dear Alice,\nyour appointment has been moved to 9:30 on Thursday.", { from: "Dr. Chen <chen@clinic.test>" }),
    plain("Your parcel is on its way", "A parcel will be delivered tomorrow between 10 and 12.", { from: "Post Office <no-reply@post.test>" }),
    plain("Tickets for the concert", "I have two tickets for Thursday evening, row 12. Shall I pick you up at seven?", { from: "Sofia Lindqvist <sofia@lindqvist.test>" }),
    html("What blooms this week", `<body bgcolor="#f1f4ee"><table width="560" align="center" style="background:#fff;border-radius:10px;margin:24px auto"><tr><td style="padding:28px 32px">
        <p style="color:#6b7d62;letter-spacing:2px;font-size:12px">ORCHARD WEEKLY</p><h1 style="color:#2d4a2b;font-family:Georgia,serif;font-weight:normal">What blooms this week</h1>
        <p>Early cherry, late plum, and a surprising amount of <a href="https://orchard.test/quince">quince</a>.</p><img src="https://track.test/open.gif" width="1" height="1"></td></tr></table></body>`)
        .replace("Bob <bob@peer.test>", "Orchard Weekly <news@orchard.test>"),
    withFiles("お花見のご案内", "アリス様\n\n桜が咲き始めました。今度の土曜日、川沿いの公園でお花見をします。\nお弁当とお茶は用意しますので、手ぶらでお越しください。\n\n山田 花子", "山田 花子 <hana@yamada.test>", [["park.png", "image/png"]]),
    plain("Notes from Tuesday", "Hi Alice,\n\nhere is what we agreed on:\n\n- the garden plan goes to the city by Friday\n- Hana asks the school about the benches\n\nDoes that fit?\nMarkus",
        { from: "Markus Weber <markus@weber.test>" }).replace(/Message-ID: .*/, "Message-ID: <notes@weber.test>"),
    withFiles("Re: Notes from Tuesday", "Splendid, and here is the plan, with a picture of the old plum tree.\n\nMarkus\n\nAlice wrote:\n> It does fit, thank you!\n> When will you have the plan?",
        "Markus Weber <markus@weber.test>", [["Plum tree.png", "image/png"], ["Garden plan.pdf", "application/pdf"]], "In-Reply-To: <notes@weber.test>\nReferences: <notes@weber.test>\n"),
]);

async function shoot(name, options, work) {
    const page = await visit(browser, { viewport: { width: 1280, height: 800 }, ...options });
    await signIn(page);
    await page.locator(".row:not(.waiting)").first().waitFor();
    await work(page);
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.context().close();
}

const open = async (page, name) => {
    await page.getByRole("link", { name }).first().click();
    await page.locator(".letter-body").last().waitFor();
    await page.locator(".attachments img").evaluateAll((pictures) => Promise.all(pictures.map((picture) => picture.decode())));
};
await shoot("web-mail", {}, (page) => open(page, /Notes from Tuesday/));
await shoot("web-mail-dark", { colorScheme: "dark" }, async (page) => {
    await open(page, /What blooms/);
    await page.frameLocator("iframe.letter-frame").locator(".paper").waitFor();
});
await shoot("web-mail-japanese", { locale: "ja-JP" }, (page) => open(page, /お花見/));
await shoot("web-mail-phone", { viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true }, async () => undefined);
await shoot("web-mail-writing", {}, async (page) => {
    await open(page, /Tickets/);
    await page.keyboard.press("r");
    const composer = page.locator(".composer");
    await composer.getByLabel("Text").fill("Dear Sofia,\n\nwith pleasure, and seven is fine. I bring the apples.\n\nAlice");
    await composer.locator("input[type=file]").setInputFiles({ name: "Apples.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(84_000) });
    await composer.getByText("Saved", { exact: true }).waitFor();
});
await shoot("web-mail-folders", {}, async (page) => {
    await page.evaluate(async (subjects) => { // folders and labels, as a person would have them
        const account = Object.keys((await (await fetch("/jmap/session")).json()).accounts)[0];
        const call = async (method, args) => (await (await fetch("/jmap/api/", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({
            using: ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"], methodCalls: [[method, { accountId: account, ...args }, "0"]] }) })).json()).methodResponses[0][1];
        await call("Mailbox/set", { create: { house: { name: "House" }, garden: { name: "Garden", parentId: "#house" }, travel: { name: "Travel" } } });
        for (const [subject, keyword] of subjects) {
            const { ids } = await call("Email/query", { filter: { subject } });
            await call("Email/set", { update: Object.fromEntries(ids.map((id) => [id, { [`keywords/${keyword}`]: true }])) });
        }
    }, [["Notes from Tuesday", "$label2"], ["Tickets", "$label3"], ["お花見", "+82b1-+898b-"], ["Appointment", "$label1"]]);
    await deliver([plain("Pruning the plum tree", ["BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "SUMMARY:Pruning the plum tree", "DTSTART:20270306T090000Z", "DTEND:20270306T110000Z", "LOCATION:At the river, behind the school",
        "ORGANIZER;CN=Markus Weber:mailto:markus@weber.test", "ATTENDEE;CN=Hana Yamada:mailto:hana@yamada.test", "ATTENDEE;CN=Alice:mailto:alice@example.test", "RRULE:FREQ=YEARLY", "END:VEVENT", "END:VCALENDAR"].join("\n"),
    { from: "Markus Weber <markus@weber.test>" }).replace("text/plain; charset", "text/calendar; method=REQUEST; charset")]);
    await page.getByText("Garden", { exact: true }).waitFor();
    await page.getByRole("link", { name: /Pruning the plum tree/ }).click();
    await page.locator(".invitation").waitFor();
});
await shoot("web-mail-formats", {}, async (page) => {
    await open(page, /What blooms/);
    await page.keyboard.press("r");
    const composer = page.locator(".composer");
    await composer.getByRole("button", { name: "Formats", exact: true }).click();
    const text = composer.locator(".rich");
    await text.evaluate((element) => {
        const transfer = new DataTransfer();
        transfer.setData("text/html", "<p>Dear gardeners,</p><p>what a <b>splendid</b> spring! In ours there are</p><ul><li>two early cherries</li><li>a <i>late</i> plum</li><li>and <a href='https://orchard.test/quince'>the quince</a> that you wrote about</li></ul><p>Alice</p>");
        element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
    });
    await text.locator("li").first().waitFor();
    await composer.getByText("Saved", { exact: true }).waitFor();
});

async function shootAdministration(name, path, options, work) {
    const page = await visit(browser, { viewport: { width: 1280, height: 860 }, timezoneId: "Europe/Berlin", ...options });
    await moveIn(page);
    await page.goto(ADMIN + path);
    await work(page);
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.context().close();
}

const chart = (page) => page.locator(".chart svg").first().waitFor();
await shootAdministration("administration", "", { viewport: { width: 1280, height: 980 } }, chart);
await shootAdministration("administration-letter", "letters?q=summer.2026@orchard.test", { viewport: { width: 1280, height: 960 } }, (page) => page.locator(".steps li").getByText("handed in").waitFor());
await shootAdministration("administration-queue", "queue", { viewport: { width: 1280, height: 480 } }, (page) => page.getByRole("link", { name: "fjord.test" }).waitFor());
await shootAdministration("administration-domain", "domains?domain=orchard.test", { locale: "ja-JP" }, (page) => page.locator(".records").getByText("このサーバーがまとめます").first().waitFor({ state: "attached" }));
await shootAdministration("administration-reports", "reports", { colorScheme: "dark" }, (page) => page.getByText("host77").waitFor());
await shootAdministration("administration-phone", "", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }, chart);
await browser.close();
