// What the command line says, in both languages: the one table of it. A message is written where it is said, in English
// (phrase.h); the compiler refuses one that is not here.
#pragma once

#include "base/words.h"

#include <algorithm>

namespace tegami::app {

inline constexpr Words kPhrases[] = {
    // Usage.
    {"{} (see {} --help)", "{}（{} --help を参照）"},
    {"{} needs a command: {} (see {} --help)", "{} の後にコマンドが必要です：{}（{} --help を参照）"},
    {"tegami {} has no option {}", "tegami {} に {} というオプションはありません"},
    {"tegami {} has no option {}: did you mean --{}?",
     "tegami {} に {} というオプションはありません。--{} のことでしょうか？"},
    {"there is no option {}", "{} というオプションはありません"},
    {"there is no option {}: did you mean --{}?", "{} というオプションはありません。--{} のことでしょうか？"},
    {"tegami {} has no command {}: did you mean {}?",
     "tegami {} に {} というコマンドはありません。{} のことでしょうか？"},
    {"tegami {} has no command {}: there are {}", "tegami {} に {} というコマンドはありません。あるのは {} です"},
    {"there is no command {}: did you mean {}?", "{} というコマンドはありません。{} のことでしょうか？"},
    {"there is no command {}: there are {}", "{} というコマンドはありません。あるのは {} です"},
    {"what was typed has octets that are no UTF-8", "入力に UTF-8 でない文字があります"},
    {"--quota: {} is not a size such as 2GiB", "--quota：{} は 2GiB のような大きさではありません"},
    {"--domain: {} is not a domain such as example.org", "--domain：{} は example.org のようなドメインではありません"},
    {"--listen: {} is not an IP address", "--listen：{} は IP アドレスではありません"},
    {"--data: quotes, backslashes and line ends cannot be in it", "--data：引用符、バックスラッシュ、改行は使えません"},
    // Everywhere.
    {"warning: {}", "警告：{}"},
    {"Next:", "次は："},
    {"{}, {}", "{}、{}"},
    {"none", "なし"},
    {"account", "アカウント"},
    {"domain", "ドメイン"},
    {"state", "状態"},
    {"since", "作成"},
    {"password", "パスワード"},
    {"the server's answer cannot be read (status {})", "サーバーの応答を読めません（状態 {}）"},
    {"warning: the alias {} still leads to {}", "警告：別名 {} はまだ {} を指しています"},
    {"warning: the catch-all of {} still leads to {}", "警告：{} のキャッチオールはまだ {} を指しています"},
    // Accounts.
    {"account {} added", "アカウント {} を追加しました"},
    {"password: {}", "パスワード：{}"},
    {"No removed account can be brought back.", "元に戻せるアカウントはありません。"},
    {"removed {}", "削除 {}"},
    {"kept until {}", "{} まで保管"},
    {"disabled", "停止中"},
    {"password still as {}", "パスワードは {} のまま"},
    {"no quota", "上限なし"},
    {"quota {}", "上限 {}"},
    {"since {}", "{} から"},
    {"enabled", "有効"},
    {"disabled: gets mail, cannot log in", "停止中：メールは届くが、ログインできない"},
    {"quota", "容量の上限"},
    {"holds", "使用量"},
    {"{} in {}", "{}（{}）"},
    {"{} in {}, {}% of the quota", "{}（{}）、上限の {}%"},
    {"still as another server hashed it ({}); renewed by the next login that shows it (not SCRAM)",
     "ほかのサーバーのハッシュ（{}）のまま。次にパスワードを送るログイン（SCRAM 以外）で更新"},
    {"say what to change: --quota, --no-quota, --enable or --disable",
     "変える内容を指定してください：--quota、--no-quota、--enable、--disable"},
    {"password of {} changed", "{} のパスワードを変えました"},
    {"account {} erased with all its mail", "アカウント {} を、メールもすべて含めて消しました"},
    {"account {0} removed; tegami account undelete {0} brings it back within {1}",
     "アカウント {0} を削除しました。{1}以内なら tegami account undelete {0} で元に戻せます"},
    {"{}: this is no UTF-8: see line {}", "{}：UTF-8 ではありません（{} 行目）"},
    {"{}: this is no UTF-8, but UTF-16: save it as UTF-8", "{}：UTF-8 ではなく UTF-16 です。UTF-8 で保存してください"},
    {"there is no password that could be taken over", "引き継げるパスワードがありません"},
    {"this is no hash of a password, such as {{SSHA}}... or $6$...",
     "{{SSHA}}... や $6$... のようなパスワードのハッシュではありません"},
    {"{} of {} added", "{1}中 {0} 件を追加しました"},
    {"{} with the hash of another server, renewed when somebody logs in with the password",
     "うち {} 件はほかのサーバーのハッシュのままで、パスワードでログインしたときに更新されます"},
    // Domains.
    {"domain {} added", "ドメイン {} を追加しました"},
    {"tegami dns records {} shows what to publish in the DNS",
     "DNS に公開する内容は tegami dns records {} で分かります"},
    {"catch-all {}", "キャッチオール {}"},
    {"catch-all", "キャッチオール"},
    {"sub-addresses", "サブアドレス"},
    {"user{}detail", "user{}detail"},
    {"has", "内訳"},
    {"say what to change: --catch-all, --no-catch-all, --subaddress-separator or --mta-sts",
     "変える内容を指定してください：--catch-all、--no-catch-all、--subaddress-separator、--mta-sts"},
    {"domain {} removed", "ドメイン {} を削除しました"},
    // Aliases.
    {"{} is no address: for all that nobody else gets in a domain there is tegami domain set {} --catch-all ADDRESS",
     "{} はアドレスではありません。ほかの誰にも届かないメールの受け取り先は tegami domain set {} --catch-all ADDRESS "
     "で決めます"},
    {"{}: write targets apart with spaces, without commas", "{}：宛先はコンマではなく空白で区切ってください"},
    {"alias {} added: {}", "別名 {} を追加しました：{}"},
    {"alias {} removed", "別名 {} を削除しました"},
    // The queue.
    {"<> (a report)", "<>（配信の報告）"},
    {"not tried yet", "まだ送っていません"},
    {"{} and {} more", "{} ほか {} 件"},
    {"being sent now", "送信中"},
    {"due now", "まもなく送信"},
    {"next try {}", "次の送信 {}"},
    {"The queue is empty.", "送信待ちはありません。"},
    {"to {}", "宛先 {}"},
    {"letter", "メール"},
    {"number", "番号"},
    {"sender", "差出人"},
    {"size", "大きさ"},
    {"taken", "受付"},
    {"given up", "断念"},
    {"waits for", "送り先"},
    {"recipient", "宛先"},
    {"{}: {} after {}", "{}：{}（{}）"},
    {"subject", "件名"},
    {"begins with", "書き出し"},
    {"name the letters as the list does, or give --all", "一覧にある名前でメールを指定するか、--all を付けてください"},
    {"letter {} is tried again now", "メール {} を今もう一度送ります"},
    {"letter {} removed", "メール {} を取り除きました"},
    // Backups.
    {"backup {}: {}, {}, {} of it new", "バックアップ {}：{}、{}（うち新しいもの {}）"},
    {"backup {} removed", "バックアップ {} を消しました"},
    {"the backup was made, but holds this damage of the store: see tegami verify --blobs",
     "バックアップはできましたが、保管庫の傷がそのまま入っています。tegami verify --blobs で調べてください"},
    {"with damage of the store", "保管庫の傷あり"},
    {"the manifest of {} is damaged", "{} の目録が壊れています"},
    {"{}, {} read: sound", "{}、{} を読みました：異常なし"},
    {"{}, {} read: {}", "{}、{} を読みました：{}"},
    // init, check-config, reload, verify.
    {"the domain cannot be added: {}", "ドメインを追加できません：{}"},
    {"{} cannot be made: {}", "{} を作れません：{}"},
    {"{} written, {} keeps the store that was there, with {}.",
     "{} を書きました。{} には元の保管庫がそのままあります（{}）。"},
    {"{} written, {} has an empty store for {}.", "{} を書きました。{} に {} の空の保管庫があります。"},
    {"{}: no faults", "{}：誤りはありません"},
    {"nothing was changed", "何も変更していません"},
    {"Certificate and configuration read again.", "証明書と設定を読み直しました。"},
    {"Restarted: process {} serves now.", "再起動しました。今はプロセス {} が動いています。"},
    {"the old server was told to end, and no new one answers: its log says why",
     "古いサーバーには終わるよう伝えましたが、新しいサーバーが応答しません。理由はログにあります"},
    {"in force now: {}", "今から有効：{}"},
    {"needs a restart: {}", "再起動が必要：{}"},
    {"{}, {}, {}, {}, {}: sound", "{}、{}、{}、{}、{}：異常なし"},
    {"{}, {}, {}, {}, {}: {}", "{}、{}、{}、{}、{}：{}"},
    // What to publish in the DNS.
    {"Needed for the mail of {}:", "{} のメールに必要なレコード："},
    {"Good to have:", "あるとよいレコード："},
    {"(reverse name of the address)", "（アドレスの逆引き名）"},
    {"(the public address)", "（外から届くアドレス）"},
    {"Without it, {}.", "ないと、{}。"},
    {"When they are published: tegami dns check {}", "公開したら tegami dns check {} で確かめます"},
    {"CANNOT BE READ, and signs nothing: tegami dkim rotate makes another",
     "読めないため署名に使えません：tegami dkim rotate で別の鍵を作れます"},
    {"made {}, not seen in the DNS yet: signs as soon as it is published",
     "{} に作成、DNS にはまだ見えません。公開されしだい署名に使います"},
    {"signs since {}, gets a successor {}", "{} から署名に使用、{} に次の鍵を用意"},
    {"signs no more since {}, stays published until {}", "{} に署名を終了、{} まで公開を続けます"},
    {"Publish, unless the name server of [dns_update] has the zone: then it is done by itself:",
     "公開するもの（[dns_update] のネームサーバーにゾーンがあれば、自動で公開されます）："},
    {"Publish:", "公開するもの："},
    {"{}: no key signs", "{}：署名している鍵はありません"},
    {"{}: signs with {}", "{}：{} で署名しています"},
    {"; not seen in the DNS yet: {}", "。DNS にまだ見えないもの：{}"},
    {"; cannot be read, and signs nothing: {}", "。読めず、署名に使えないもの：{}"},
    {"{}: no keys; the server makes them when it runs", "{}：鍵はありません。サーバーが動くときに作ります"},
    {"Nothing to publish: the keys that were waiting are in the DNS, and sign now.",
     "公開するものはありません。待っていた鍵は DNS にあり、もう署名に使われています。"},
    {"No key signs yet: these do as soon as they are seen.",
     "署名している鍵はまだありません。これらは DNS に見えしだい使われます。"},
    {"The old keys sign until these are seen; tegami dkim check {} looks at once. Leave the old records where they "
     "are: "
     "tegami dkim list says until when.",
     "これらが見えるまでは、古い鍵で署名します。tegami dkim check {} "
     "で今すぐ確かめられます。古いレコードはそのままにしてください。"
     "いつまでかは tegami dkim list で分かります。"},
    // undelete, restore.
    {"--since: {} is neither a time such as 2026-11-25T16:00:00Z nor how long ago, such as 2h or 1d",
     "--since：{} は 2026-11-25T16:00:00Z のような時刻でも、2h や 1d のような長さでもありません"},
    {"There is nothing to bring back.", "元に戻せるものはありません。"},
    {"deleted {}", "削除 {}"},
    {"account {} is back, with its password and all its mail",
     "アカウント {} を、パスワードもメールもすべて含めて元に戻しました"},
    {"{} brought back into {}", "{} を {} に戻しました"},
    {"{} not brought back: {}", "{} は戻せません：{}"},
    {"Another account {0} was removed on {1}: tegami account undelete {0} --as NEWADDRESS brings it back under another "
     "address, until {2}.",
     "別のアカウント {0} が {1} に削除されています。{2} までは tegami account undelete {0} --as NEWADDRESS で、"
     "別のアドレスにして戻せます。"},
    {"restored as of {}: {}, {}.", "{} の時点に戻しました：{}、{}。"},
    {"account {} made again, with the password it had", "アカウント {} を元のパスワードで作り直しました"},
    {"{} {}: {} of {} restored, {} there already", "{0} {1}：{3}のうち {2} 通を戻しました（{4} 通は既にあります）"},
    {"{}: nothing was missing", "{}：足りないものはありません"},
    {"{0}: its quota is full: {1} came back; raise the quota (tegami account set {0} --quota SIZE) and do it again",
     "{0}：容量の上限です。戻せたのは{1}です。上限を上げて（tegami account set {0} --quota "
     "SIZE）もう一度行ってください"},
    {"say what to restore: --to DIR (a whole server), --account ADDRESS or --all-accounts",
     "戻すものを指定してください：--to DIR（サーバー全体）、--account ADDRESS、--all-accounts"},
    {"--mailbox and --message need --account ADDRESS", "--mailbox と --message には --account ADDRESS が必要です"},
    // Indexes, trace.
    {"{} waiting", "待ち {} 通"},
    {"to be made anew", "作り直し待ち"},
    {"name the accounts, or give --all", "アカウントを指定するか、--all を付けてください"},
    {"the word index of {} is made anew while the server runs", "{} の索引を、サーバーを動かしたまま作り直します"},
    {"nothing is known about {}", "{} については何も分かりません"},
    // import, export.
    {"the import has stopped; the same command goes on with it later",
     "取り込みを中断しました。同じコマンドで、あとで続きから進みます"},
    {"{}: {} taken, {} there already.", "{}：{}を取り込みました（{} 通は既にあります）。"},
    {"{}: {} taken, {} there already, {} left out.",
     "{}：{}を取り込みました（{} 通は既にあり、{} 通は取り込めません）。"},
    {"{} left out: a Maildir has room for 26 different ones in each folder",
     "{}を省きました。Maildir ではフォルダーごとに 26 種類までです"},
    {"{}: {} written.", "{}：{}を書き出しました。"},
    {"--imap: {} is not HOST or HOST:PORT", "--imap：{} は HOST でも HOST:PORT でもありません"},
    {"{}:{}: a line has our account, the name there, and a password",
     "{}:{}：各行には、こちらのアカウント、向こうでの名前、パスワードを書きます"},
    {"Password of {} on the other server: ", "相手サーバーでの {} のパスワード："},
    {"either SOURCE or --imap says where the mail is, not both",
     "メールのある場所は SOURCE か --imap の一方で指定します"},
    {"either ACCOUNT or --accounts says whose mail it is", "誰のメールかは ACCOUNT か --accounts の一方で指定します"},
    {"--user is of one account: the lines of --accounts have names of their own",
     "--user はひとつのアカウントのためのものです。--accounts の各行には名前があります"},
    {"{} is of no use without --imap", "{} は --imap がなければ意味がありません"},
    {"import needs an ACCOUNT and a SOURCE, or --imap (see tegami import --help)",
     "import には ACCOUNT と SOURCE、または --imap が必要です（tegami import --help を参照）"},
    // Passwords at the terminal.
    {"New password: ", "新しいパスワード："},
    {"Once more: ", "もう一度："},
    {"the two passwords differ", "2 回の入力が違います"},
    {"there is no terminal to ask for the password: use --password-stdin or --generate",
     "パスワードを尋ねる端末がありません。--password-stdin か --generate を使ってください"},
    {"the password cannot be read: {}", "パスワードを読めません：{}"},
};

static_assert(std::ranges::all_of(kPhrases, same_places));

/// Things that are counted. In Japanese one form is for all numbers.
struct NounForms {
    std::string_view one;
    std::string_view many;
    std::string_view japanese; ///< with a place for the number
};

inline constexpr NounForms kNouns[] = {
    {"account", "accounts", "アカウント {} 件"},
    {"alias", "aliases", "別名 {} 件"},
    {"attempt", "attempts", "{} 回目"},
    {"day", "days", "{} 日"},
    {"domain", "domains", "ドメイン {} 件"},
    {"keyword", "keywords", "キーワード {} 種類"},
    {"mailbox", "mailboxes", "メールボックス {} 個"},
    {"message", "messages", "メール {} 通"},
    {"octet", "octets", "{} オクテット"},
    {"point", "points", "バックアップ {} 個"},
    {"problem", "problems", "問題 {} 件"},
    {"queue entry", "queue entries", "送信待ち {} 件"},
    {"record", "records", "記録 {} 件"},
};

static_assert(std::ranges::all_of(kNouns, [](const NounForms& noun) {
    const Places places = places_in(noun.japanese);
    return !noun.one.empty() && !noun.many.empty() && places.valid && places.uses[0] == 1 && places.uses[1] == 0;
}));

} // namespace tegami::app
