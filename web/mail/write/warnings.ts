// What a person would want to know before a letter goes: a file that was promised and is not there, and a recipient whose domain
// looks like one that is known and is another.
import { sameAs } from "./address.js";

// With what stands before and after, where only the words themselves would be found in others.
const PROMISES = [
    /\b(?:attach(?:ed|ing|ment|ments)?|enclos(?:ed|ing)|see (?:the )?attach\w*)\b/iu,
    /添付|同封|別添|別紙/u,
    /\b(?:im anhang|anbei|angehängt|beigefügt)(?![\p{L}\p{N}])/iu,
    /\b(?:ci-joint|pièce jointe|en pièces? jointes?)(?![\p{L}\p{N}])/iu,
    /\b(?:adjunt[oa]s?|allegat[oi]|em anexo|bijlage)\b/iu,
];

/** Whether one's own words, without quotes and signature, promise a file. */
export function promisesFile(subject: string, ownText: string): boolean {
    return PROMISES.some((promise) => promise.test(subject) || promise.test(ownText));
}

// Letters that look like Latin ones, by what they look like. Those that NFKC makes Latin (full width and the like) are not here.
const LOOKS: { readonly [letter: string]: string } = Object.fromEntries(
    [["а", "a"], ["е", "e"], ["о", "o"], ["р", "p"], ["с", "c"], ["у", "y"], ["х", "x"], ["і", "i"], ["ј", "j"], ["ѕ", "s"], ["һ", "h"], ["ԁ", "d"],
        ["ԛ", "q"], ["ԝ", "w"], ["к", "k"], ["м", "m"], ["н", "h"], ["т", "t"], ["в", "b"], ["α", "a"], ["ο", "o"], ["ρ", "p"], ["ν", "v"], ["υ", "u"],
        ["ι", "i"], ["κ", "k"], ["τ", "t"], ["ε", "e"], ["ı", "i"], ["ɑ", "a"], ["ɡ", "g"], ["ӏ", "l"], ["լ", "l"], ["օ", "o"], ["ո", "n"], ["ս", "u"]]);

/** What a domain looks like: the same for two that are easily taken for each other. */
function look(domain: string): string {
    const plain = domain.normalize("NFKC").toLowerCase().normalize("NFD").replaceAll(/\p{M}/gu, "");
    const latin = [...plain].map((letter) => LOOKS[letter] ?? letter).join("");
    return latin.replaceAll("rn", "m").replaceAll("vv", "w").replaceAll("cl", "d").replaceAll("0", "o").replaceAll(/[1|]/g, "l").replaceAll("i", "l");
}

/** The domain that is known and that a recipient's looks like; nothing if it is known itself or looks like none. `known` are domains of
 *  people written to, in lower case. */
export function looksLike(address: string, known: ReadonlySet<string>): string | undefined {
    const domain = domainOf(address);
    if (domain === undefined || known.has(domain)) return undefined;
    const own = look(domain);
    for (const other of known)
        if (look(other) === own || isSlip(domain, other)) return other;
    return undefined;
}

function domainOf(address: string): string | undefined {
    const at = address.lastIndexOf("@");
    return at < 0 || at === address.length - 1 ? undefined : sameAs(address.slice(at + 1));
}

/** One letter missing, too much, another, or two in each other's place. Of short names every other one would be such. */
function isSlip(one: string, other: string): boolean {
    if (Math.abs(one.length - other.length) > 1 || Math.min(one.length, other.length) < 8) return false;
    let start = 0;
    while (start < one.length && start < other.length && one[start] === other[start]) start += 1;
    let end = 0;
    while (end < one.length - start && end < other.length - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
    const left = one.slice(start, one.length - end);
    const right = other.slice(start, other.length - end);
    if (left.length <= 1 && right.length <= 1) return !/^\d*$/.test(left + right); // host1 and host2 are two names
    return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
