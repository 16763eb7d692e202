// What the keys of the configuration mean (app/configuration/config_words), and what comes of changing one.
#include "app/command_line/server_sentences.h"

#include <algorithm>

namespace tegami::app {

namespace {

constexpr Words kSettings[] = {
    // config_words.cpp
    {"The full name of this server in the DNS.", "このサーバーの DNS での完全な名前。"},
    {"Users of this domain may log in with their name alone, users of other domains with the full address only.",
     "このドメインの利用者は名前だけでログインでき、ほかのドメインの利用者は完全なアドレスが必要です。"},
    {"All mail, accounts and the queue; also the socket that the command line talks to.",
     "すべてのメール、アカウント、送信待ち。コマンドラインが話しかけるソケットもここにあります。"},
    {"What the server may use for itself.", "サーバーが自分のために使ってよいメモリー。"},
    {"Folders, with absolute paths, that `tegami backup` and `tegami restore` may use while the server runs; it "
     "reaches no other.",
     "サーバーの動作中に `tegami backup` と `tegami restore` が使えるフォルダー（絶対パス）。ほかには届きません。"},
    {"Networks whose clients may send to anywhere without logging in.",
     "ログインせずにどこへでも送れるクライアントのネットワーク。"},
    {"Proxies and load balancers in front of this server, by address or network, whose word about the client is taken.",
     "このサーバーの前にあるプロキシやロードバランサーのアドレスまたはネットワーク。クライアントについてのその申告を信"
     "用します。"},
    {"With `true` every account with a role must have a second factor.",
     "`true` にすると、役割のあるアカウントには 2 段階認証が必須になります。"},
    {"`true`: every connection begins with a header of the PROXY protocol (version 1 or 2).",
     "`true` にすると、すべての接続は PROXY プロトコル（バージョン 1 または 2）のヘッダーで始まります。"},
    {"Domains of servers that pass letters on and seal them (ARC, RFC 8617): mailing lists, forwarders.",
     "メールを転送して封印するサーバーのドメイン（ARC, RFC 8617）：メーリングリストや転送サービス。"},
    {"Puts what SPF found into a field `Received-SPF` (RFC 7208 §9.1), beside `Authentication-Results`.",
     "SPF の結果を `Authentication-Results` のほかに `Received-SPF` にも書きます（RFC 7208 §9.1）。"},
    {"Confirms networks in `trusted_networks` that hold a large part of the Internet.",
     "`trusted_networks` にインターネットの広い部分を入れることを確認します。"},
    {"PEM file, the server's own certificate first, then the chain.",
     "PEM ファイル。最初にサーバー自身の証明書、続いて連鎖。"},
    {"PEM file with its private key.", "その秘密鍵の PEM ファイル。"},
    {"More certificates.", "ほかの証明書。"},
    {"Where the authority says what it offers.", "認証局が何を提供するかを示すアドレス。"},
    {"`true` says that you have read the terms of the authority and agree to them.",
     "`true` は、認証局の規約を読んで同意したことを示します。"},
    {"An address that the authority may write to.", "認証局が連絡できるアドレス。"},
    {"How the authority finds out that a name leads here.", "名前がここを指すことを認証局が確かめる方法。"},
    {"Names that the certificate is for besides `host_name`.", "`host_name` のほかに証明書に入れる名前。"},
    {"PEM file with the authorities that the server of `acme.directory` has its own certificate from, where it is one "
     "of your own.",
     "`acme.directory` のサーバーの証明書を出した認証局の PEM ファイル（独自の認証局の場合）。"},
    {"An account that the authority gave you by other ways, where it wants one (external account binding).",
     "認証局が別の方法で発行したアカウント。"},
    {"File with nothing but its secret in base64url, which not everybody may read.",
     "その秘密だけを base64url で書いた、誰もが読めないファイル。"},
    {"Whom the DNS is asked of.", "DNS を誰に尋ねるか。"},
    {"Addresses, with ports other than 53 if needed.", "アドレス。53 以外ならポートも付けます。"},
    {"File with the root's DNSSEC key.", "ルートの DNSSEC 鍵のファイル。"},
    {"The primary server.", "プライマリーサーバー。"},
    {"The key's name (TSIG, RFC 8945), as the name server has it.", "ネームサーバーでの鍵の名前（TSIG, RFC 8945）。"},
    {"What the key is for.", "鍵のアルゴリズム。"},
    {"A file with nothing but the key's secret in base64.", "鍵の秘密だけを base64 で書いたファイル。"},
    {"The SASL mechanisms that are offered.", "提供する SASL の方式。"},
    {"The largest message accepted, 64 KiB to 2 GiB.", "受け取る最大のメール（64 KiB から 2 GiB）。"},
    {"Recipients of one message, 100 to 10000.", "1 通の宛先の数（100 から 10000）。"},
    {"Connections at one time, over all services.", "すべてのサービスを合わせた同時接続数。"},
    {"Connections at one time from one address.", "1 つのアドレスからの同時接続数。"},
    {"The wait after the first failed attempt; it doubles with every further one.",
     "最初の失敗の後に待つ時間。失敗するたびに倍になります。"},
    {"The longest wait between two attempts.", "2 回の試行の間の最も長い時間。"},
    {"After this time the sender gets the message back with the reason.",
     "この時間が過ぎると、差出人に理由とともに返します。"},
    {"The port of other domains' servers.", "ほかのドメインのサーバーのポート。"},
    {"The port of the servers that have other domains' policies (MTA-STS).",
     "ほかのドメインのポリシー（MTA-STS）を持つサーバーのポート。"},
    {"The other server's name.", "相手サーバーの名前。"},
    {"Its port.", "そのポート。"},
    {"`\"starttls\"`, or `\"implicit\"`: TLS from the start, as at port 465.",
     "`\"starttls\"`、または最初から TLS の `\"implicit\"`（ポート 465 など）。"},
    {"Who we are there (AUTH PLAIN, or LOGIN).", "そこでの利用者名（AUTH PLAIN または LOGIN）。"},
    {"File with nothing but the password, which not everybody may read.",
     "パスワードだけを書いた、誰もが読めないファイル。"},
    {"Only the mail of senders in these domains goes there.", "これらのドメインの差出人のメールだけがそこを通ります。"},
    {"More of them, each for the domains that it names.",
     "ほかのスマートホスト。それぞれが挙げたドメインのためのもの。"},
    {"Domains that ask for it in their DNS get a report once a day.", "求めるドメインに 1 日 1 回報告を送ります。"},
    {"A picture that a letter names, and that is elsewhere, is fetched by this server when whoever reads the letter "
     "asks for it.",
     "メールが指すよその画像を、読む人が求めたときにこのサーバーが取ってきます。"},
    {"Networks from where accounts with a role may use it.", "役割のあるアカウントが管理に使えるネットワーク。"},
    {"Days that `tegami trace` can look back.", "`tegami trace` がさかのぼれる日数。"},
    {"Days that deleted messages and removed accounts are kept, 0 to 3650.",
     "消したメールと削除したアカウントを残す日数（0 から 3650）。"},
    {"Days that `tegami audit` can look back.", "`tegami audit` がさかのぼれる日数。"},
    {"Messages above 8 KiB lie in segment files of this size, 1 MiB to 4 GiB.",
     "8 KiB より大きいメールを入れるファイルの大きさ（1 MiB から 4 GiB）。"},
    {"How often the store looks for such segments, and for messages that nothing has referred to for an hour.",
     "整理の必要なファイルと、1 時間どこからも参照されていないメールを探す間隔。"},
    {"The least that is written.", "書き出す最低の重要度。"},
    {"`\"text\"` or `\"json\"`: one line for each event either way.",
     "`\"text\"` または `\"json\"`：どちらも 1 つの出来事が 1 行。"},
    {"An IP address of this machine or a list of them.", "このマシンの IP アドレス、またはその一覧。"},
    {"1 to 65535.", "ポート番号（1 から 65535）。"},
    {"`\"implicit\"` (from the start).",
     "`\"implicit\"`（最初から TLS）、`\"starttls\"`（クライアントが切り替える）、または `\"none\"`。"},
    {"`true` allows logins that show the password on an unencrypted connection.",
     "`true` なら、暗号のない接続でもパスワードの見えるログインを許します。"},
    // What holds without it.
    {"required", "必須"},
    {"none", "なし"},
    {"by service", "サービスによる"},
    {"those of the system", "システムのもの"},
    // What is refused.
    {"there is no configuration file", "設定ファイルがありません"},
    {"{}: there is no such key: tegami settings show lists those there are",
     "{}：そのような項目はありません。tegami settings show で一覧できます"},
    {"{}: takes one line of at most {} octets", "{}：{} オクテットまでの 1 行にしてください"},
    {"{}: its place in the file is not clear: change it there",
     "{}：ファイルの中の場所がはっきりしません。ファイルで変えてください"},
    {"{} cannot be written: {}", "{} に書き込めません：{}"},
};

static_assert(std::ranges::all_of(kSettings, same_places));

} // namespace

std::span<const Words> settings_sentences() {
    return kSettings;
}

} // namespace tegami::app
