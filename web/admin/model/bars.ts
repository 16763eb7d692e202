// Where the bars of a chart stand: columns of parts upon each other, and lines at round numbers.

export interface Bar {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
}

export interface Drawing {
    /** For each column the bars of its parts, from below; none where a part is nothing. */
    readonly columns: readonly (readonly (Bar | undefined)[])[];
    /** Round numbers from 0 up, the last above all columns, with their heights. */
    readonly lines: readonly { readonly value: number; readonly y: number }[];
}

/** `columns` has the same parts for each column, none below 0. */
export function draw(columns: readonly (readonly number[])[], width: number, height: number): Drawing {
    const most = Math.max(1, ...columns.map((parts) => parts.reduce((sum, part) => sum + part, 0)));
    const step = roundStep(most / 4);
    const top = Math.ceil(most / step) * step;
    const lines = Array.from({ length: Math.round(top / step) + 1 }, (_, at) => ({ value: at * step, y: height - (at * step * height) / top }));
    const place = width / Math.max(1, columns.length);
    const gap = Math.min(place * 0.25, 6);
    return {
        lines,
        columns: columns.map((parts, at) => {
            let below = 0;
            return parts.map((part) => {
                if (part <= 0) return undefined;
                const tall = (part * height) / top;
                below += tall;
                return { x: at * place + gap / 2, y: height - below, width: place - gap, height: tall };
            });
        }),
    };
}

/** The next of 1, 2, 5, 10, 20, 50, … */
function roundStep(atLeast: number): number {
    const power = 10 ** Math.floor(Math.log10(Math.max(atLeast, 1)));
    return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= atLeast)!;
}
