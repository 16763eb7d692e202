// Reads the newest letter as a person does, and prints its subject, who sent it, whether that is so, and its text. TEGAMI_USER and
// TEGAMI_PASSWORD sign in, TEGAMI_LANGUAGE is the browser's (support.mjs has the rest); an argument names a file for a picture of the page.
import { launch, signIn, visit } from "./support.mjs";

const browser = await launch();
try {
    const page = await visit(browser, { locale: process.env.TEGAMI_LANGUAGE });
    await signIn(page, process.env.TEGAMI_USER, process.env.TEGAMI_PASSWORD);
    await page.locator(".row:not(.waiting) a").first().click();
    const show = async (part) => console.log((await page.locator(part).first().innerText()).trim());
    await show(".thread-subject");
    await show(".letter-head .from");
    await page.locator(".letter .verdict summary").first().click();
    await show(".letter .verdict > :not(summary)");
    await show(".letter .plain-text");
    if (process.argv[2] !== undefined) await page.screenshot({ path: process.argv[2] });
    if (page.problems.length > 0) throw new Error(page.problems.join("; "));
} finally {
    await browser.close();
}
