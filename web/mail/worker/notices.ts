// What the page writes down for the worker when notifications are turned on.
import type { Id } from "../../core/jmap/types.js";

export const NOTICES = "notices"; // of `things`

export interface Notices {
    readonly subscription: Id;
    /** Words in the language of the page. */
    readonly noSubject: string;
    readonly somebody: string;
    readonly newMail: string;
    /** What came before then is old. */
    readonly since: string;
    /** Of those that came in that very second, which are known. */
    readonly shown: readonly Id[];
}
