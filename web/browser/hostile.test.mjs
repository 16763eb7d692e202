// Hostile letters change nothing: no request leaves, no script runs, no dialog comes, the address stays, the page answers. They are threads,
// so that one page shows many: with all layers, and in turns by commit with the frame's policy alone, with the cleaning alone, and with pictures.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { EXHAUSTING, hostileHtml } from "./hostile.mjs";
import { exhaustingMessages, hostileMessages } from "./hostile_messages.mjs";
import { BOB, deliver, html, isDue, launch, LIMIT, listen, signIn, test, until, visit, WEB } from "./support.mjs";

let browser;
let listener;
let raw; // each HTML letter as it came
let state;

/** Letters of one thread. */
function thread(name, letters) {
    return letters.map((letter, at) => letter.replace(/^Message-ID: .*\n/m, "").replace(/^Subject: /m,
        `Message-ID: <${name}${at}@peer.test>\n${at === 0 ? "" : `References: <${name}0@peer.test>\n`}Subject: Hostile ${name} `));
}

before(async () => {
    browser = await launch();
    listener = await listen();
    raw = Object.entries(hostileHtml(listener.address)).flatMap(([kind, all]) => all.map((markup) => ({ kind, markup })));
    await deliver([...thread("html", raw.map(({ kind, markup }) => html(`${kind} <img src=x onerror=alert(1)>`, markup))),
        ...thread("messages", Object.values(hostileMessages(listener.address)).flat()),
        ...thread("exhausting", [...EXHAUSTING.map((markup) => html("", markup)), ...exhaustingMessages()])], BOB);
    const page = await visit(browser);
    await signIn(page, BOB);
    await page.locator(".row:not(.waiting)").first().waitFor();
    await page.evaluate(() => localStorage.setItem("tegami.rich", "yes")); // where a stranger's HTML comes into an editor
    state = await page.context().storageState();
    await page.context().close();
}, LIMIT);

after(async () => {
    await browser?.close();
    listener?.close();
}, LIMIT);

