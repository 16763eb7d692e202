// What the pages of the administration say. The other language has the same: a sentence that is missing does not compile.
import { english as common } from "../../core/words/en.js";
import { ago, moment, number, plural } from "../../core/words/numbers.js";
import type { Standing } from "../model/journey.js";
import type { PageName } from "../model/route.js";

type ByName = { readonly [name: string]: string };

const count = (value: number, one: string, other: string) => plural("en", value, { one, other });
const letters = (value: number) => count(value, "letter", "letters");

export const english = {
    ...common,
    ago: (date: Date, now: Date) => ago("en", date, now),
    moment: (date: Date) => moment("en-GB", date),
    administration: "Administration", menu: "Menu", toMail: "Web mail",
    pageNames: {
        overview: "Overview", letters: "Letters", queue: "Queue", domains: "Domains", accounts: "Accounts", aliases: "Aliases", reports: "Reports",
        certificates: "Certificates", bans: "Refused logins", audit: "Audit log", backups: "Backups", server: "Server",
    } as { readonly [page in PageName]: string },
    loading: "Asking the server…", notAllowed: "Your role does not allow this.", nothingThere: "There is nothing here.", none: "none", never: "never", done: "Done",
    add: "Add", change: "Change", save: "Save", saved: "Saved.", remove: "Remove", undo: "Undo", begin: "Begin", find: "Find", end: "End", endAll: "End all",
    copy: "Copy", copied: "Copied", copyAll: "Copy all", refresh: "Refresh", actions: "Actions", asTable: "As a table", span: "Period",
    time: "Time", since: "Since", until: "Until", state: "State", kind: "Kind", size: "Size", account: "Account", domain: "Domain", client: "From address", host: "Host",
    outcome: "Outcome", folder: "Folder", names: "Names", used: "Used",
    added: (what: string) => `${what} was added.`,
    removed: (what: string) => `${what} was removed.`,
    of: (most: string) => `of ${most}`,
    usedOf: (used: string, most: string) => `${used} of ${most}`,
    lastHours: (hours: number) => `${hours} hours`,
    lastDays: (days: number) => `${days} days`,
    // lists
    filter: "Filter", noneMatches: "Nothing matches the filter.", loadMore: "Load more", lookFurther: "Look through the rest", pageBefore: "Page before", pageAfter: "Next page",
    saveList: (list: string) => `Save as a file: ${list}`,
    filterList: (list: string) => `Filter: ${list}`,
    pages: (list: string) => `Pages: ${list}`,
    rowsOf: (first: number, last: number, all: number, more: boolean) => `${number("en", first)}–${number("en", last)} of ${number("en", all)}${more ? " and more" : ""}`,
    // overview
    allWell: "Everything is well.", memory: "Memory", disk: "Disk", connections: "Connections", lastBackup: "Last backup", noBackup: "No backup is known of.",
    noneYet: "none yet", ended: "ended", mailTitle: "Mail", mailIn: "Received", mailOut: "Sent", mailJunk: "Put into Junk", mailRefused: "Refused",
    whyNot: "Why did this letter not come?", whyNotText: "Follow any letter of the last weeks: who brought it, what was checked, where it is now, and what other servers said.",
    welcome: (name: string) => `You are signed in as ${name}.`,
    allWellText: (host: string) => `${host} has run since it was started`,
    mailReasons: "Why letters were refused at the door", refusals: "Refused", mailDomains: "By domain, in 7 days", stored: "Delivered",
    thingsToDo: (things: number) => `${count(things, "thing asks", "things ask")} for your attention`,
    daysLeft: (days: number) => `${count(days, "day", "days")} left`,
    free: (size: string) => `${size} free`,
    storeTakes: (size: string) => `the store takes ${size}`,
    statuses: {
        "5.1.1": "There is no such address here", "5.1.2": "Its domain is not known", "5.1.7": "The address of the sender is not right", "5.1.8": "The domain of the sender is not known", "5.2.2": "The mailbox is full", "5.3.4": "Too large",
        "5.7.1": "Not allowed", "5.7.8": "Wrong password", "5.7.23": "The sender may not send from there (SPF)", "5.7.25": "The server has no name (reverse DNS)", "5.7.26": "The sender is not proven (DMARC)", "4.7.1": "Not now", "4.2.2": "The mailbox is full for now",
        "4.7.0": "Too many attempts", "5.7.0": "Not allowed",
    } as ByName,
    // letters
    letter: "Letter", from: "From", to: "To", subject: "Subject", began: "Began", letterName: "Name of its journey", aReport: "(a report)", thisServer: "This server", senderCheck: "Sender",
    whichLetter: "Why did this letter not come?", whichLetterHint: "An address of sender or recipient, a Message-ID, the name that this server gave in its answer, or a number in the queue.",
    nothingKnown: "Nothing is known of such a letter. Either it never reached this server, or it is too long ago.", theWay: "The way of the letter", showWay: "Show its way",
    stepByStep: "Step by step", fetched: "Fetched by a mail program:",
    standings: { arrived: "In the mailbox", handed: "Taken by the next server", waits: "Under way", refused: "Refused", ended: "Ended here" } as { readonly [standing in Standing]: string },
    lettersFound: (found: number) => `${letters(found)} found`,
    allLetters: (found: number) => `← All ${letters(found)}`,
    andOthers: (others: number) => `and ${number("en", others)} more`,
    after: (seconds: number) => (seconds < 120 ? `after ${count(Math.round(seconds), "second", "seconds")}` : seconds < 7_200 ? `after ${count(Math.round(seconds / 60), "minute", "minutes")}`
        : `after ${count(Math.round(seconds / 3_600), "hour", "hours")}`),
    dialogue: (server: string) => `What was said with ${server === "" ? "the other server" : server}`,
    // queue
    byDestination: "Where letters wait to go", queueEmpty: "Nothing waits to be sent.", destination: "Destination", waiting: "Waiting", oldest: "Oldest", nextTry: "Next try", lastAnswer: "Last answer",
    beingSent: "being sent", wholeQueue: "← The whole queue", retryAll: "Try all now", retryNow: "Try now", waitsSince: "Waits since", heldUntil: "held until", givenUp: "Given up on", handedInBy: "Handed in by",
    removeLetter: "Remove this letter from the queue?", removeLetterText: "It goes no further, and its sender is not told. This cannot be undone.", letterRemoved: "The letter was removed from the queue.",
    recipientStates: { pending: "waits", deferred: "put off", delivered: "delivered", failed: "failed", reported: "reported" } as ByName,
    numberOf: (id: number) => `Number ${id}`,
    retried: (value: number) => `${letters(value)} will be tried now.`,
    attempts: (value: number) => count(value, "attempt", "attempts"),
    // domains
    addDomain: "Add domain", domainHint: "Such as example.org. Its signing keys are made at once.", noDomains: "There is no domain yet.", allDomains: "← All domains", catchAll: "Catch-all", separator: "Sub-address separator",
    catchAllHint: "Who gets letters to addresses that do not exist. Empty: nobody, they are refused.", separatorHint: "With + letters to anna+shop@ reach anna@. Empty: no sub-addresses.",
    stsModes: { none: "off", testing: "testing", enforce: "enforced" } as { readonly [mode in "none" | "testing" | "enforce"]: string },
    stsHint: "Tells other servers to send to this domain encrypted or not at all (RFC 8461). Begin with testing.", removeDomainText: "Only a domain without accounts and aliases can be removed. Its signing keys go, too.",
    inTheDns: "In the DNS", asksDns: "Asking the DNS as other servers do…", lookAgain: "Look again", mailSuffers: "Mail suffers from what is missing or wrong below.", zoneLines: "Lines for the zone", publish: "Publish",
    publishText: "The records are changed at your name server.", published: "The records are published.", optional: "optional", nowThere: "Now there", whatFor: "What it is for", without: "Without it",
    dnsStates: { right: "Right", missing: "Missing", wrong: "Wrong", "no-answer": "No answer" } as { readonly [state in "right" | "missing" | "wrong" | "no-answer"]: string },
    signingKeys: "Keys that sign its mail (DKIM)", noKeys: "No key yet: the server makes them at its next look.", rotateKeys: "New keys", rotateKeysText: "New keys are announced, and sign as soon as the DNS has them. The old ones stay until letters under way have arrived.",
    keysRotated: "New keys are made. Publish their records.", selector: "Selector", record: "Record", unusable: "unusable",
    keyStates: { announced: "announced", signing: "signs", retired: "signs no more" } as { readonly [state in "announced" | "signing" | "retired"]: string },
    removeDomain: (name: string) => `Remove ${name}?`,
    dnsRight: (right: number, all: number) => (right === all ? "Everything is as it should be." : `Mail works: ${number("en", right)} of ${count(all, "record is", "records are")} as they should be.`),
    // accounts
    addAccount: "Add account", noAccounts: "There is no account yet.", allAccounts: "← All accounts", removedAccounts: "Removed accounts", noRemovedAccounts: "No account was removed lately.", everyDomain: "All domains",
    active: "active", suspended: "suspended", suspend: "Suspend", resume: "Resume", role: "Role", quota: "Quota", unlimited: "unlimited", quotaGigabytes: "Quota in GB", quotaHint: "Empty or 0: as much as there is room for.",
    passwordHint: "Made for this account alone; write another over it if you like.", setPassword: "Set password", setPasswordHint: "All web sessions of the account end.", newPassword: "The password", newPasswordText: "Copy it now: it is not shown again.",
    removeAccountText: "Its mail is kept for a while, and can be brought back with the account.", bringBack: "Bring back", removedOn: "Removed", keptUntil: "Kept until",
    roleHint: "An administrator may do everything; an auditor sees everything and changes nothing.", roleDomains: "Domains", roleDomainsHint: "Of a domain administrator.",
    roles: { user: "User", auditor: "Auditor", "domain-administrator": "Domain administrator", administrator: "Administrator" } as ByName,
    webSessions: "Signed in to the web mail", nobodySignedIn: "Nobody is signed in.", browser: "Browser", lastUsed: "Last used", sessionsEnded: "Signed out.",
    suspendText: (address: string) => `${address} can neither sign in nor send. Letters to it are still taken.`,
    suspendedNow: (address: string) => `${address} is suspended.`,
    resumed: (address: string) => `${address} can sign in again.`,
    removeAccount: (address: string) => `Remove ${address}?`,
    broughtBack: (address: string) => `${address} is back, with its mail.`,
    deletedLetters: "Deleted letters", deletedText: "What was deleted for good stays for a while, and can be brought back into its folder.", nothingDeleted: "Nothing can be brought back.", deletedOn: "Deleted", show: "Show",
    bringAllBack: "Bring all back", bringAllBackText: "Every letter that is listed comes back into the folder that it was in.",
    lettersBack: (value: number) => `${letters(value)} brought back.`,
    lettersOf: (value: number) => letters(value),
    // aliases
    addAlias: "Add alias", noAliases: "There is no alias.", goesTo: "Goes to", targetsHint: "One or several addresses, each on a line.",
    // reports
    dmarcTitle: "Who sends in our names (DMARC)", dmarcText: "What other servers saw of mail that says it comes from our domains. What failed is either forged, or sent by a service that the domain does not know of.",
    tlsTitle: "Encrypted connections (TLS)", tlsText: "What other servers saw of connections to ours.", noReports: "No report came in this time.", sendingServer: "Server that sent", passed: "Passed", failedShort: "Failed", lettersColumn: "Letters",
    whatFailed: "What failed",
    passedOf: (passed: number, all: number) => `${number("en", passed)} of ${letters(all)} passed.`,
    failedOf: (failed: number, quarantined: number, rejected: number) => `${number("en", failed)} failed: ${number("en", rejected)} refused, ${number("en", quarantined)} put aside.`,
    succeededOf: (good: number, all: number) => `${number("en", good)} of ${count(all, "connection was", "connections were")} encrypted as they should be.`,
    reportsBy: (reports: number, who: readonly string[]) => `${count(reports, "report", "reports")}: ${who.slice(0, 5).join(", ")}${who.length > 5 ? " …" : ""}`,
    hostsOf: (domain: string) => `Servers that sent as ${domain}`,
    failuresOf: (domain: string) => `Failures of ${domain}`,
    // certificates
    noCertificates: "There is no certificate.", renewNow: "Renew now", renewed: "The certificate is renewed.", origin: "Comes from", validFrom: "Valid from", validUntil: "Valid until", renewal: "Will be renewed",
    // refused logins
    bansText: "After too many wrong passwords the server refuses further logins for a time: from an address, to an account, or both.", noBans: "Nobody is refused.", liftAll: "Let everybody try again", lift: "Let try again",
    banLifted: "They may try again.", anywhere: "anywhere", anybody: "any account",
    // audit log
    noAudit: "Nothing was changed.", ownAudit: "What others did to your account, and who read or filled your mailbox for you.", who: "Who", about: "About", fromWhere: "From", operation: "Operation", parameters: "Parameters", noOutcome: "cut off", doneShort: "done", refusedShort: "refused",
    operations: {
        "sign-in": "Signed in", "/account/add": "Account added", "/account/set": "Account changed", "/account/password": "Password set", "/account/remove": "Account removed", "/account/role": "Role set", "/account/undelete": "Brought back",
        "/account/import": "Accounts imported", "/alias/add": "Alias added", "/alias/remove": "Alias removed", "/domain/add": "Domain added", "/domain/set": "Domain changed", "/domain/remove": "Domain removed",
        "/dkim/rotate": "New signing keys", "/dkim/check": "Signing keys looked at", "/dns/publish": "DNS records published", "/queue/retry": "Letter tried again", "/queue/remove": "Letter removed from the queue", "/ban/remove": "Login allowed again",
        "/session/end": "Web sessions ended", "/certificate/renew": "Certificate renewed", "/backup": "Backup made", "/restore": "Restored from a backup", "/reload": "Configuration read anew", "/restart": "Restarted",
        "/mail/take": "Mail imported", "/mail/give": "Mail exported", "/index/rebuild": "Word index rebuilt",
    } as ByName,
    // backups
    backupNow: "Back up now", restore: "Restore mail", backupText: "A backup is taken while the server runs. It is a folder that grows by what is new; regular ones are best made by a timer (tegami backup).",
    backupFolderHint: "A folder that the configuration allows (backup_directories).", keepPoints: "Points to keep", keepHint: "Older ones are removed. Empty: all are kept.", mailbox: "Folder of the mailbox", mailboxHint: "Empty: all of them.",
    messageHint: "Empty: all letters.", point: "Point", pointHint: "Empty: the newest.", underWay: "Under way:",
    backupDone: (point: string, size: string) => `The backup ${point} is made; ${size} were written.`,
    restoreDone: (restored: number, there: number) => `${letters(restored)} brought back; ${number("en", there)} were there already.`,
    // server
    version: "Version", runsSince: "Runs since", processNumber: "Process", store: "Store", index: "Word index", upToDate: "up to date", altogether: "Altogether", listens: "Where it listens", service: "Service", endpoint: "Address and port",
    verify: "Verify the store", storeUnsound: "The store is damaged: see what was found, and tegami repair.", restart: "Restart", restartText: "Connections end and are taken up again by the new process. It takes seconds.", restarts: "The server restarts.",
    configuration: "Configuration", configurationText: "Reads tegami.toml anew, with the same checks as tegami check-config. What is wrong changes nothing.", reload: "Read anew",
    reloadProblems: "Nothing was changed:", reloadWarnings: "Worth a look:", reloadApplied: "In force now:", reloadRestart: "Waits for a restart:", reloadNothing: "The configuration is right, and in force as it stands.",
    storeSize: (size: string, free: string) => `${size}, and ${free} free on its disk`,
    indexWaits: (value: number) => `${letters(value)} wait for it`,
    storeSound: (messages: number, accounts: number) => `The store is sound: ${letters(messages)} of ${count(accounts, "account", "accounts")}.`,
};

export type AdminWords = typeof english;
