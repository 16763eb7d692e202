// The editor of rich text (squire-rte), kept to a few formats. The page's policy lets no text become markup, so that undoing brings back
// the nodes that were there and not their text.
import Squire from "squire-rte/dist/squire-raw.mjs";
import { fewFormats, type Source } from "../../write/few_formats.js";

const MOST_STATES = 100; // that can be undone

export type Clean = (html: string) => DocumentFragment;

export class Editor extends Squire {
    private declare states: Map<string, DocumentFragment> | undefined; // Squire's constructor takes the first

    /** `clean` makes of a stranger's HTML, as what is pasted, what may be in the editor. */
    constructor(root: HTMLElement, clean: Clean) {
        super(root, { blockTag: "DIV", sanitizeToDOMFragment: clean, undo: { documentSizeThreshold: 50_000, undoLimit: MOST_STATES } });
    }

    override _getRawHTML(): string {
        const html = super._getRawHTML();
        this.states ??= new Map();
        this.states.delete(html);
        const state = document.createDocumentFragment();
        for (const child of this._root.childNodes) state.append(child.cloneNode(true));
        this.states.set(html, state);
        for (const old of this.states.keys()) {
            if (this.states.size <= MOST_STATES + 10) break;
            this.states.delete(old);
        }
        return html;
    }

    override _setRawHTML(html: string): this {
        const state = this.states?.get(html);
        if (state !== undefined) this._root.replaceChildren(state.cloneNode(true));
        this._ignoreChange = true;
        return this;
    }

    /** Puts nodes in place of all that is there. */
    fill(nodes: DocumentFragment): void {
        const clean = this._config.sanitizeToDOMFragment;
        this._config.sanitizeToDOMFragment = () => nodes;
        this.setHTML("");
        this._config.sanitizeToDOMFragment = clean;
    }

    /** Puts nodes below all that is there, as one step that can be undone. */
    add(nodes: DocumentFragment): void {
        this.saveUndoState();
        this.modifyDocument(() => this._root.append(nodes));
        this._docWasChanged();
    }

    /** What was written, as it is to be sent. */
    written(picture: (source: string) => string | undefined): HTMLElement {
        const made = document.implementation.createHTMLDocument(""); // where no picture is loaded
        made.body.append(fewFormats(this._root as unknown as Source, made, picture));
        return made.body;
    }
}
