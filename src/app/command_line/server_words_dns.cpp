#include "app/command_line/server_sentences.h"

#include <algorithm>

namespace tegami::app {

namespace {

constexpr Words kDns[] = {
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
    {"MTA-STS: that the policy is gone; it is taken away when those who know it have fetched this.",
     "MTA-STS：ポリシーをやめたこと。前のポリシーを知る相手がこれを取りに来たあとで、取り除きます。"},
    // In a zone file.
    {"; in another zone: {}", "; 別のゾーン: {}"},
    {"; {}", "; {}"},
    // What is still to be done about a policy.
    {"This server does not serve policies: add a section [listen.https] to tegami.toml.",
     "このサーバーはポリシーを配っていません。tegami.toml に [listen.https] を加えてください。"},
    {"The policy has another id now. Publish: {}", "ポリシーの id が変わりました。公開してください：{}"},
    {"tegami dns check {} fetches the policy as other servers do.",
     "ほかのサーバーと同じようにポリシーを取れるかは tegami dns check {} で確かめられます。"},
    {"Servers that have fetched the policy keep to it for up to {}, or until they see that it has ended.",
     "ポリシーを取ったサーバーは、最長 {}、または終わったことに気づくまで、それを守り続けます。"},
    {"a day", "1 日"},
    {"So long leave mta-sts.{} as it is, and publish: {}",
     "その間は mta-sts.{} をそのままにし、次を公開してください：{}"},
    {"Then take both away. If the policy was never in the DNS, there is nothing to do.",
     "そのあとで両方を取り除いてください。ポリシーを DNS に公開したことがなければ、何も要りません。"},
    // Answers of the DNS.
    {"the name has no such record", "その名前にこの種類のレコードがない"},
    {"the name does not exist", "その名前がない"},
    {"the name servers failed", "ネームサーバーが失敗"},
    {"the name servers did not answer in time", "ネームサーバーが時間内に応答しない"},
    {"the answer failed its DNSSEC check", "応答が DNSSEC の検証に失敗"},
    // What is wrong with them.
    {"publish it: without it, {}", "公開してください。ないと、{}"},
    {"the DNS gave no answer: see whether the zone's servers work, and check again",
     "DNS が応答しません。ゾーンのネームサーバーが動いているか確かめ、もう一度調べてください"},
    {"the DNS gave no answer", "DNS が応答しません"},
    {"the domain says that it takes no mail (RFC 7505), and senders give up at once: replace it",
     "ドメインがメールを受け取らないと宣言しており（RFC 7505）、送信側はすぐにあきらめます。置き換えてください"},
    {"the domain's mail goes to {}, not to this server", "ドメインのメールは、このサーバーではなく {} に届きます"},
    {"mail goes to {} first: good if {} hands it on to this server, else take it away",
     "メールは先に {} に届きます。{} がこのサーバーに渡すのならよいのですが、そうでなければ取り除いてください"},
    {"{} takes the domain's mail too: good if {} hands it on to this server, else take it away",
     "{} もドメインのメールを受け取ります。{} "
     "がこのサーバーに渡すのならよいのですが、そうでなければ取り除いてください"},
    {"{} has no address: publish the server's", "{} にアドレスがありません。サーバーのアドレスを公開してください"},
    {"{} leads to {} too: good if that is this server, else take it away",
     "{} は {} も指しています。それがこのサーバーならよいのですが、そうでなければ取り除いてください"},
    {"{} leads to {}, not to {}", "{} は {} を指しています（正しくは {}）"},
    {"nobody on the Internet reaches {}: publish the address by which they reach this server",
     "{} にはインターネットから届きません。外から届くアドレスを公開してください"},
    {"{} is an alias (CNAME), which the name of a mail server must not be: publish its addresses themselves",
     "{} は別名（CNAME）です。メールサーバーの名前には使えないので、アドレスを直接公開してください"},
    {"the server has no address in the DNS yet", "DNS にサーバーのアドレスがまだありません"},
    {"{} has no name: have whoever gave you the address set {}",
     "{} に逆引き名がありません。アドレスを割り当てた事業者に {} の設定を頼んでください"},
    {"{} has the name {}, which does not lead back to it: have whoever gave you the address set {}",
     "{} の逆引き名 {} は、元のアドレスを指していません。アドレスを割り当てた事業者に {} の設定を頼んでください"},
    {"{} leads back, which is enough; some receivers like better if it is {}",
     "{} は元のアドレスを指しており、それで足ります。受信側によっては {} のほうが好まれます"},
    {"the zone is not signed with DNSSEC: nobody looks at this record",
     "ゾーンが DNSSEC で署名されていないので、このレコードは使われません"},
    {"beside it stand keys that this server does not have: take away those of earlier certificates, which whoever has "
     "such a key could use",
     "このサーバーにない鍵も並んでいます。以前の証明書の鍵は、それを持つ人に使われるおそれがあるので取り除いてくださ"
     "い"},
    {"if the zone is signed with DNSSEC, publish it; else it is of no use",
     "ゾーンが DNSSEC で署名されていれば公開してください。されていなければ意味がありません"},
    {"it is of a kind that is not compared here: see that it fits the certificate",
     "ここでは照合できない種類です。証明書に合っているか確かめてください"},
    {"it names another key than that of this server's certificate: servers that look at it keep their mail back. "
     "Replace it, or take it away",
     "このサーバーの証明書とは別の鍵です。これを見るサーバーはメールを送ってきません。置き換えるか、取り除いてくださ"
     "い"},
    {"publish it beside what is there, a day or more before the certificate changes to this key",
     "証明書がこの鍵に替わる 1 日以上前に、今あるものと並べて公開してください"},
    {"it leads mail programs to a connection that begins without TLS, or to none: better say that there is none (0 0 0 "
     ".)",
     "メールソフトが、TLS なしで始まる接続か、提供していない接続に導かれます。提供しないことを示す（0 0 0 .）ほうが"
     "よいでしょう"},
    {"it leads mail programs elsewhere, or nowhere: replace it",
     "メールソフトがほかの場所に導かれるか、つながりません。置き換えてください"},
    {"it tells senders that there is no policy any more: leave it and {} as they are for {} days after the mode became "
     "none, then take both away",
     "ポリシーをやめたことを送信側に知らせています。モードを none にしてから、これと {} を {} 日間そのままにし、"
     "そのあとで両方を取り除いてください"},
    {"the policy names this server alone: senders that look at it pass {} over",
     "ポリシーにはこのサーバーだけがあります。これを見る送信側は {} に送りません"},
    {"other servers cannot fetch the policy ({}): {} must lead to this server's port 443, and its certificate, which "
     "an "
     "authority has signed, must name it",
     "ほかのサーバーがポリシーを取れません（{}）。{} はこのサーバーの 443 番ポートを指し、認証局の署名した証明書に"
     "その名前が必要です"},
    {"answered with status {}", "応答の状態 {}"},
    {"answered with something else than {}", "応答が {} ではない"},
    {"what is served there is no policy: let this server serve it",
     "そこにあるものはポリシーではありません。このサーバーから配るようにしてください"},
    {"the policy that is served there does not name {}: add mx: {} to it, or let this server serve it",
     "そこにあるポリシーに {} がありません。mx: {} を加えるか、このサーバーから配るようにしてください"},
    {"the policy that is served there is in the mode {}, and the domain's here is {}: let this server serve it",
     "そこにあるポリシーのモードは {} ですが、ここでのドメインの設定は {} "
     "です。このサーバーから配るようにしてください"},
    {"mail programs cannot fetch their settings ({}): {} must lead to this server's port 443, and its certificate must "
     "name it",
     "メールソフトが設定を取れません（{}）。{} はこのサーバーの 443 番ポートを指し、証明書にその名前が必要です"},
    {"the settings that are served there do not lead to {}: let this server serve them",
     "そこにある設定は {} に導きません。このサーバーから配るようにしてください"},
    {"other servers cannot read it: replace it", "ほかのサーバーが読めません。置き換えてください"},
    {"another server serves this policy: see that the id changes whenever the policy does",
     "このポリシーは別のサーバーが配っています。ポリシーを変えるたびに id も変えてください"},
    {"it has not the id of the policy of now, which senders who know an earlier one do not fetch: replace it",
     "今のポリシーの id ではないので、以前のポリシーを知る送信側が新しいものを取りに来ません。置き換えてください"},
    {"it leads to {}, not to this server", "このサーバーではなく {} を指しています"},
    {"there are {} {} records, and then receivers look at none: make one of them",
     "レコードが {} 個あり（{}）、受信側はどれも使いません。ひとつにまとめてください"},
    {"{} leads to a domain without an SPF record: take that out",
     "{} の先のドメインに SPF レコードがありません。取り除いてください"},
    {"{} leads to a domain with several SPF records: take that out",
     "{} の先のドメインに SPF レコードが複数あります。取り除いてください"},
    {"receivers cannot read it (at \"{}\"), and then it does not count",
     "受信側が読めず（「{}」の箇所）、無効になります"},
    {"it makes receivers ask the DNS more than {} times, and then it does not count: include fewer others",
     "受信側の DNS への問い合わせが {} 回を超え、無効になります。include を減らしてください"},
    {"it names too much that is not in the DNS ({}), and then it does not count: take that out",
     "DNS にない名前が多すぎて（{}）、無効になります。取り除いてください"},
    {"{} has more than {} MX records, and then it does not count", "{} の MX レコードが {} 個を超え、無効になります"},
    {"it does not let this server's address {} send ({}): add a:{}",
     "このサーバーのアドレス {} からの送信を認めていません（{}）。a:{} を加えてください"},
    {"it lets everybody send in this name (+all): end it with ~all",
     "誰でもこの名前で送れます（+all）。末尾を ~all にしてください"},
    {"p=none only watches: when the reports show that your own mail passes, go on to p=quarantine, then to p=reject",
     "p=none は様子を見るだけです。自分のメールが合格していると報告で分かったら p=quarantine、次に p=reject "
     "に進みます"},
    {"nobody gets reports: add rua=mailto:ADDRESS", "報告の送り先がありません。rua=mailto:ADDRESS を加えてください"},
    {"that of {} counts for this domain; {}", "このドメインには {} のレコードが使われます。{}"},
    {"that of {} counts for this domain; ", "このドメインには {} のレコードが使われます。"},
    {"it is cut off: publish the whole text, in several strings if need be",
     "途中で切れています。必要なら複数の文字列に分け、全体を公開してください"},
    {"another key, or no key, stands there: replace it with this server's",
     "別の鍵があるか、鍵がありません。このサーバーのものに置き換えてください"},
    {"there are other texts beside the key, and receivers may take those: take them away",
     "鍵のほかにも文字列があり、受信側がそちらを使うおそれがあります。取り除いてください"},
    {"it neither says what to do (p=) nor whom to tell (rua=), and does not count",
     "扱い（p=）も報告先（rua=）もないので、無効です"},
    {"receivers cannot read these tags and leave them out: {}", "受信側が読めず無視するタグ：{}"},
    {"it does not say where reports go: add rua=mailto:ADDRESS",
     "報告の送り先がありません。rua=mailto:ADDRESS を加えてください"},
    // What is published of them.
    {"this server's address is not known: name it with --address",
     "このサーバーのアドレスが分かりません。--address で指定してください"},
    {"the name is an alias (CNAME), beside which nothing else may stand",
     "この名前は別名（CNAME）で、ほかのレコードを並べられません"},
    {"somebody wrote it, and it is not ours to change: {}", "人が書いたものなので変更しません：{}"},
    {"the name server {} has no zone that holds it: publish it where it belongs",
     "ネームサーバー {} にこの名前のゾーンがありません。あるべき場所で公開してください"},
    {"the name server {} has no zone that holds {}", "ネームサーバー {} に {} のゾーンがありません"},
    {"no name server takes changes from here: set dns_update.server in tegami.toml, or publish what tegami dns records "
     "prints",
     "変更を受け付けるネームサーバーがありません。tegami.toml の dns_update.server を設定するか、tegami dns records の"
     "内容を公開してください"},
};

static_assert(std::ranges::all_of(kDns, same_places));

} // namespace

std::span<const Words> dns_sentences() {
    return kDns;
}

} // namespace tegami::app
