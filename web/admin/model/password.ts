// A password that nobody guesses and everybody can read aloud.

/** Without those that look alike. 32 of them: 5 bits each. */
const SIGNS = "abcdefghijkmnpqrstuvwxyz23456789";
const GROUPS = 5;
const SIGNS_IN_GROUP = 4;

/** 100 bits. */
export function newPassword(random: (octets: Uint8Array<ArrayBuffer>) => Uint8Array = (octets) => crypto.getRandomValues(octets)): string {
    const octets = random(new Uint8Array(GROUPS * SIGNS_IN_GROUP));
    const signs = [...octets].map((octet) => SIGNS[octet % SIGNS.length]).join("");
    return signs.match(new RegExp(`.{${SIGNS_IN_GROUP}}`, "g"))!.join("-");
}
