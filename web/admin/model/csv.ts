// Rows as a file that spreadsheets read (RFC 4180).

export type Value = string | number | undefined;

/** With the heading first. What a spreadsheet would take for a formula has an apostrophe in front. */
export function csv(heading: readonly string[], rows: readonly (readonly Value[])[]): string {
    return [heading, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value: Value): string {
    if (typeof value !== "string") return value === undefined ? "" : String(value);
    const text = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
