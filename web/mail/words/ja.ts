import { japanese as common } from "../../core/words/ja.js";
import { number } from "../../core/words/numbers.js";
import type { MailWords } from "./words.js";

const FOLDERS: { readonly [role: string]: string } = { inbox: "受信トレイ", drafts: "下書き", sent: "送信済み", archive: "アーカイブ", junk: "迷惑メール", trash: "ゴミ箱" };
const letters = (count: number) => `${number("ja", count)} 通`;

export const japanese: MailWords = {
    ...common,
    keys: "キーボード操作", administration: "管理", whereLetters: "メールの経路を調べる",
    folders: "フォルダー", threads: "スレッド表示", chooseAll: "すべて選択", chooseNothing: "選択を解除", choose: "選択", empty: "メールはありません。",
    noSubject: "(件名なし)", unread: "未読", starred: "スター付き", answered: "返信済み", withAttachment: "添付ファイルあり",
    search: "検索", searchMail: "メールを検索", searchForm: "検索条件", endSearch: "検索を終了", found: "検索結果", nothingFound: "見つかりませんでした。",
    words: "キーワード", inFolder: "フォルダー", everywhere: "すべて", after: "開始日", before: "この日より前",
    archive: "アーカイブ", delete: "削除", deleteForEver: "完全に削除", junk: "迷惑メール", notJunk: "迷惑メールではない", move: "フォルダーへ移動", star: "スター", undo: "元に戻す",
    undone: "元に戻しました。", keyNextAndBefore: "次のメール、前のメール", keyOpen: "開く", keyBack: "一覧へ戻る", keyReadOrUnread: "既読・未読の切り替え",
    letter: "メール", letterGone: "このメールはもうありません。", nothingOpen: "メールを選ぶと、ここに表示されます。", backToList: "一覧へ戻る",
    from: "差出人", sender: "送信者", replyTo: "返信先", to: "宛先", cc: "Cc", bcc: "Bcc", subject: "件名", date: "日時", toNobody: "宛先の記載なし",
    provenShort: "確認済み", vouchedShort: "他のサーバー経由", unprovenShort: "未確認", forgedShort: "なりすましの疑い",
    picture: "画像", cut: "長いメールのため、一部だけを表示しています。", downloadLetter: "メールをダウンロード", asText: "テキストで表示",
    asWritten: "元の形式で表示", source: "ソース", header: "ヘッダー", wholeLetter: "メール全体", print: "印刷", fromThisPerson: "この人からのメールをすべて表示", unsubscribe: "配信を停止", fold: "折りたたむ",
    attachments: "添付ファイル", namelessFile: "名前のないファイル", enclosedLetter: "添付されたメール", reply: "返信", replyAll: "全員に返信", forward: "転送",
    write: "新規作成", newLetter: "新しいメール", goOnWriting: "続きを書く", closeComposer: "保存して閉じる", copies: "Cc、Bcc", text: "本文",
    editQuote: "引用文を表示", attach: "ファイルを添付", send: "送信", discard: "破棄", discarded: "下書きを破棄しました。", saving: "保存中…",
    saved: "保存しました", sending: "送信中…", sent: "メールを送信しました。", undoSending: "取り消す", notSentAfterAll: "送信を取り消し、下書きに戻しました。",
    goneAlready: "すでに送信されたため、取り消せませんでした。", cannotWrite: "いまはメールを書けません。", uploadsRun: "ファイルのアップロードが終わるまでお待ちください。",
    noRecipients: "宛先を入力してください。", notSent: "応答がありませんでした。メールはここに残っています。もう一度お試しください。", noFileTitle: "添付ファイルがありません",
    noFileText: "本文に添付とありますが、ファイルが添付されていません。", sendAnyway: "このまま送信", lookTitle: "宛先の確認",
    forwardedLetter: "転送メール", unsavedFound: "保存されていないメールがあります。", openIt: "開く",
    conversations: (count) => `${number("ja", count)} 件`,
    unreadCount: (count) => `未読 ${number("ja", count)} 通`,
    folder: (mailbox) => (mailbox === undefined ? "" : FOLDERS[mailbox.role ?? ""] ?? mailbox.name),
    chooseLetter: (subject) => `選択: ${subject}`,
    draftTo: (who) => (who === "" ? "下書き" : `下書き(宛先: ${who})`),
    toWhom: (who) => `宛先: ${who}`,
    andOthers: (count) => ` ほか ${number("ja", count)} 名`,
    marked: (count) => `${letters(count)}を変更しました。`,
    archived: (count) => `${letters(count)}をアーカイブしました。`,
    moved: (count, folder) => `${letters(count)}を「${folder}」に移動しました。`,
    movedToTrash: (count) => `${letters(count)}をゴミ箱に移動しました。`,
    movedToJunk: (count) => `${letters(count)}を迷惑メールに移動しました。`,
    movedToInbox: (count) => `${letters(count)}を受信トレイに移動しました。`,
    deleteForEverText: (count) => `${letters(count)}を完全に削除します。ここからは元に戻せません。`,
    notDone: (count) => `${letters(count)}を変更できませんでした。`,
    letterFrom: (who) => `${who} からのメール`,
    proven: (domain) => `このメールが ${domain} から送られたことを、署名またはサーバーで確認しました。`,
    vouched: (domain, signers) => `署名は ${domain} ではなく ${signers} のものです。メールマガジンやメーリングリストでよくありますが、第三者が送ることもできます。`,
    unproven: (domain) => `このメールが ${domain} から送られたことを確認できません。重要な用件では信用しないでください。`,
    forged: (domain) => `${domain} が公開している確認方法に合いません。差出人はなりすましと思われます。`,
    blocked: (pictures) => `外部の画像 ${number("ja", pictures)} 枚を読み込んでいません。読んだことは誰にも知られません。`,
    quoted: (lines) => `引用 ${number("ja", lines)} 行を表示`,
    downloadFile: (name, size) => `${name}(${size})をダウンロード`,
    removeFile: (name) => `${name} を外す`,
    tooLarge: (limit) => `${limit} を超えています`,
    uploadFailed: (status) => (status === 413 ? "大きすぎます" : status === 429 ? "一度に多すぎます。しばらくお待ちください" : status === 0 ? "接続できません" : "受け付けられませんでした"),
    noAddress: (typed) => `「${typed}」はメールアドレスではありません。`,
    lookText: (address, known) => `${address} は、以前の宛先 ${known} とよく似ていますが、別のアドレスです。`,
    notSavedBecause: (type) => (type === "overQuota" ? "保存できません。メールボックスがいっぱいです。" : type === "blobNotFound" ? "保存できません。ファイルを添付し直してください。"
        : type === "tooLarge" ? "保存できません。メールが大きすぎます。" : "サーバーが下書きを保存しませんでした。"),
    notSentBecause: (type, details) => {
        if (type === "invalidRecipients" && Array.isArray(details["invalidRecipients"])) return `送信できません。次の宛先には送れません: ${details["invalidRecipients"].join("、")}`;
        return { noRecipients: "宛先を入力してください。", tooLarge: "送信できません。メールが大きすぎます。", tooManyRecipients: "送信できません。宛先が多すぎます。",
            forbiddenFrom: "送信できません。この差出人アドレスは使えません。", forbiddenMailFrom: "送信できません。この差出人アドレスは使えません。",
            forbiddenToSend: "送信できません。送信数の上限に達しました。しばらくお待ちください。", rateLimit: "送信できません。送信数の上限に達しました。しばらくお待ちください。",
            overQuota: "送信できません。メールボックスがいっぱいです。", blobNotFound: "送信できません。ファイルを添付し直してください。" }[type] ?? "サーバーがメールを送信しませんでした。";
    },
};
