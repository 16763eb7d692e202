// Where a list of any length stands in a scrolling element of bounded height. Browsers cut an element off at some ten million
// pixels; a list that is longer is scaled: small movements move it by as many pixels, a leap of the scroll bar by its part.

/** What of the list is to be shown. */
export interface Window {
    /** The first row, from 0, and how many. */
    readonly first: number;
    readonly count: number;
    /** Where the first row stands, in pixels from the top of what scrolls. */
    readonly offset: number;
}

export class Scroller {
    private rows = 0;
    private position = 0; // pixels of the whole list above the view
    private top = 0; // what the element says

    /** `limit` is the greatest height that what scrolls may have. All in pixels. */
    constructor(private readonly row: number, private view: number, private readonly limit = 8_000_000) {}

    /** The height that what scrolls must have. */
    get height(): number {
        return Math.min(this.whole, this.limit);
    }

    /** What the element's scrollTop should be: other than it says only after `settle`, `show` or a change of length. */
    get scrollTop(): number {
        return this.top;
    }

    /** The rows in view and `spare` more on either side. */
    window(spare: number): Window {
        const first = Math.max(0, Math.floor(this.position / this.row) - spare);
        const end = Math.min(this.rows, Math.ceil((this.position + this.view) / this.row) + spare);
        return { first, count: Math.max(0, end - first), offset: this.top + first * this.row - this.position };
    }

    /** The first row in view, and how many of its pixels are above it. */
    get anchor(): { readonly row: number; readonly cut: number } {
        const row = Math.floor(this.position / this.row);
        return { row, cut: this.position - row * this.row };
    }

    /** The element was scrolled, and says where it is now. */
    scrolled(top: number): void {
        const moved = top - this.top;
        this.top = top;
        const atEnd = top <= 0 || top >= this.height - this.view;
        if (this.scaled && (Math.abs(moved) > this.view * 2 || atEnd))
            this.position = (top / Math.max(1, this.height - this.view)) * this.last;
        else this.position += moved;
        this.keepWithin();
    }

    /** Scrolling has ended: what a scaled list lost between its place and the scroll bar's is put right without moving a row. */
    settle(): void {
        this.top = this.topFor(this.position);
    }

    /** The list has so many rows now, and `anchor` is the first in view, with `cut` of its pixels above: rows above came or went. */
    resize(rows: number, anchor = this.anchor): void {
        this.rows = rows;
        this.position = anchor.row * this.row + anchor.cut;
        this.keepWithin();
        this.settle();
    }

    /** The view has another height. */
    resizeView(view: number): void {
        this.view = view;
        this.keepWithin();
        this.settle();
    }

    /** Scrolls as little as is needed for all of a row to be in view. */
    show(row: number): void {
        const above = row * this.row;
        if (above < this.position) this.position = above;
        else if (above + this.row > this.position + this.view) this.position = above + this.row - this.view;
        this.keepWithin();
        this.settle();
    }

    private get whole(): number {
        return this.rows * this.row;
    }

    private get last(): number {
        return Math.max(0, this.whole - this.view);
    }

    private get scaled(): boolean {
        return this.whole > this.limit;
    }

    private keepWithin(): void {
        this.position = Math.min(Math.max(0, this.position), this.last);
    }

    private topFor(position: number): number {
        return this.scaled ? (position / this.last) * (this.height - this.view) : position;
    }
}
