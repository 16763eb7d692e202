// Small choices that stay with the browser. Where it keeps nothing (private windows), they last as long as the page.

export function kept(name: string): string | undefined {
    try {
        return localStorage.getItem(`tegami.${name}`) ?? undefined;
    } catch {
        return undefined;
    }
}

/** Nothing: it is forgotten. */
export function keep(name: string, value: string | undefined): void {
    try {
        if (value === undefined) localStorage.removeItem(`tegami.${name}`);
        else localStorage.setItem(`tegami.${name}`, value);
    } catch {
        // full, or not allowed
    }
}
