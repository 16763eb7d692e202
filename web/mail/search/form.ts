// The form of a search and what is typed into its box are the same search: one is made of the other.

export interface Form {
    readonly from: string;
    readonly to: string;
    readonly subject: string;
    readonly words: string;
    /** The name or id of a mailbox; empty: everywhere. */
    readonly place: string;
    /** Days as 2026-11-27. */
    readonly after: string;
    readonly before: string;
    readonly attachment: boolean;
    readonly unread: boolean;
}

export function typedFor(form: Form): string {
    const operators = [["from", form.from], ["to", form.to], ["subject", form.subject], ["in", form.place], ["after", form.after], ["before", form.before]] as const;
    const terms = operators.filter(([, value]) => value.trim() !== "").map(([name, value]) => `${name}:${quoted(value)}`);
    if (form.attachment) terms.push("has:attachment");
    if (form.unread) terms.push("is:unread");
    return [form.words.trim(), ...terms].filter((term) => term !== "").join(" ");
}

function quoted(value: string): string {
    const plain = value.trim().replaceAll('"', " ");
    return /[\s\u3000]/u.test(plain) ? `"${plain}"` : plain;
}
