// What we use of squire-rte 2.4. Its own declarations name files without their ending, which are no modules to Node.
declare module "squire-rte/dist/squire-raw.mjs" {
    interface Config {
        blockTag: string;
        undo: { documentSizeThreshold: number; undoLimit: number };
        sanitizeToDOMFragment: (html: string) => DocumentFragment;
    }
    export default class Squire {
        constructor(root: HTMLElement, config?: Partial<Config>);
        protected readonly _root: HTMLElement;
        protected readonly _config: Config;
        protected _ignoreChange: boolean;
        protected _getRawHTML(): string;
        protected _setRawHTML(html: string): this;
        protected _docWasChanged(): void;
        destroy(): void;
        addEventListener(type: string, listener: (event: Event) => void): this;
        setHTML(html: string): this;
        insertImage(source: string, attributes: { readonly [name: string]: string }): HTMLImageElement;
        saveUndoState(): this;
        modifyDocument(work: () => void): this;
        moveCursorToStart(): this;
        focus(): this;
        hasFormat(tag: string): boolean;
        getSelectedText(): string;
        bold(): this;
        removeBold(): this;
        italic(): this;
        removeItalic(): this;
        underline(): this;
        removeUnderline(): this;
        makeUnorderedList(): this;
        makeOrderedList(): this;
        removeList(): this;
        increaseQuoteLevel(): this;
        decreaseQuoteLevel(): this;
        makeLink(address: string, attributes?: { readonly [name: string]: string }): this;
        removeLink(): this;
        removeAllFormatting(): this;
    }
}
