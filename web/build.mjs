// Bundles the pages: `node build.mjs FOLDER` leaves FOLDER/mail and FOLDER/admin. A file's name says what is in it, so that it can be kept for ever.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { serverWords } from "./server_words.mjs";

/** The sentences that the command line has for what the server says: the pages say it in the same words. */
const words = {
    name: "words of the server",
    setup({ onResolve, onLoad }) {
        onResolve({ filter: /^tegami:server-words$/ }, ({ path }) => ({ path, namespace: "words" }));
        onLoad({ filter: /.*/, namespace: "words" }, async () => ({ contents: JSON.stringify(await serverWords()), loader: "json" }));
    },
};

const icon = await readFile(join(import.meta.dirname, "core/page/icon.svg"));
const iconName = `icon-${createHash("sha256").update(icon).digest("hex").slice(0, 8)}.svg`;

/** The page whose sources are in web/NAME/page, for the addresses below /NAME/. */
async function bundle(name) {
    const source = join(import.meta.dirname, name, "page");
    const folder = join(process.argv[2], name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const { metafile } = await build({
        entryPoints: [join(source, "main.tsx"), join(source, "style/main.css")],
        outdir: join(folder, "assets"),
        entryNames: "[name]-[hash]",
        chunkNames: "part-[hash]",
        bundle: true,
        splitting: true,
        format: "esm",
        target: ["es2022", "chrome109", "firefox115", "safari16.4"],
        minify: true,
        legalComments: "none",
        charset: "utf8",
        jsx: "automatic",
        jsxImportSource: "preact",
        metafile: true,
        logLevel: "warning",
        plugins: [words],
    });
    const entries = Object.entries(metafile.outputs).filter(([, output]) => output.entryPoint !== undefined).map(([path]) => basename(path));
    const address = (ending) => `/${name}/assets/${entries.find((entry) => entry.startsWith("main-") && entry.endsWith(ending))}`;
    await writeFile(join(folder, "assets", iconName), icon);
    const page = await readFile(join(import.meta.dirname, "core/page/index.html"), "utf8");
    await writeFile(join(folder, "index.html"), page.replace("{script}", address(".js")).replace("{style}", address(".css")).replace("{icon}", `/${name}/assets/${iconName}`));
}

for (const name of ["mail", "admin"]) await bundle(name);
await copyFile(join(import.meta.dirname, "mail/page/frame.html"), join(process.argv[2], "mail/frame.html"));
await bundleWorker();

/** The service worker of the web mail knows the files of its version by name. */
async function bundleWorker() {
    const folder = join(process.argv[2], "mail");
    const assets = (await readdir(join(folder, "assets"))).sort().map((file) => `/mail/assets/${file}`);
    const documents = await Promise.all(["index.html", "frame.html"].map((file) => readFile(join(folder, file))));
    const version = createHash("sha256").update(JSON.stringify(assets)).update(Buffer.concat(documents)).digest("hex").slice(0, 12);
    await build({
        entryPoints: [join(import.meta.dirname, "mail/worker/worker.ts")],
        outfile: join(folder, "worker.js"),
        bundle: true,
        format: "iife", // Firefox takes no module for a worker of this kind
        target: ["es2022", "chrome109", "firefox115", "safari16.4"],
        minify: true,
        legalComments: "none",
        charset: "utf8",
        define: { VERSION: JSON.stringify(version), FILES: JSON.stringify(["/mail/", "/mail/frame.html", ...assets]) },
        logLevel: "warning",
    });
}
