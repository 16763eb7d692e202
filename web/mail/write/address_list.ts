// Addresses as people type them: `Anna <anna@example.org>, bob@example.org`, with commas and semicolons of any width between them.
import type { Address } from "./address.js";

export interface Typed {
    readonly addresses: readonly Address[];
    /** What is no address. */
    readonly wrong: readonly string[];
}

const SEPARATORS = ",;，；、\n";

export function parseAddresses(typed: string): Typed {
    const addresses: Address[] = [];
    const wrong: string[] = [];
    for (const piece of pieces(typed)) {
        const address = parseAddress(piece);
        if (address === undefined) wrong.push(piece);
        else addresses.push(address);
    }
    return { addresses, wrong };
}

/** One address in each piece. Quotes and angle brackets hold together what is in them. */
function pieces(typed: string): string[] {
    const found = [""];
    let quoted = false;
    let bracket = false;
    for (const letter of typed) {
        if (letter === '"') quoted = !quoted;
        if (!quoted && letter === "<") bracket = true;
        if (!quoted && letter === ">") bracket = false;
        if (!quoted && !bracket && SEPARATORS.includes(letter)) found.push("");
        else found[found.length - 1] += letter;
    }
    return found.map((piece) => piece.trim()).filter((piece) => piece !== "");
}

function parseAddress(piece: string): Address | undefined {
    const match = /^(.*?)\s*<\s*([^<>]*?)\s*>$/su.exec(piece);
    const email = (match?.[2] ?? piece).replaceAll("＠", "@");
    if (!/^[^\s@<>"(),:;]+@[^\s@<>"(),:;]+$/u.test(email)) return undefined;
    const name = match?.[1]?.trim().replace(/^"(.*)"$/s, "$1").replaceAll(/\\(.)/g, "$1").trim();
    return { name: name === undefined || name === "" ? null : name, email };
}

/** The address as it would be typed. */
export function typedAddress({ name, email }: Address): string {
    if (name === null || name.trim() === "" || name === email) return email;
    const special = /[",;<>@()，；、]/u.test(name);
    return `${special ? `"${name.replaceAll(/["\\]/g, "\\$&")}"` : name} <${email}>`;
}

export function typedAddresses(addresses: readonly Address[]): string {
    return addresses.map(typedAddress).join(", ");
}

/** Where the piece begins in which the caret stands, and what of it is before the caret. */
export function beingTyped(typed: string, caret: number): { readonly start: number; readonly text: string } {
    const before = typed.slice(0, caret);
    const start = Math.max(...[...SEPARATORS].map((separator) => before.lastIndexOf(separator))) + 1;
    return { start, text: before.slice(start).trimStart() };
}
