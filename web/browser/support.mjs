// A browser on the program as shipped: one for all tests. TEGAMI_WEB names the page, TEGAMI_SMTP where letters are brought (HOST:PORT),
// TEGAMI_ADDRESS where the name of the page is found.
import axe from "axe-core";
import { createServer } from "node:http";
import { connect } from "node:net";
import { test as nodeTest } from "node:test";
import { chromium } from "playwright-core";

export const WEB = process.env.TEGAMI_WEB;
/** The page of the administration. */
export const ADMIN = WEB.replace(/mail\/$/, "admin/");
export const ALICE = "alice@example.test";
export const BOB = "bob@example.test";
export const UMEKO = "umeko@example.test";
export const UMEKO_PASSWORD = "正しい馬 電池 staple";
export const PASSWORD = "correct horse battery staple";

/** Whether this run does the `number`th of a great many, of which each run of scripts/test does one in so many, others with each commit; by hand
 *  all are done (src/testing/turns.h). */
export function isDue(number, oneIn) {
    const commit = process.env.TEGAMI_CHANCE;
    return commit === undefined || (BigInt(number) + BigInt(commit)) % BigInt(oneIn) === 0n;
}

/** Of one test, before or after: one that waits for ever ends, and is named. */
export const LIMIT = { timeout: 120_000 };

export function test(name, work) {
    return nodeTest(name, LIMIT, work);
}

/** Chromium without what is around a page, which takes half of the processor's time; `whole`: with it, for what a desktop shows (notifications). */
export async function launch({ whole = false } = {}) {
    const host = new URL(WEB).hostname;
    return chromium.launch({ executablePath: whole ? "/usr/bin/chromium" : "/usr/bin/chromium-headless-shell", timeout: 20_000,
        args: ["--no-sandbox", "--ignore-certificate-errors", `--host-resolver-rules=MAP ${host} ${process.env.TEGAMI_ADDRESS}`] });
}

/** A page of a person who has not been here before. `problems` gathers what no page may do: errors, dialogs, requests to others. */
export async function visit(browser, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, locale: "en-GB", ignoreHTTPSErrors: true, reducedMotion: "reduce", serviceWorkers: "block", ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000); // a machine may be busy
    page.problems = [];
    page.on("pageerror", (error) => page.problems.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => { page.problems.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
    page.on("request", (request) => {
        const url = new URL(request.url());
        if (url.origin !== new URL(WEB).origin && url.protocol !== "data:" && url.protocol !== "blob:") page.problems.push(`request: ${request.url()}`);
    });
    return page;
}

export async function signIn(page, address = ALICE, password = PASSWORD, where = WEB) {
    await page.goto(where);
    await page.locator("input[name=username]").fill(address);
    await page.locator("input[name=password]").fill(password);
    await page.locator("button[type=submit]").click();
}

/** Brings letters as another server would. Throws where one is not taken. */
export async function deliver(letters, to = ALICE) {
    const [host, port] = process.env.TEGAMI_SMTP.split(":");
    const socket = connect(Number(port), host);
    socket.setEncoding("utf8");
    socket.setTimeout(20_000, () => socket.destroy(new Error("SMTP: no answer")));
    const lines = (async function* () {
        let rest = "";
        for await (const piece of socket) {
            rest += piece;
            for (let end; (end = rest.indexOf("\r\n")) >= 0; rest = rest.slice(end + 2)) yield rest.slice(0, end);
        }
    })();
    const answer = async (wanted) => {
        for (;;) {
            const { value = "" } = await lines.next();
            if (value[3] === "-") continue;
            if (!value.startsWith(wanted)) throw new Error(`SMTP: ${value}`);
            return;
        }
    };
    const say = async (line, wanted) => { socket.write(`${line}\r\n`); await answer(wanted); };
    await answer("220");
    await say("EHLO peer.test", "250");
    for (const letter of letters) {
        await say("MAIL FROM:<stranger@peer.test> BODY=8BITMIME", "250");
        await say(`RCPT TO:<${to}>`, "250");
        await say("DATA", "354");
        await say(`${letter.replaceAll(/\r?\n/g, "\r\n").replaceAll(/^\./gm, "..")}\r\n.`, "250");
    }
    await say("QUIT", "221");
    socket.destroy(); // what is not read to its end keeps this process alive
}

let numbers = 0;

export function plain(subject, text, { from = "Bob <bob@peer.test>", fields = "" } = {}) {
    return `From: ${from}\nTo: Alice <${ALICE}>\nSubject: ${subject}\nMessage-ID: <w${(numbers += 1)}@peer.test>\nDate: ${new Date().toUTCString().replace("GMT", "+0000")}
MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n${fields}\n${text}\n`;
}

export function html(subject, markup, charset = "utf-8") {
    return plain(subject, markup).replace("text/plain; charset=utf-8", `text/html; charset=${charset}`);
}

/** A server that nobody may come to; `hits` are those who did. */
export async function listen() {
    const hits = [];
    const server = createServer((request, response) => { hits.push(request.url); response.end(); });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.unref();
    return { hits, address: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}

/** What keeps people with screen readers or keyboards out of a page (axe-core): what is serious or worse. */
export async function barriers(page) {
    if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { iframes: false, resultTypes: ["violations"] }));
    return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html: element, failureSummary }) => `${element} ${failureSummary}`).join("; ")}`);
}

/** Waits until a condition holds. */
export async function until(condition, what, milliseconds = 20_000) {
    for (const end = Date.now() + milliseconds; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 25))) if (await condition()) return;
    throw new Error(`it never came about: ${what}`);
}
