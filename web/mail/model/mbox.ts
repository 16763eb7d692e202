// Letters out of a file: one message, or many in an mbox, which is gone through without having all of it in memory.

const FROM = [0x46, 0x72, 0x6f, 0x6d, 0x20]; // "From " at the beginning of a line
const GREATER = 0x3e;
const LINE_END = 0x0a;

/** Whether a file is an mbox and not one message. */
export async function isMbox(file: Blob): Promise<boolean> {
    const first = new Uint8Array(await file.slice(0, FROM.length).arrayBuffer());
    return first.length === FROM.length && FROM.every((octet, at) => first[at] === octet);
}

/** Where each message of an mbox begins and ends, its "From " line included. */
export async function* messagesOf(file: Blob): AsyncGenerator<{ readonly start: number; readonly end: number }> {
    const reader = (file.stream() as ReadableStream<Uint8Array>).getReader();
    let position = 0; // of the octet that is looked at
    let matched = 0; // octets of "From " at the beginning of this line; -1: it is another line
    let start: number | undefined;
    for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        for (const octet of value) {
            if (matched >= 0 && octet === FROM[matched]) {
                matched += 1;
                if (matched === FROM.length) {
                    const begins = position - FROM.length + 1;
                    if (start !== undefined) yield { start, end: begins };
                    start = begins;
                    matched = -1;
                }
            } else matched = octet === LINE_END ? 0 : -1;
            position += 1;
        }
    }
    if (start !== undefined) yield { start, end: position };
}

/** A message of an mbox without the line in front of it, the empty one behind it, and the `>` that its own lines with "From " got. */
export function unquoted(octets: Uint8Array): Uint8Array<ArrayBuffer> {
    const kept = new Uint8Array(octets.length);
    let length = 0;
    let lineStart = octets.indexOf(LINE_END) + 1;
    if (lineStart === 0) lineStart = octets.length;
    while (lineStart < octets.length) {
        const next = octets.indexOf(LINE_END, lineStart);
        const end = next < 0 ? octets.length : next + 1;
        let quote = lineStart;
        while (octets[quote] === GREATER) quote += 1;
        const isQuoted = quote > lineStart && FROM.every((octet, at) => octets[quote + at] === octet);
        const line = octets.subarray(isQuoted ? lineStart + 1 : lineStart, end);
        kept.set(line, length);
        length += line.length;
        lineStart = end;
    }
    const last = new TextDecoder("latin1").decode(kept.subarray(Math.max(0, length - 4), length));
    if (last.endsWith("\r\n\r\n")) length -= 2;
    else if (last.endsWith("\n\n")) length -= 1;
    return kept.slice(0, length);
}
