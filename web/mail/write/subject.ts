// Subjects of answers and of what is sent on.

// What programs of all languages put in front, also in full width, with a count (Re[2]:), and followed by a full-width colon.
const ANSWER = /^\s*(?:re|aw|sv|vs|antw|odp|ynt|rif|res|回复|回覆|答复|返信|返|답장)\s*(?:[[(]\d+[\])]|\^\d+)?\s*:\s*/u;
const FORWARD = /^\s*(?:fwd?|wg|tr|vl|vb|enc|rv|i|转发|轉寄|転送|전달)\s*(?:[[(]\d+[\])])?\s*:\s*/u;

/** The subject without any mark of an answer or of having been sent on. */
export function bare(subject: string): string {
    let rest = subject;
    for (;;) {
        const next = withoutFirst(withoutFirst(rest, ANSWER), FORWARD);
        if (next === rest) return rest.trim();
        rest = next;
    }
}

/** The subject of an answer: one "Re:", whatever was there; what was sent on stays so. */
export function answerTo(subject: string): string {
    let rest = subject;
    for (;;) {
        const next = withoutFirst(rest, ANSWER);
        if (next === rest) return `Re: ${rest.trim()}`.trimEnd();
        rest = next;
    }
}

export function forwarded(subject: string): string {
    return `Fwd: ${bare(subject)}`.trimEnd();
}

/** The pattern is looked for in a form where full width and case do not count; each character there stands for one of the subject's. */
function withoutFirst(subject: string, pattern: RegExp): string {
    const plain = [...subject].map((character) => {
        const folded = character.normalize("NFKC").toLowerCase();
        return [...folded].length === 1 ? folded : character;
    });
    const found = pattern.exec(plain.join(""));
    return found === null ? subject : [...subject].slice([...found[0]].length).join("");
}
