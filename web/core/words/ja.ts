import { number, octets } from "./numbers.js";
import type { Words } from "./words.js";

export const japanese: Words = {
    language: "ja",
    ownName: "日本語",
    somebody: "差出人不明", yesterday: "昨日",
    address: "メールアドレス", password: "パスワード", signIn: "サインイン", signOut: "サインアウト", wrongPassword: "メールアドレスまたはパスワードが違います。",
    codeOfApp: "アプリのコードまたは回復コード", wrongCode: "コードが違うか、使用済みです。",
    signInByPasskey: "パスキーでサインイン", passkeyInstead: "代わりにパスキーを使う", factorFirst: "先に 2 段階認証を設定してください", noPasskey: "パスキーを確認できませんでした。もう一度試すか、パスワードでサインインしてください。",
    unreachable: "サーバーに接続できません。", tryAgain: "再試行",
    failed: "処理できませんでした。もう一度お試しください。", languages: "言語", settings: "設定", close: "閉じる", cancel: "キャンセル", more: "その他",
    wrote: (who) => `${who} さんからのメッセージ:`,
    wroteOn: (when, who) => `${when}、${who} さんからのメッセージ:`,
    letters: (count) => `${number("ja", count)} 通`,
    chosen: (count) => `${number("ja", count)} 通を選択中`,
    count: (value) => number("ja", value),
    octets: (count) => octets("ja", count),
    waitSeconds: (seconds) => `試行回数が多すぎます。${number("ja", seconds)} 秒お待ちください。`,
};
