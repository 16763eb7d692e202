#include "app/command_line/server_words.h"

#include "app/command_line/server_sentences.h"

#include <fmt/args.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace tegami::app {

namespace {

// More special patterns before the general ones that match as well.
constexpr Words kServerSentences[] = {
    // The administration.
    {"there is no account {}: it is an alias", "アカウント {} はありません（別名です）"},
    {"there is no account or alias {}", "アカウントも別名も {} はありません"},
    {"there is no account {} to bring back: {}", "元に戻せるアカウント {} はありません：{}"},
    {"there is no account {}", "アカウント {} はありません"},
    {"there is no alias {}", "別名 {} はありません"},
    {"there is no domain {}", "ドメイン {} はありません"},
    {"there is no mailbox {}", "メールボックス {} はありません"},
    {"there is no letter {} in the queue", "送信待ちにメール {} はありません"},
    {"into is for one mailbox or one message: name which",
     "into は 1 つのメールボックスか 1 通のメールに使います。どれかを指定してください"},
    {"{} cannot be the name of a mailbox", "{} はメールボックスの名前にできません"},
    {"name either a letter or a destination", "メールか宛先ドメインのどちらか一方を指定してください"},
    {"a recipient needs the letter", "宛先を指定するときは、メールも指定してください"},
    {"the reason is longer than {} octets", "理由が {} オクテットより長くなっています"},
    {"letter {} does not wait for {}", "メール {} は {} への送信を待っていません"},
    {"nothing of letter {} is still to be tried", "メール {} には、これから送るものがありません"},
    {"{} is a domain of this server: what is for it does not wait to be sent",
     "{} はこのサーバーのドメインです。送信を待つことはありません"},
    {"no more than {} destinations can be held", "止められる宛先は {} 件までです"},
    {"letter {} waits because {} is on hold: release {}",
     "メール {} は {} が停止中のため待っています。{} を解除してください"},
    {"letter {} is on hold: release it, or its destination, first (tegami queue release)",
     "メール {} は停止中です。先にメールか宛先の停止を解除してください（tegami queue release）"},
    {"letter {} is not on hold", "メール {} は停止していません"},
    {"{} is not on hold", "{} は停止していません"},
    {"the sender wants letter {} to wait until {}: it can be given up as a whole only",
     "差出人の指定により、メール {} は {} まで待ちます。打ち切れるのは全体だけです"},
    {"the account {} exists already", "アカウント {} は既にあります"},
    {"the domain {} exists already", "ドメイン {} は既にあります"},
    {"{} exists already: it is an alias", "{} は既にあります（別名です）"},
    {"{} exists already", "{} は既にあります"},
    {"{} is an alias now", "{} は今は別名です"},
    {"the address {} comes twice", "アドレス {} が 2 回出てきます"},
    {"the address {} has characters that are not seen: write it without them",
     "アドレス {} に見えない文字があります。取り除いてください"},
    {"{} is not a domain of this server: add it first (tegami domain add {})",
     "{} はこのサーバーのドメインではありません。先に追加してください（tegami domain add {}）"},
    {"{} is not a domain such as example.org", "{} は example.org のようなドメインではありません"},
    {"this is not a mail address", "メールアドレスではありません"},
    {"{} is not a mail address", "{} はメールアドレスではありません"},
    {"{} is not an IP address", "{} は IP アドレスではありません"},
    {"{} has an invalid domain", "{} のドメインが正しくありません"},
    {"{} is too long", "{} は長すぎます"},
    {"{} cannot stand for itself", "{} を自分自身の別名にはできません"},
    {"{} leads back to {} and to nobody else", "{} は {} に戻るだけで、ほかの誰にも届きません"},
    {"an alias needs 1 to {} targets", "別名の宛先は 1 から {} 件です"},
    {"the sub-address separator must be short and without @",
     "サブアドレスの記号は短く、@ を含まないものにしてください"},
    {"the password is empty", "パスワードが空です"},
    {"the password is too short: it needs {} characters", "パスワードが短すぎます（{} 文字以上にしてください）"},
    {"the password is longer than {} octets", "パスワードが {} オクテットより長くなっています"},
    {"the password must be UTF-8 text without control characters",
     "パスワードは UTF-8 の文字列で、制御文字を含まないものにしてください"},
    {"this password is one of those that are guessed first: take another",
     "このパスワードは真っ先に試されるもののひとつです。別のものにしてください"},
    {"this is no hash of a password", "パスワードのハッシュではありません"},
    {"this is no complete hash of the scheme {}", "方式 {} のハッシュとして不完全です"},
    {"hashes of the scheme {} are not taken", "方式 {} のハッシュは使えません"},
    {"this form of crypt is not taken: {} are", "この形の crypt は使えません。使えるのは {} です"},
    {"checking this hash would cost too much: {} {}, where {} is the most",
     "このハッシュは照合に手間がかかりすぎます：{} が {}（上限 {}）"},
    {"the hash ({}) is weak: {}; it is replaced when somebody logs in with the password",
     "このハッシュ（{}）は弱いものです：{}。パスワードでログインしたときに置き換わります"},
    {"others change the directory all the time: try again", "ほかの変更と重なりました。もう一度試してください"},
    {"no server runs: it will read its configuration when it starts",
     "サーバーは動いていません。起動するときに設定を読みます"},
    {"nobody would start this server again: that takes tegami serve --restartable, or systemd (see docs/operations.md)",
     "このサーバーを起動し直すものがありません。tegami serve --restartable か systemd が必要です（docs/operations.md "
     "を参照）"},
    {"no server runs: it counts failed logins while it does",
     "サーバーは動いていません。失敗したログインは、動いている間だけ数えられます"},
    {"no server runs: it looks after its certificates while it does",
     "サーバーは動いていません。証明書は、動いている間に管理されます"},
    {"{} is the last administrator: make another one first", "{} は最後の管理者です。先に別の管理者を作ってください"},
    {"{} has a role: only an administrator changes it", "{} には役割があるため、変更できるのは管理者だけです"},
    {"a domain administrator needs 1 to {} domains", "ドメイン管理者には 1 から {} 件のドメインが必要です"},
    {"only a domain administrator has domains", "ドメインを持てるのはドメイン管理者だけです"},
    {"nothing was done: the audit log cannot be written: {}", "監査ログに書き込めないため、何も行いませんでした：{}"},
    {"what came of it is not in the audit log, which cannot be written: {}",
     "監査ログに書き込めないため、結果は記録されていません：{}"},
    {"the audit log takes no more today", "今日の監査ログはいっぱいです"},
    {"there is no web session {} of {}", "{1} にウェブのセッション {0} はありません"},
    {"there is no app password {} of {}", "{1} にアプリパスワード {0} はありません"},
    {"{} has no second factor and no passkeys", "{} には 2 段階認証もパスキーもありません"},
    {"an app password needs a name", "アプリパスワードには名前が必要です"},
    {"the name is longer than {} octets", "名前が {} オクテットより長くなっています"},
    {"the name must be UTF-8 text without control characters",
     "名前は UTF-8 の文字列で、制御文字を含まないものにしてください"},
    {"an app password needs a protocol that it is for", "アプリパスワードには使えるプロトコルが必要です"},
    {"what opens the administration (api) opens nothing else but jmap",
     "管理機能を開くもの（api）は、jmap のほかには何も開けません"},
    {"an app password can have {} networks", "アプリパスワードに指定できるネットワークは {} 個までです"},
    {"the account has {} app passwords: remove one first",
     "アカウントには既に {} 個のアプリパスワードがあります。先にひとつ取り消してください"},
    {"{} is not a network such as 192.0.2.0/24", "{} は 192.0.2.0/24 のようなネットワークではありません"},
    {"nobody is refused as {}", "{} は拒否されていません"},
    {"no server runs", "サーバーは動いていません"},
    {"too many follow the log already", "すでに多くの人がログを見ています"},
    {"level is debug, info, warning or error", "level は debug、info、warning、error のいずれかです"},
    {"the store cannot answer: {}", "保管庫が応答できません：{}"},
    {"there is no store in {}: is its disk mounted? A new store begins with its first domain: tegami domain add DOMAIN",
     "{} に保管庫がありません。ディスクはマウントされていますか？ 新しい保管庫は最初のドメインから始まります："
     "tegami domain add DOMAIN"},
    {"permission denied: the data directory {} belongs to {}",
     "権限がありません：データのフォルダー {} は {} のものです"},
    // The parser of the command line.
    {"{} is required", "{} が必要です"},
    {"{} excludes {}", "{} と {} は一緒に使えません"},
    {"The following argument was not expected: {}", "余分な語があります：{}"},
    {"The following arguments were not expected: {}", "余分な語があります：{}"},
    {"{}: Value {} not in range {}", "{}：{} は範囲外です（{}）"},
    {"{}: {} not in {}", "{}：{} は次のどれでもありません：{}"},
};

static_assert(std::ranges::all_of(kServerSentences, same_places));

/// What stands in the places of a pattern, which may be sentences themselves; nothing if the sentence is another one.
std::optional<std::vector<std::string_view>> match(std::string_view pattern, std::string_view sentence) {
    std::vector<std::string_view> values;
    for (;;) {
        const auto place = pattern.find("{}");
        const std::string_view before = pattern.substr(0, place);
        if (!sentence.starts_with(before)) return std::nullopt;
        sentence.remove_prefix(before.size());
        if (place == std::string_view::npos) return sentence.empty() ? std::optional(values) : std::nullopt;
        pattern.remove_prefix(place + 2);
        const std::string_view after = pattern.substr(0, pattern.find("{}"));
        const auto end = after.empty() ? sentence.size() : sentence.find(after, 1);
        if (end == std::string_view::npos || end == 0) return std::nullopt;
        values.push_back(sentence.substr(0, end));
        sentence.remove_prefix(end);
    }
}

} // namespace

std::string from_server(Language language, std::string_view english) {
    if (language == Language::english) return std::string(english);
    for (const std::span<const Words> sentences : {std::span<const Words>(kServerSentences), dns_sentences(),
                                                   health_sentences(), repair_sentences(), settings_sentences()})
        for (const Words& words : sentences) {
            const auto values = match(words.english, english);
            if (!values) continue;
            fmt::dynamic_format_arg_store<fmt::format_context> arguments;
            for (const std::string_view value : *values)
                arguments.push_back(from_server(language, value));
            return fmt::vformat(words.in(language), arguments);
        }
    return std::string(english);
}

} // namespace tegami::app
