#include "app/command_line/server_words.h"

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
    {"no server runs", "サーバーは動いていません"},
    {"the store cannot answer: {}", "保管庫が応答できません：{}"},
    {"there is no store in {}: is its disk mounted? A new store begins with its first domain: tegami domain add DOMAIN",
     "{} に保管庫がありません。ディスクはマウントされていますか？ 新しい保管庫は最初のドメインから始まります："
     "tegami domain add DOMAIN"},
    {"permission denied: the data directory {} belongs to {}",
     "権限がありません：データのフォルダー {} は {} のものです"},
    // What DNS records are for.
    {"Other servers find by it which one takes the domain's mail.",
     "ほかのサーバーは、これでドメインのメールを受け取るサーバーを知ります。"},
    {"mail goes to the machine at the domain's own address, if there is one, or comes back to its sender",
     "メールはドメイン自身のアドレスのマシンに送られるか、差出人に戻ります"},
    {"Leads to this server.", "このサーバーのアドレスです。"},
    {"Leads to this server. Fill in the address by which everybody reaches it, or name it with --address.",
     "このサーバーのアドレスです。外から届くアドレスを入れるか、--address で指定してください。"},
    {"no mail arrives, and no mail program connects", "メールは届かず、メールソフトもつながりません"},
    {"Leads from the address back to the server's name. Whoever gave you the address sets it: look for \"reverse DNS\" "
     "there, or ask.",
     "アドレスからサーバーの名前への逆引きです。アドレスを割り当てた事業者が設定します。「逆引き（reverse "
     "DNS）」の項目を"
     "探すか、問い合わせてください。"},
    {"large receivers refuse mail from here", "大手の受信側がここからのメールを拒否します"},
    {"SPF: who may send in the domain's name: the servers that take its mail (mx). Who else sends for you, such as a "
     "newsletter service, is added before ~all.",
     "SPF：ドメインの名で送ってよいサーバー（mx "
     "はメールを受け取るサーバー）。ほかにも代わりに送るもの（メール配信サービスなど）が"
     "あれば、~all の前に加えます。"},
    {"large receivers refuse the domain's mail or take it for junk",
     "大手の受信側がドメインのメールを拒否するか、迷惑メールとみなします"},
    {"SPF of the server's own name, which stands in for the sender of reports about undelivered mail (RFC 7208 "
     "section 2.4).",
     "サーバー自身の名前の SPF。不達の通知では、これが差出人の代わりに調べられます（RFC 7208 §2.4）。"},
    {"such reports are sooner taken for junk", "不達の通知が迷惑メールとみなされやすくなります"},
    {"DKIM: an {} key that signs the domain's mail as soon as this is seen.",
     "DKIM：{} の鍵。これが見えしだい、ドメインのメールに署名します。"},
    {"DKIM: the {} key that signs the domain's mail.", "DKIM：ドメインのメールに署名している {} の鍵。"},
    {"DKIM: an {} key that signs no more, for letters that are still on their way; see tegami dkim list for how long.",
     "DKIM：もう署名に使わない {} の鍵。まだ途中にあるメールのために残します。期間は tegami dkim list で分かります。"},
    {"the domain's mail goes out unsigned, and large receivers trust it less",
     "ドメインのメールは署名なしで出ていき、大手の受信側に信用されにくくなります"},
    {"this key does not sign", "この鍵は署名に使われません"},
    {"its signatures cannot be checked, and count as forged", "署名を確かめられず、偽造とみなされます"},
    {"signatures under letters on their way cannot be checked", "途中にあるメールの署名を確かめられません"},
    {"DMARC: what receivers do with mail in your name that is not yours, and who gets their daily reports: this "
     "server, "
     "which sums them up (tegami dmarc reports). p=none changes nothing yet: when the reports show that your own mail "
     "passes, go on to p=quarantine, then to p=reject.",
     "DMARC：あなたの名をかたるメールの扱いと、毎日の報告の送り先です。報告はこのサーバーが受け取ってまとめます（tegami"
     " dmarc "
     "reports）。p=none の間は何も変わりません。自分のメールが合格していると分かったら p=quarantine、次に p=reject "
     "に進みます。"},
    {"anybody can write in your name, and receivers want this record from whoever sends much",
     "誰でもあなたの名でメールを書けます。また、大量に送る相手には受信側がこのレコードを求めます"},
    {"TLS-RPT: other servers report once a day whether their connections to yours were encrypted; this server sums it "
     "up "
     "(tegami tls reports).",
     "TLS-RPT：ほかのサーバーが、こちらへの接続を暗号化できたかを 1 日 1 "
     "回報告します。このサーバーがまとめます（tegami tls "
     "reports）。"},
    {"you do not hear of it when they fail", "失敗しても知らされません"},
    {"MTA-STS: where other servers fetch the policy, over HTTPS; the certificate must name it.",
     "MTA-STS：ほかのサーバーが HTTPS でポリシーを取りに来る場所です。証明書にこの名前が必要です。"},
    {"they cannot fetch the policy, and it does not count", "ポリシーを取れず、無効になります"},
    {"DANE: which key this server's certificate has, so that nobody else can take its mail. Only for a zone that is "
     "signed "
     "with DNSSEC.",
     "DANE：このサーバーの証明書の鍵。ほかの誰もメールを横取りできなくなります。DNSSEC "
     "で署名したゾーンだけで使います。"},
    {"somebody on the way can pretend to be this server", "途中の誰かがこのサーバーになりすませます"},
    {"DANE: the key that the next certificate will have, beside the one of now, so that the certificate can change at "
     "any "
     "time. When it has, the server makes another next key.",
     "DANE：次の証明書の鍵。今の鍵と並べておくと、証明書をいつでも替えられます。替わると、サーバーが次の鍵を作ります"
     "。"},
    {"mail waits when the certificate changes", "証明書が替わるとメールが滞ります"},
    {"Some mail programs find the server's name and port by it.",
     "一部のメールソフトは、これでサーバーの名前とポートを見つけます。"},
    {"Thunderbird and programs like it find their settings there by an address alone; the certificate must name it.",
     "Thunderbird などのメールソフトは、メールアドレスだけで、ここから設定を見つけます。証明書にこの名前が必要です。"},
    {"Outlook and Windows find their settings there by an address alone; the certificate must name it.",
     "Outlook と Windows は、メールアドレスだけで、ここから設定を見つけます。証明書にこの名前が必要です。"},
    {"Outlook finds the settings by it where autodiscover has no certificate.",
     "autodiscover に証明書がないとき、Outlook はこれで設定を見つけます。"},
    {"Says that mail programs are not to connect so: there is a better way, or none.",
     "メールソフトがこの方法で接続しないように知らせます。もっとよい方法があるか、提供していません。"},
    {"their users type them in", "利用者が自分で入力することになります"},
    {"some of them try it", "これを試すメールソフトがあります"},
    {"users of those type them in", "利用者が自分で入力することになります"},
    {"MTA-STS: that this server has a policy for others: they send the domain's mail here alone, under TLS, and only "
     "if an "
     "authority has signed the certificate. The id changes with the policy. It is in testing: nothing is held back, "
     "and "
     "what would be is in the reports (TLS-RPT). When they show nothing: tegami domain set {} --mta-sts enforce.",
     "MTA-STS：このサーバーにポリシーがあること。ほかのサーバーは、ドメインのメールをここだけに、TLS "
     "で、認証局の署名した証明書が"
     "ある場合だけ送ります。id "
     "はポリシーとともに変わります。今は試験中で、何も止められず、止められるはずだったものが報告（TLS-RPT）に"
     "載ります。何もなければ tegami domain set {} --mta-sts enforce に進みます。"},
    {"MTA-STS: that this server has a policy for others: they send the domain's mail here alone, under TLS, and only "
     "if an "
     "authority has signed the certificate. The id changes with the policy.",
     "MTA-STS：このサーバーにポリシーがあること。ほかのサーバーは、ドメインのメールをここだけに、TLS "
     "で、認証局の署名した証明書が"
     "ある場合だけ送ります。id はポリシーとともに変わります。"},
    {"somebody on the way can take TLS away, or pretend to be this server",
     "途中の誰かが TLS を外させたり、このサーバーになりすましたりできます"},
    // The parser of the command line.
    {"{} is required", "{} が必要です"},
    {"{} excludes {}", "{} と {} は一緒に使えません"},
    {"The following argument was not expected: {}", "余分な語があります：{}"},
    {"The following arguments were not expected: {}", "余分な語があります：{}"},
    {"{}: Value {} not in range {}", "{}：{} は範囲外です（{}）"},
    {"{}: {} not in {}", "{}：{} は次のどれでもありません：{}"},
};

static_assert(std::ranges::all_of(kServerSentences, same_places));

/// What stands in the places of a pattern; nothing if the sentence is another one.
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
    for (const Words& words : kServerSentences) {
        const auto values = match(words.english, english);
        if (!values) continue;
        fmt::dynamic_format_arg_store<fmt::format_context> arguments;
        for (const std::string_view value : *values)
            arguments.push_back(value);
        return fmt::vformat(words.in(language), arguments);
    }
    return std::string(english);
}

} // namespace tegami::app
