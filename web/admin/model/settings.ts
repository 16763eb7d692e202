// The keys of the configuration by their sections.
export interface Setting {
    readonly key: string;
    /** As it stands in the file; nothing: it does not stand there. */
    readonly value: string | null;
    readonly default: string;
    readonly meaning: string;
}

export interface Section {
    /** Empty: before all sections. */
    readonly name: string;
    readonly settings: readonly Setting[];
}

export function sections(settings: readonly Setting[]): Section[] {
    const found = new Map<string, Setting[]>();
    for (const setting of settings) {
        const name = setting.key.split(".").slice(0, -1).join(".");
        const known = found.get(name);
        if (known === undefined) found.set(name, [setting]);
        else known.push(setting);
    }
    return [...found].map(([name, some]) => ({ name, settings: some }));
}
