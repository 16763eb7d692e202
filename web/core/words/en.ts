import { number, octets, plural } from "./numbers.js";
import type { Words } from "./words.js";

export const english: Words = {
    language: "en",
    ownName: "English",
    somebody: "somebody", yesterday: "yesterday",
    address: "Address", password: "Password", signIn: "Sign in", signOut: "Sign out", wrongPassword: "That address and password do not match.",
    codeOfApp: "Code of your app, or a recovery code", wrongCode: "That code is wrong, or was used already.",
    signInByPasskey: "Sign in with a passkey", passkeyInstead: "Use a passkey instead", factorFirst: "Set up your second factor first", noPasskey: "No passkey was used. Try again, or sign in with your password.",
    unreachable: "The server cannot be reached.", tryAgain: "Try again",
    failed: "That did not work. Please try again.", languages: "Language", settings: "Settings", close: "Close", cancel: "Cancel", more: "More",
    wrote: (who) => `${who} wrote:`,
    wroteOn: (when, who) => `On ${when}, ${who} wrote:`,
    letters: (count) => plural("en", count, { one: "letter", other: "letters" }),
    chosen: (count) => `${plural("en", count, { one: "letter", other: "letters" })} chosen`,
    count: (value) => number("en", value),
    octets: (count) => octets("en", count),
    waitSeconds: (seconds) => `Too many attempts. Please wait ${plural("en", seconds, { one: "second", other: "seconds" })}.`,
};