/** A page of Bob's with a thread, all letters of it open; `policy`: false takes the frame's policy away. */
async function opened(name, policy = true) {
    const page = await visit(browser, { storageState: state, viewport: { width: 1360, height: 900 } });
    page.context().on("page", (other) => void other.close());
    if (!policy) await page.route("**/mail/frame.html", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><html><head></head><body></body></html>" }));
    await page.goto(WEB);
    await page.getByRole("link", { name: new RegExp(`Hostile ${name}`) }).first().click();
    await until(() => page.evaluate(() => {
        for (const line of document.querySelectorAll(".closed-line")) line.click();
        return document.querySelectorAll(".letter").length > 1 && document.querySelector(".letter-wait, .closed-line") === null
            && [...document.querySelectorAll("iframe.letter-frame")].every((frame) => frame.contentDocument?.querySelector(".paper") != null);
    }), `all letters of ${name} are shown`, 30_000);
    return page;
}

let kept; // a page with the thread of HTML, as it is after it was opened

/** That page, which is another's then. */
async function openedHtml() {
    const page = kept ?? await opened("html");
    kept = undefined;
    return page;
}

/** What must hold whatever is shown. */
async function unharmed(page) {
    assert.deepEqual(page.problems, []);
    assert.deepEqual(listener.hits, []);
    assert.equal(await page.evaluate(() => globalThis.hit), undefined);
    assert.ok(page.url().startsWith(WEB));
    const seen = await page.evaluate(() => {
        const around = document.querySelector(".thread").getBoundingClientRect();
        const wrong = [];
        for (let x = 5; x < innerWidth; x += 61) for (let y = 5; y < innerHeight; y += 47)
            if (document.elementFromPoint(x, y)?.localName === "iframe" && (x < around.left || x > around.right || y < around.top)) wrong.push([x, y]);
        return { wrong, focus: document.activeElement?.localName, tallest: Math.max(0, ...[...document.querySelectorAll("iframe.letter-frame")].map((frame) => frame.offsetHeight)) };
    });
    assert.deepEqual(seen.wrong, []);
    assert.notEqual(seen.focus, "iframe");
    assert.ok(seen.tallest <= 200_000);
    await page.locator(".reader-bar").getByRole("button", { name: "Move" }).click(); // it answers
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("Escape");
}

/** Does with the letters of the thread what a person can do, in turns: as text, as source, answered, sent on. Returns what the page and the editor had then. */
async function useAll(page) {
    const due = Array.from({ length: await page.locator(".letter").count() }, (_, at) => isDue(at, 9));
    return page.evaluate(async (mine) => {
        const wait = async (find) => {
            for (const end = performance.now() + 20_000; performance.now() < end; await new Promise((resolve) => setTimeout(resolve, 5))) if (find()) return find();
            throw new Error(`it never came about: ${find}`);
        };
        const one = (selector) => document.querySelector(selector);
        const [shown, answered] = [[], []];
        for (const [at, letter] of [...document.querySelectorAll(".letter")].entries()) {
            if (!mine[at]) continue;
            const choose = async (name) => {
                letter.querySelector("[aria-label=More]").click();
                const entry = (await wait(() => letter.querySelector("[role=menu]"))).querySelectorAll("[role=menuitem]");
                const found = [...entry].find((each) => each.textContent.startsWith(name));
                if (found === undefined) letter.querySelector("[aria-label=More]").click();
                else found.click();
                return found !== undefined;
            };
            const first = at % 2 === 0; // of each kind one letter in one way, and one in the other
            if (first && (await choose("Show as plain text"))) {
                await wait(() => letter.querySelector(".plain-text"));
                shown.push(letter.querySelector(".plain-text").innerHTML);
                await choose("Show as it was written");
            } else if (!first) {
                await choose("Source");
                await wait(() => (one("pre.source")?.textContent ?? "") !== "");
                one("dialog [aria-label=Close]").click();
                await wait(() => one("dialog") === null);
            }
            await choose(first ? "Reply to all" : "Forward");
            await wait(() => one(".composer .rich")?.childNodes.length > 0);
            one(".composer .unfold")?.click(); // what it quotes comes into the editor
            answered.push(one(".composer .rich").innerHTML);
            one(".composer [aria-label='Save and close']").click();
            await wait(() => one(".composer") === null);
        }
        return { shown, answered };
    }, due);
}

/** A test that only some runs do. */
function inTurn(number, oneIn) {
    return isDue(number, oneIn) ? test : () => undefined;
}

const LIVE = /<(?:script|svg|math|iframe|object|embed|style|video|audio|link|meta|img|form|input)\b|<[^>]* on\w+=|href="(?!https?:|mailto:)/i;
const CLEAN = /<(?:script|svg|math|iframe|object|embed|form|input|button|textarea|select|label|dialog|video|audio|link|meta|base|template|image|picture|source)\b| on\w+=|javascript:|127\.0\.0\.1|@import|@font-face| (?:name|accesskey|tabindex|autofocus|contenteditable|popover\w*|form\w*|ping|srcset|download)=| target=(?!_blank)/i;

test("HTML with all layers: read, printed, as text, as source, answered, sent on", async () => {
    const page = await opened("html");
    const left = await page.evaluate(() => [...document.querySelectorAll("iframe.letter-frame")].map((frame) => [...frame.contentDocument.body.querySelectorAll("*")].map((one) =>
        `<${one.localName}${[...one.attributes].filter(({ name }) => !["title", "href", "face"].includes(name)).map(({ name, value }) => ` ${name}=${value.replaceAll(/"[^"]*"/g, "")}`).join("")}>${one.localName === "style" ? one.textContent : ""}`).join("\n")));
    assert.equal(left.length, raw.length);
    left.forEach((markup, at) => assert.doesNotMatch(markup, CLEAN, raw[at].kind));
    const links = await page.evaluate(() => [...document.querySelectorAll("iframe.letter-frame")].flatMap((frame) => [...frame.contentDocument.links].map((link) => `${link.protocol} ${link.target} ${link.rel}`)));
    for (const link of new Set(links)) assert.match(link, /^(?:https?|mailto): _blank noopener noreferrer$/);
    await page.emulateMedia({ media: "print" });
    await page.emulateMedia({ media: "screen" });
    await unharmed(page);
    const { answered } = await useAll(page);
    for (const markup of answered) assert.doesNotMatch(markup, LIVE);
    await unharmed(page);
    kept = page;
});

inTurn(0, 3)("HTML with the frame's policy alone: as it came it fetches and runs nothing", async () => {
    const page = await openedHtml();
    await page.evaluate((letters) => {
        [...document.querySelectorAll("iframe.letter-frame")].forEach((frame, at) => {
            const { body } = frame.contentDocument;
            body.innerHTML = letters[at];
            for (const link of body.querySelectorAll("a")) link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
        });
    }, raw.map(({ markup }) => markup.replaceAll("autofocus", "")));
    await page.emulateMedia({ media: "print" });
    await page.emulateMedia({ media: "screen" });
    await page.evaluate(async () => { for (let turn = 0; turn < 3; turn += 1) await fetch("/session"); }); // what was begun before has begun
    page.problems = page.problems.filter((problem) => !problem.startsWith("request:")); // that were begun, and refused by the policy
    assert.equal(await page.evaluate(() => globalThis.hit), undefined);
    assert.ok(page.url().startsWith(WEB));
    assert.deepEqual(page.problems, []);
    assert.deepEqual(listener.hits, []);
    await page.context().close();
});

inTurn(1, 3)("HTML with the cleaning alone: without the policy, too, nothing is fetched", async () => {
    const page = await opened("html", false);
    await page.evaluate(async () => { for (let turn = 0; turn < 3; turn += 1) await fetch("/session"); }); // what was begun before has begun
    await unharmed(page);
    await page.context().close();
});

test("header fields, parts and attachments: text is text, files are files", async () => {
    const page = await opened("messages");
    await unharmed(page);
    assert.doesNotMatch((await page.locator(".thread :is(h1, .letter-head, .attachments, a)").allInnerTexts()).join("\n"), /[\u202a-\u202e\u2066-\u2069]/u);
    assert.equal(await page.locator(".thread :is(img[src='x'], script, [onerror], [onmouseover])").count(), 0);
    const { shown, answered } = await useAll(page);
    for (const markup of [...shown, ...answered]) assert.doesNotMatch(markup, LIVE);
    for (const link of await page.locator(".attachments a").evaluateAll((all) => all.map((one) => one.getAttribute("href")))) {
        const fields = await page.evaluate(async (href) => Object.fromEntries((await fetch(href)).headers), link);
        assert.match(fields["content-disposition"], /^attachment/, link);
        assert.equal(fields["x-content-type-options"], "nosniff");
        assert.match(fields["content-security-policy"], /sandbox/);
        assert.doesNotMatch(fields["content-disposition"], /[/\\]|filename="?\.|[\r\n]|%2F/);
    }
    await unharmed(page);
    await page.getByRole("searchbox").fill("hostile needle");
    await page.getByRole("searchbox").press("Enter");
    await page.locator(".row mark", { hasText: "needle" }).first().waitFor();
    assert.equal(await page.locator(".rows img").count(), 0);
    assert.deepEqual(page.problems, []);
    await page.context().close();
});

inTurn(2, 3)("pictures that are allowed come through our server alone, and a draft of another program comes clean into the editor", async () => {
    const page = await openedHtml();
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url())));
    await page.evaluate(() => { for (const button of document.querySelectorAll(".blocked .link")) button.click(); });
    await until(() => asked.some(({ pathname }) => pathname === "/picture"), "pictures are asked for");
    await page.evaluate(async () => { for (let turn = 0; turn < 3; turn += 1) await fetch("/session"); });
    for (const { origin, pathname, protocol } of asked) assert.ok(protocol === "data:" || (origin === new URL(WEB).origin && /^\/(?:picture|session|jmap\/|mail\/)/.test(pathname)), `${origin}${pathname}`);
    const markup = `<p>mine</p>${raw.map((one) => one.markup).join("\n").replaceAll("\u0000", "")}`;
    const draft = await page.evaluate(async (html) => {
        const account = Object.keys((await (await fetch("/jmap/session")).json()).accounts)[0];
        const call = async (method, args) => (await (await fetch("/jmap/api/", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({
            using: ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"], methodCalls: [[method, { accountId: account, ...args }, "0"]] }) })).json()).methodResponses[0][1];
        const { ids } = await call("Mailbox/query", { filter: { role: "drafts" } });
        const { created } = await call("Email/set", { create: { draft: { mailboxIds: { [ids[0]]: true }, keywords: { $draft: true }, subject: "<img src=x onerror=alert(1)>\r\nBcc: victim@v.test",
            to: [{ name: '"><script>alert(1)</script>', email: "x@y.test" }], bodyValues: { h: { value: html } }, htmlBody: [{ partId: "h", type: "text/html" }] } } });
        return created?.draft?.id;
    }, markup);
    if (draft !== undefined) { // a server may refuse it
        await page.goto(`${WEB}?compose=${encodeURIComponent(`draft:${draft}`)}`);
        await page.locator(".composer .rich", { hasText: "mine" }).waitFor();
        assert.doesNotMatch(await page.locator(".composer .rich").innerHTML(), LIVE);
        assert.doesNotMatch(await page.locator(".composer").getByLabel("Subject").inputValue(), /[\r\n]/);
    }
    assert.equal(await page.evaluate(() => globalThis.hit), undefined);
    assert.deepEqual(page.problems, []);
    assert.deepEqual(listener.hits, []);
    const another = await listen();
    await page.goto(another.address); // a page of others can neither frame ours nor ask with our cookie
    const status = await page.evaluate(async (address) => {
        const frame = Object.assign(document.createElement("iframe"), { src: address });
        const loaded = new Promise((resolve) => { frame.onload = resolve; });
        document.body.append(frame);
        await loaded;
        return (await fetch(new URL("/jmap/session", address), { credentials: "include" }).catch(() => undefined))?.status;
    }, WEB);
    assert.equal(status, undefined);
    assert.deepEqual(page.frames().filter((frame) => frame.url().startsWith(WEB)), []);
    another.close();
    await page.context().close();
});

inTurn(0, 2)("what is to take all time and memory leaves the page its answers", async () => {
    const page = await opened("exhausting");
    await page.getByText("browsers fail at").first().waitFor();
    await unharmed(page);
    await page.keyboard.press("r");
    await page.locator(".composer .sheet").waitFor();
    assert.deepEqual(page.problems, []);
    await page.context().close();
});
