// The frame that a stranger's HTML is shown in: a document of its own without scripts, as tall as what is in it.
import { blocksOf, escaped, fewFormats, type Source } from "../write/few_formats.js";
import { isTooDeep, roughText } from "./depth.js";

export const FRAME = "/mail/frame.html";
// Our page reaches into it, and links open tabs that are free of the sandbox. Nothing in it runs.
export const SANDBOX = "allow-same-origin allow-popups allow-popups-to-escape-sandbox";

const TALLEST = 200_000; // pixels
const BAR = 18; // of what scrolls sideways
const MOST_GROWTHS = 60; // a letter whose height follows the frame's own comes to an end

const STYLE = `
.paper { display: flow-root; overflow-wrap: anywhere; line-break: strict; }
img { max-width: 100%; }
img:not([height]) { height: auto; }
table { max-width: 100%; }
pre { white-space: pre-wrap; }
blockquote { margin: .6em 0; padding-left: .8em; border-left: 2px solid #8886; }
i, em, cite, dfn, address, var { font-style: italic; }
:lang(ja) i, :lang(ja) em, :lang(zh) i, :lang(zh) em, :lang(ko) i, :lang(ko) em { font-style: normal; }
`;

/** Gives a frame that has loaded our own style, which no letter overrules: heights that do not follow the frame's. */
export function prepare(frame: Window, dark: boolean, language: string): void {
    const page = frame.document;
    page.documentElement.lang = language;
    const style = page.createElement("style");
    style.textContent = STYLE + (dark ? ":root { color-scheme: dark; } a { color: #8ab8ff; }" : ":root { color-scheme: light; } a { color: #1a56b0; }");
    page.head.append(style);
    own(page.documentElement, { height: "auto", "min-height": "0", overflow: "auto hidden", position: "static", margin: "0", padding: "0" });
    own(page.body, { height: "auto", "min-height": "0", margin: "0", padding: "2px 0 0", position: "static", float: "none", display: "block",
        font: "15px/1.55 system-ui, 'Hiragino Sans', 'Noto Sans CJK JP', 'Yu Gothic UI', Meiryo, sans-serif" });
}

/** Keeps the frame as tall as its content. Returns what ends that. */
export function follow(element: HTMLIFrameElement): () => void {
    let width = element.clientWidth;
    let growths = 0;
    const fit = () => {
        if (element.clientWidth !== width) growths = 0;
        width = element.clientWidth;
        const page = element.contentDocument; // null where what is shown is no document of ours any more
        if (growths > MOST_GROWTHS || page === null) return;
        const { scrollWidth, clientWidth } = page.documentElement;
        const bar = scrollWidth > clientWidth ? BAR : 0;
        const tall = Math.min(TALLEST, Math.ceil(page.body.getBoundingClientRect().height) + bar);
        if (`${tall}px` === element.style.height) return;
        growths += 1;
        element.style.height = `${tall}px`;
    };
    const observer = new ResizeObserver(fit);
    observer.observe(element.contentDocument!.body);
    fit();
    return () => observer.disconnect();
}

/** What a letter says, as text: what a person would see of it. */
export async function textOf(html: string): Promise<string> {
    const cleaner = await openCleaner();
    try {
        return cleaner.text(html);
    } finally {
        cleaner.close();
    }
}

/** Cleans a stranger's HTML for other uses than reading, in a frame that nobody sees. What is nested too deep is text there, too. */
export interface Cleaner {
    text(html: string): string;
    /** As HTML that can be sent on: without pictures, and without style sheets, which would reach beyond it. */
    whole(html: string): string;
    /** In few formats, as nodes of our page. */
    few(html: string, picture: (source: string) => string | undefined): DocumentFragment;
    close(): void;
}

export async function openCleaner(): Promise<Cleaner> {
    const element = document.createElement("iframe");
    element.setAttribute("sandbox", "allow-same-origin");
    element.className = "unseen";
    element.setAttribute("aria-hidden", "true");
    element.src = FRAME;
    const loaded = new Promise((resolve) => element.addEventListener("load", resolve, { once: true }));
    document.body.append(element);
    const [{ NO_PICTURES, showHtml }] = await Promise.all([import("./letter_html.js"), loaded]);
    const frame = element.contentWindow!;
    const shown = (html: string, pictures = NO_PICTURES) => {
        showHtml(frame, html, pictures);
        return frame.document.body;
    };
    return {
        text: (html) => {
            if (isTooDeep(html)) return roughText(html);
            const body = shown(html);
            let seen = body.innerText;
            if (seen.trim() === "") { // it hides all that it says
                for (const style of body.querySelectorAll("style")) style.remove();
                seen = body.textContent;
            }
            return seen.replaceAll("\u00a0", " ").replaceAll(/[ \t]+\n/g, "\n").replaceAll(/\n{3,}/g, "\n\n").trim();
        },
        whole: (html) => {
            if (isTooDeep(html)) return escaped(roughText(html));
            const body = shown(html);
            for (const one of body.querySelectorAll("style, img")) one.remove();
            return body.innerHTML;
        },
        few: (html, picture) => (isTooDeep(html) ? blocksOf(roughText(html), document)
            : fewFormats(shown(html, { enclosed: (cid) => picture(`cid:${cid}`), elsewhere: picture }) as unknown as Source, document, picture)),
        close: () => element.remove(),
    };
}

function own(element: HTMLElement, properties: { readonly [name: string]: string }): void {
    for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value, "important");
}
