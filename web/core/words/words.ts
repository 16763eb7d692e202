// What the pages say. Each language is one object of this type: the compiler finds a sentence that is missing.

export interface Words {
    /** BCP 47 */
    readonly language: string;
    readonly somebody: string;
    wrote(who: string): string;
    wroteOn(when: string, who: string): string;
    letters(count: number): string;
    chosen(count: number): string;
    readonly yesterday: string;
    octets(count: number): string;
}
