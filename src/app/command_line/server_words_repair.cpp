#include "app/command_line/server_sentences.h"

#include <algorithm>

namespace tegami::app {

namespace {

constexpr Words kRepair[] = {
    {"rows from key {} to {} cannot be read: {}", "キー {} から {} までの行を読めません：{}"},
    {"the table {} cannot be read: {}", "テーブル {} を読めません：{}"},
    {"the table {} is cut or damaged at its end: {} rows of it were read, in {} of {} octets",
     "テーブル {} の末尾が欠けているか壊れています。{} 行（{} / {} オクテット）を読みました"},
    {"the database cannot be opened: {}", "データベースを開けません：{}"},
    {"the log {} cannot be read: {}", "ログ {} を読めません：{}"},
    {"the database is gone", "データベースがなくなっています"},
    {"no table can be read: {}", "テーブルをひとつも読めません：{}"},
    {"segment {} is damaged between {} and {}: {}", "セグメント {} の {} から {} までが壊れています：{}"},
    {"blob {}: its row named a place where it is not", "ブロブ {}：記録された場所にありません"},
    {"blob {} cannot be read", "ブロブ {} を読めません"},
    {"directory record {} cannot be read and is lost", "名簿の記録 {} は読めず、失われました"},
    {"directory records cannot be read and are lost", "名簿の記録の一部は読めず、失われました"},
    {"the password of {} is lost: set a new one with tegami account password",
     "{} のパスワードが失われました。tegami account password で新しく設定してください"},
    {"the record of {} was lost; its quota is gone", "{} の記録が失われ、容量の上限がなくなりました"},
    {"account {} has mail, but its address is lost: it is now {}",
     "アカウント {} にはメールがありますが、アドレスが失われました。今は {} です"},
    {"the record of the domain {} was lost; its settings are the usual ones",
     "ドメイン {} の記録が失われ、設定は初期値に戻りました"},
    {"journeys of day {}: {} records are lost", "{} 日の経路：記録 {} 件が失われました"},
    {"reports of day {}: {} records are lost", "{} 日の報告：記録 {} 件が失われました"},
    {"a message in the queue from {} has lost {} of its destinations",
     "送信待ちのメール（差出人 {}）の宛先 {} 件が失われました"},
    {"a message in the queue is lost: from {} to {}", "送信待ちのメールが失われました：差出人 {}、宛先 {}"},
    {"a sender not known", "不明"},
    {"recipients not known", "不明"},
    {"the account's own record was lost; its quota is what the directory says",
     "アカウント自身の記録が失われ、容量の上限は名簿のものになりました"},
    {"the record of mailbox {} was lost; clients load it anew",
     "メールボックス {} の記録が失われました。メールソフトが読み込み直します"},
    {"its record is lost", "記録が失われた"},
    {"its octets cannot be read", "本体を読めない"},
    {"the store in {} cannot be taken back: {}", "{} の保管庫を前の形に戻せません：{}"},
    {"schema {} is the first one: there is no way back from it",
     "スキーマ {} が最初のもので、それより前には戻せません"},
    {"the store is in use: stop the server first", "保管庫は使用中です。先にサーバーを止めてください"},
    {"the repaired store cannot be opened: {}", "修復した保管庫を開けません：{}"},
    {"{} cannot be written", "{} に書けません"},
    {"{} cannot be read", "{} を読めません"},
};

static_assert(std::ranges::all_of(kRepair, same_places));

} // namespace

std::span<const Words> repair_sentences() {
    return kRepair;
}

} // namespace tegami::app
