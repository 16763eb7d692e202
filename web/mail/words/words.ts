// What the pages of the web mail say. A sentence that is missing in one language does not compile.
import type { Purpose } from "../account/own_account.js";
import type { Arguments } from "../../core/jmap/types.js";
import type { Words } from "../../core/words/words.js";
import type { Level } from "../model/rights.js";
import type { Mailbox } from "../model/types.js";

type Text = "keys" | "administration" | "whereLetters" | "whereLetter"
    // folders and lists
    | "folders" | "threads" | "chooseAll" | "chooseNothing" | "choose" | "empty" | "noSubject" | "unread" | "starred" | "answered" | "withAttachment"
    | "search" | "searchMail" | "searchForm" | "endSearch" | "found" | "nothingFound" | "words" | "inFolder" | "everywhere" | "after" | "before"
    // what is done with letters
    | "archive" | "delete" | "deleteFinally" | "junk" | "notJunk" | "move" | "star" | "undo" | "undone"
    | "keyNextAndBefore" | "keyOpen" | "keyBack" | "keyReadOrUnread"
    // folders and labels
    | "newFolder" | "newFolderHere" | "changeFolder" | "makeFolder" | "deleteFolder" | "name" | "topLevel" | "subscribed" | "save" | "labels" | "newLabel" | "addLabel"
    | "noLabelName" | "stop" | "importFiles" | "importStopped" | "exportLetters"
    // without connection
    | "noAnswerYet" | "newVersion" | "reload" | "keptHere" | "notKeptHere" | "unsent" | "sentLater" | "savedLater" | "beingSent"
    | "notifications" | "notificationsBlocked" | "newMail"
    // what was deleted
    | "deleted" | "searchHere" | "deletedDrafts" | "nothingDeleted" | "putBack" | "loadMore"
    // a letter
    | "letter" | "letterGone" | "nothingOpen" | "backToList" | "from" | "sender" | "replyTo" | "to" | "cc" | "bcc" | "subject" | "date" | "toNobody"
    | "provenShort" | "vouchedShort" | "unprovenShort" | "forgedShort" | "picture" | "cut" | "tooDeep" | "downloadLetter" | "asText" | "asWritten" | "source" | "header"
    | "wholeLetter" | "print" | "fromThisPerson" | "unsubscribe" | "unsubscribed" | "notUnsubscribed" | "otherWay" | "showPictures" | "fold" | "attachments" | "namelessFile" | "enclosedLetter" | "reply" | "replyAll" | "forward"
    // writing
    | "write" | "newLetter" | "goOnWriting" | "closeComposer" | "copies" | "text" | "editQuote" | "attach" | "send" | "discard" | "discarded" | "saving" | "saved"
    | "sending" | "sent" | "undoSending" | "notSentAfterAll" | "goneAlready" | "cannotWrite" | "uploadsRun" | "noRecipients" | "notSent" | "noFileTitle" | "noFileText"
    // one's own account
    | "ownAccount" | "changePassword" | "changePasswordText" | "newPassword" | "passwordChanged" | "secondFactor"
    | "factorText" | "beginFactor" | "scanText" | "turnOn" | "recoveryText" | "keptThem" | "newCodes" | "endFactor"
    | "passkeys" | "passkeysText" | "passkeysUnknown" | "addPasskey" | "passkeyName" | "removePasskey" | "emptyForPasskey" | "factorByPasskeys" | "factorByPasskeysText" | "factorRequired"
    | "appPasswords" | "appPasswordsText" | "appPasswordsNeeded" | "shownOnce" | "neverUsed" | "removePassword" | "makePassword" | "program" | "mayUse" | "tokenShownOnce"
    | "sessions" | "thisBrowser" | "copy" | "copied" | "codePicture"
    | "sendLater" | "otherTime" | "waiting" | "nothingWaits" | "edit" | "doNotSend"
    | "invitation" | "when" | "repeats" | "place" | "invitedBy" | "guests" | "cancelled" | "answerInvitation" | "comment" | "answerSent" | "answerNotSent"
    | "identities" | "yourName" | "signature"
    | "formats" | "bold" | "italic" | "underline" | "bullets" | "numbers" | "quote" | "link" | "linkAddress" | "noLink" | "unformat"
    | "share" | "sharedWith" | "sharedWithNobody" | "otherRights" | "shareAddress" | "mayUseFolder" | "shareNow"
    | "sendAnyway" | "lookTitle" | "forwardedLetter" | "unsavedFound" | "openIt";

