// A stranger's HTML as what may be shown, made within the letter's own frame: parsed by the frame's parser, cleaned by DOMPurify, then
// each element looked at once more: links, pictures and style, as the last step before it is shown. Nothing of it ever is markup of
// our own page. The frame has no scripts, a policy that lets nothing be fetched from elsewhere, and is sandboxed: this is one layer of three.
import createPurify, { type Config } from "dompurify";
import { cleanSheet, cleanStyle, ID_PREFIX } from "./css.js";
import { misleads } from "./leads.js";

const TAGS = `a abbr acronym address article aside b bdi bdo big blockquote body br caption center cite code col colgroup dd del dfn dir div dl
dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nobr ol p pre q rp rt ruby s samp section small span
strike strong style sub sup table tbody td tfoot th thead time tr tt u ul var wbr`.split(/\s+/);
const ATTRIBUTES = `align alt bgcolor border cellpadding cellspacing class color colspan dir face height href hspace id lang nowrap rowspan
size span src start style title valign vspace width`.split(/\s+/);
// Of these two alone the value is an address.
const ADDRESSES = new Set(["href", "src"]);
const RULES: Config = { ADD_URI_SAFE_ATTR: ATTRIBUTES.filter((name) => !ADDRESSES.has(name)), ALLOWED_TAGS: TAGS, ALLOWED_ATTR: ATTRIBUTES, ALLOW_ARIA_ATTR: false, ALLOW_DATA_ATTR: false,
    FORCE_BODY: true, KEEP_CONTENT: true, SANITIZE_DOM: true, RETURN_DOM: true, ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|cid:|data:image\/(?:png|jpe?g|gif|webp);base64,)/i };
const NOTHING = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"; // a pixel that is seen through
const LONGEST_DATA_PICTURE = 2_000_000;
const DATA_PICTURE = /^data:image\/(?:png|jpe?g|gif|webp);base64,[a-z0-9+/=\s]*$/i;
const COLOUR = /^\s*#?\w{1,30}\s*$/;
const COLOURS = /(?:^|[;{\s])(?:color|background(?:-color|-image)?)\s*:/i;

export interface Shown {
    /** Pictures that are elsewhere and are not shown. */
    readonly blocked: number;
    /** Whether it says itself what colours it wants: then it is shown on white paper, also at night. */
    readonly coloured: boolean;
}

/** Where pictures are on our own server. */
export interface Pictures {
    /** One that a part of the letter holds; nothing if there is none. */
    enclosed(cid: string): string | undefined;
    /** One that is elsewhere; nothing if it is not to be shown. */
    elsewhere(address: string): string | undefined;
}

export const NO_PICTURES: Pictures = { enclosed: () => undefined, elsewhere: () => undefined };

/** Shows a letter in the empty body of its frame, in place of what was there. */
export function showHtml(frame: Window, html: string, pictures: Pictures): Shown {
    const target = frame.document;
    const purify = createPurify(frame as unknown as Parameters<typeof createPurify>[0]);
    const body = purify.sanitize(html, RULES) as unknown as HTMLElement;
    const shown = { blocked: 0, coloured: false };
    const picture = (address: string) => {
        const outside = /^\s*(?:https?:|\/\/)/i.test(address);
        const own = outside ? pictures.elsewhere(address) : pictureHere(address, pictures);
        if (own === undefined && outside) shown.blocked += 1;
        return own;
    };
    const paper = body.ownerDocument.createElement("div"); // in a document that loads nothing, until all of it has been looked at
    paper.className = "paper";
    for (const name of ["style", "dir", "lang"]) set(paper, name, body.getAttribute(name) ?? undefined);
    const ground = body.getAttribute("bgcolor");
    if (ground !== null && COLOUR.test(ground)) paper.setAttribute("style", `background-color:${ground};${paper.getAttribute("style") ?? ""}`);
    paper.append(...body.childNodes);
    for (const element of [paper, ...paper.querySelectorAll<HTMLElement>("*")]) finish(element, picture, shown);
    target.body.replaceChildren(target.importNode(paper, true));
    return shown;
}

function finish(element: HTMLElement, picture: (address: string) => string | undefined, shown: { blocked: number; coloured: boolean }): void {
    const name = element.localName;
    const style = element.getAttribute("style");
    if (style !== null) {
        const clean = cleanStyle(style, picture);
        if (COLOURS.test(clean)) shown.coloured = true;
        set(element, "style", clean === "" ? undefined : clean);
    }
    for (const attribute of ["bgcolor", "color"]) if (!COLOUR.test(element.getAttribute(attribute) ?? "#0")) element.removeAttribute(attribute);
    if (element.hasAttribute("bgcolor") || (name === "font" && element.hasAttribute("color"))) shown.coloured = true;
    if (element.id !== "") element.id = ID_PREFIX + element.id;
    if (name === "style") {
        element.textContent = cleanSheet(element.textContent, picture);
        if (COLOURS.test(element.textContent)) shown.coloured = true;
    } else if (name === "img") {
        finishPicture(element, picture);
    } else if (name === "a") {
        finishLink(element as HTMLAnchorElement);
    } else {
        element.removeAttribute("src");
        element.removeAttribute("href");
    }
}

/** What is not shown leaves its words, or the room that it takes. */
function finishPicture(element: HTMLElement, picture: (address: string) => string | undefined): void {
    const source = picture(element.getAttribute("src") ?? "");
    const words = element.getAttribute("alt")?.trim() ?? "";
    if (source === undefined && words !== "") element.replaceWith(element.ownerDocument.createTextNode(words));
    else element.setAttribute("src", source ?? NOTHING);
    element.setAttribute("loading", "lazy");
}

/** Links open in a tab of their own, which knows nothing of this one, and say where they lead: in words where theirs say another place. */
function finishLink(link: HTMLAnchorElement): void {
    const address = link.getAttribute("href")?.trim() ?? "";
    if (!/^(?:https?|mailto):/i.test(address)) {
        link.removeAttribute("href");
        return;
    }
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.title = address;
    const leads = misleads(link.textContent, address);
    if (leads !== undefined) link.append(` [${leads}]`);
}

function pictureHere(address: string, pictures: Pictures): string | undefined {
    const cid = /^\s*cid:(.*)$/is.exec(address)?.[1];
    if (cid !== undefined) return pictures.enclosed(decoded(cid.trim()));
    return address.length <= LONGEST_DATA_PICTURE && DATA_PICTURE.test(address) ? address : undefined;
}

function decoded(cid: string): string {
    try {
        return decodeURIComponent(cid);
    } catch {
        return cid;
    }
}

function set(element: Element, name: string, value: string | undefined): void {
    if (value === undefined) element.removeAttribute(name);
    else element.setAttribute(name, value);
}
