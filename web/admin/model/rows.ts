// Lists as people look at them: filtered by words, in an order, a page at a time.

export interface Order {
    readonly column: number;
    readonly down: boolean;
}

/** Those that have all the words, in whatever of the texts. */
export function filtered<Row>(rows: readonly Row[], typed: string, texts: (row: Row) => readonly string[]): readonly Row[] {
    const words = fold(typed).split(/\s+/u).filter((word) => word !== "");
    if (words.length === 0) return rows;
    return rows.filter((row) => {
        const text = fold(texts(row).join("\n"));
        return words.every((word) => text.includes(word));
    });
}

/** Full width, half width and case are the same. */
function fold(text: string): string {
    return text.normalize("NFKC").toLowerCase();
}

/** By a value of each row: numbers as numbers, texts as the language sorts them; what has none comes last. */
export function sorted<Row>(rows: readonly Row[], value: (row: Row) => string | number | undefined, down: boolean, language: string): readonly Row[] {
    const texts = new Intl.Collator(language, { numeric: true });
    const sign = down ? -1 : 1;
    return [...rows].sort((one, other) => {
        const [a, b] = [value(one), value(other)];
        if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
        return sign * (typeof a === "number" && typeof b === "number" ? a - b : texts.compare(String(a), String(b)));
    });
}

export const PAGE_ROWS = 50;

export function pageOf<Row>(rows: readonly Row[], page: number): readonly Row[] {
    return rows.slice(page * PAGE_ROWS, (page + 1) * PAGE_ROWS);
}