export type MailWords = Words & { readonly [name in Text]: string } & {
    readonly protocolNames: { readonly [protocol: string]: string };
    readonly purposes: { readonly [purpose in Purpose]: string };
    conversations(count: number): string;
    unreadCount(count: number): string;
    folder(mailbox: Pick<Mailbox, "name" | "role"> | undefined): string;
    chooseLetter(subject: string): string;
    draftTo(who: string): string;
    toWhom(who: string): string;
    andOthers(count: number): string;
    marked(count: number): string;
    archived(count: number): string;
    moved(count: number, folder: string): string;
    movedToTrash(count: number): string;
    movedToJunk(count: number): string;
    movedToInbox(count: number): string;
    deleteFinallyText(count: number): string;
    notDone(count: number): string;
    folderMenu(name: string): string;
    emptyFolder(name: string): string;
    /** `inside`: how many folders are in it, too. */
    deleteFolderText(name: string, inside: number, letters: number, forEver: boolean): string;
    folderDeleted(name: string): string;
    /** By the type of a SetError, RFC 8621 §2.5; `invalid-name` and the like name a property. */
    folderProblem(type: string): string;
    shareFolder(name: string): string;
    mayDo(level: Level): string;
    endSharing(address: string): string;
    /** By the type of a SetError; `nobody`: no such account, `owner`: whose it is. */
    shareProblem(type: string): string;
    /** Of $label1 to $label5. */
    readonly commonLabels: readonly string[];
    progress(done: number, whole: number): string;
    letterFrom(who: string): string;
    proven(domain: string): string;
    vouched(domain: string, signers: string): string;
    unproven(domain: string): string;
    forged(domain: string): string;
    blocked(pictures: number): string;
    alwaysPictures(sender: string): string;
    unsubscribeText(sender: string): string;
    every(unit: "day" | "week" | "month" | "year", interval: number, days: readonly string[], times: number | undefined, until: string | undefined): string;
    goesAt(when: string): string;
    noTime(days: number): string;
    factorInForce(codes: number): string;
    lastUsed(day: string): string;
    removePasswordText(name: string): string;
    removePasskeyText(name: string): string;
    /** By the word of a refusal (docs/api-account.md). */
    accountProblem(word: string): string;
    importing(count: number): string;
    coming(answer: "accepted" | "tentative" | "declined"): string;
    youSaid(answer: "accepted" | "tentative" | "declined"): string;
    answerSubject(answer: "accepted" | "tentative" | "declined", title: string): string;
    answerText(answer: "accepted" | "tentative" | "declined", who: string, title: string): string;
    offline(since: string): string;
    changesWait(count: number): string;
    unsentText(count: number): string;
    deletedWithin(days: number): string;
    deletedOn(when: string): string;
    putBackDone(count: number): string;
    /** By the word of a refusal (docs/api-account.md). */
    putBackProblem(word: string): string;
    onlyFirst(count: number, whole: number): string;
    imported(count: number, failed: number): string;
    quoted(lines: number): string;
    downloadFile(name: string, size: string): string;
    showFile(name: string): string;
    removeFile(name: string): string;
    tooLarge(limit: string): string;
    /** By the status of HTTP; 0: no answer. */
    uploadFailed(status: number): string;
    noAddress(typed: string): string;
    lookText(address: string, known: string): string;
    /** By the type of a SetError, RFC 8620 §5.3. */
    notSavedBecause(type: string): string;
    /** RFC 8621 §7.5 */
    notSentBecause(type: string, details: Arguments): string;
};
