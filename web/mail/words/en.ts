import { english as common } from "../../core/words/en.js";
import { number, plural } from "../../core/words/numbers.js";
import type { MailWords } from "./words.js";

const FOLDERS: { readonly [role: string]: string } = { inbox: "Inbox", drafts: "Drafts", sent: "Sent", archive: "Archive", junk: "Junk", trash: "Trash" };
const letters = (count: number) => plural("en", count, { one: "letter", other: "letters" });

export const english: MailWords = {
    ...common,
    keys: "Keys", administration: "Administration", whereLetters: "Where are my letters?",
    folders: "Folders", threads: "Conversations", chooseAll: "Select all", chooseNothing: "Select none", choose: "Select", empty: "There is nothing here.",
    noSubject: "(no subject)", unread: "Unread", starred: "Starred", answered: "Answered", withAttachment: "With attachment",
    search: "Search", searchMail: "Search mail", searchForm: "Search form", endSearch: "End search", found: "Search results", nothingFound: "Nothing was found.",
    words: "Words", inFolder: "In folder", everywhere: "Everywhere", after: "Since", before: "Before",
    archive: "Archive", delete: "Delete", deleteForEver: "Delete for ever", junk: "Junk", notJunk: "Not junk", move: "Move to folder", star: "Star", undo: "Undo",
    undone: "Undone.", keyNextAndBefore: "Next, previous letter", keyOpen: "Open", keyBack: "Back to the list", keyReadOrUnread: "Mark as read or unread",
    letter: "Letter", letterGone: "This letter is not there any more.", nothingOpen: "Choose a letter to read it here.", backToList: "Back to the list",
    from: "From", sender: "Sent by", replyTo: "Reply to", to: "To", cc: "Cc", bcc: "Bcc", subject: "Subject", date: "Date", toNobody: "to nobody named",
    provenShort: "Verified", vouchedShort: "Sent through another", unprovenShort: "Not verified", forgedShort: "Possibly forged",
    picture: "Picture", cut: "This letter is longer than what is shown.", downloadLetter: "Download the letter", asText: "Show as plain text",
    asWritten: "Show as it was written", source: "Source", header: "Header", wholeLetter: "Whole letter", print: "Print", fromThisPerson: "All from this person", unsubscribe: "Unsubscribe", fold: "Fold up",
    attachments: "Attachments", namelessFile: "File without a name", enclosedLetter: "Enclosed letter", reply: "Reply", replyAll: "Reply to all", forward: "Forward",
    write: "Write", newLetter: "New letter", goOnWriting: "Go on writing", closeComposer: "Save and close", copies: "Cc, Bcc", text: "Text",
    editQuote: "Show the quoted letter", attach: "Attach files", send: "Send", discard: "Discard", discarded: "The draft is discarded.", saving: "Saving…",
    saved: "Saved", sending: "Sending…", sent: "The letter is sent.", undoSending: "Undo", notSentAfterAll: "The letter was not sent, and is a draft again.",
    goneAlready: "It was too late: the letter has gone.", cannotWrite: "The letter cannot be opened for writing now.", uploadsRun: "Wait until the files are uploaded.",
    noRecipients: "Who is the letter for?", notSent: "There was no answer. The letter is still here: please try again.", noFileTitle: "Without attachment?",
    noFileText: "The text speaks of an attachment, but none is there.", sendAnyway: "Send anyway", lookTitle: "Is the address right?",
    forwardedLetter: "Forwarded letter", unsavedFound: "A letter was not saved when this page was closed.", openIt: "Open",
    conversations: (count) => plural("en", count, { one: "conversation", other: "conversations" }),
    unreadCount: (count) => `${number("en", count)} unread`,
    folder: (mailbox) => (mailbox === undefined ? "" : FOLDERS[mailbox.role ?? ""] ?? mailbox.name),
    chooseLetter: (subject) => `Select: ${subject}`,
    draftTo: (who) => (who === "" ? "Draft" : `Draft to ${who}`),
    toWhom: (who) => `to ${who}`,
    andOthers: (count) => ` and ${number("en", count)} more`,
    marked: (count) => `${letters(count)} marked.`,
    archived: (count) => `${letters(count)} archived.`,
    moved: (count, folder) => `${letters(count)} moved to ${folder}.`,
    movedToTrash: (count) => `${letters(count)} moved to Trash.`,
    movedToJunk: (count) => `${letters(count)} moved to Junk.`,
    movedToInbox: (count) => `${letters(count)} moved to the Inbox.`,
    deleteForEverText: (count) => `${letters(count)} will be gone and cannot be brought back here.`,
    notDone: (count) => `${letters(count)} could not be changed.`,
    letterFrom: (who) => `Letter from ${who}`,
    proven: (domain) => `This letter really comes from ${domain}: its signature or its server proves it.`,
    vouched: (domain, signers) => `Signed by ${signers}, not by ${domain}. Newsletters and mailing lists are sent so; anybody else could, too.`,
    unproven: (domain) => `Nothing proves that this letter comes from ${domain}. Do not trust it with anything important.`,
    forged: (domain) => `${domain} says how its letters can be known, and this is none of them. The sender is probably forged.`,
    blocked: (pictures) => `${plural("en", pictures, { one: "picture", other: "pictures" })} from elsewhere not loaded, so that nobody learns that you read this.`,
    quoted: (lines) => `Show ${plural("en", lines, { one: "quoted line", other: "quoted lines" })}`,
    downloadFile: (name, size) => `Download ${name}, ${size}`,
    removeFile: (name) => `Remove ${name}`,
    tooLarge: (limit) => `larger than ${limit}`,
    uploadFailed: (status) => (status === 413 ? "too large" : status === 429 ? "too much at once, try later" : status === 0 ? "no connection" : "not accepted"),
    noAddress: (typed) => `“${typed}” is no address.`,
    lookText: (address, known) => `${address} looks like ${known}, to which you have written before, but is another.`,
    notSavedBecause: (type) => (type === "overQuota" ? "Not saved: the mailbox is full." : type === "blobNotFound" ? "Not saved: attach the files anew."
        : type === "tooLarge" ? "Not saved: the letter is too large." : "The server did not save the draft."),
    notSentBecause: (type, details) => {
        if (type === "invalidRecipients" && Array.isArray(details["invalidRecipients"])) return `Not sent: no letter can be sent to ${details["invalidRecipients"].join(", ")}.`;
        return { noRecipients: "Who is the letter for?", tooLarge: "Not sent: the letter is too large.", tooManyRecipients: "Not sent: too many recipients.",
            forbiddenFrom: "Not sent: you may not write from this address.", forbiddenMailFrom: "Not sent: you may not write from this address.",
            forbiddenToSend: "Not sent: you have sent too much for now. Try later.", rateLimit: "Not sent: you have sent too much for now. Try later.",
            overQuota: "Not sent: the mailbox is full.", blobNotFound: "Not sent: attach the files anew." }[type] ?? "The server did not send the letter.";
    },
};
