#include "app/command_line/server_sentences.h"

#include <algorithm>

namespace tegami::app {

namespace {

constexpr Words kHealth[] = {
    // What was looked at.
    {"port {}", "ポート {}"},
    {"ports", "ポート"},
    {"addresses", "アドレス"},
    {"outgoing port 25", "送信用 25 番ポート"},
    {"outgoing port 25 over IPv6", "IPv6 の送信用 25 番ポート"},
    {"clock", "時計"},
    {"memory", "メモリー"},
    {"attached PDF files", "添付の PDF ファイル"},
    {"searches do not look into them, because pdftotext is missing. Install poppler-utils, and poppler-data for "
     "Japanese.",
     "pdftotext がないため、検索の対象になりません。poppler-utils と、日本語のために poppler-data を"
     "インストールしてください。"},
    {"server", "サーバー"},
    {"queue", "送信待ち"},
    {"certificate {}", "証明書 {}"},
    {"DMARC of {}", "{} の DMARC"},
    {"TLS of {}", "{} の TLS"},
    {"DNS of {}", "{} の DNS"},
    // The machine.
    {"{} are free.", "{} が空いています。"},
    {"this server has {}.", "このサーバーが {} を使っています。"},
    {"{} ({}): {}. Mend that (ss -ltnp shows who has a port), or take [listen.{}] out of tegami.toml.",
     "{}（{}）：{}。ss -ltnp でポートを使っているものを調べて直すか、tegami.toml から [listen.{}] "
     "を取り除いてください。"},
    {"Address already in use", "ほかのプログラムが使っています"},
    {"Permission denied", "権限がありません"},
    {"no mail from other servers can come in", "ほかのサーバーからのメールを受け取れません"},
    {"mail programs cannot send there", "メールソフトから送れません"},
    {"other servers cannot fetch the policies of the domains (MTA-STS)",
     "ほかのサーバーがドメインのポリシー（MTA-STS）を取れません"},
    {"an authority cannot find its proofs there (ACME)", "認証局が確認（ACME）に使えません"},
    {"mail programs cannot read mail there", "メールソフトからメールを読めません"},
    {"whether it has a name cannot be looked up now: try again later.",
     "逆引き名を今は調べられません。あとでもう一度試してください。"},
    {"its name in the DNS does not lead back to it: many servers refuse mail from such an address. Set its reverse DNS "
     "to {} where you got the address from.",
     "逆引き名が元のアドレスを指していません。このようなアドレスからのメールは多くのサーバーに拒否されます。"
     "アドレスを割り当てた事業者のところで、逆引きを {} に設定してください。"},
    {"it has no name in the DNS (no PTR record): many servers refuse mail from such an address. Set its reverse DNS to "
     "{} where you got the address from.",
     "逆引き名（PTR レコード）がありません。このようなアドレスからのメールは多くのサーバーに拒否されます。"
     "アドレスを割り当てた事業者のところで、逆引きを {} に設定してください。"},
    {"its name is {}, this server's {}: some servers trust such a one less. Set its reverse DNS to {} where you got "
     "the "
     "address from.",
     "逆引き名は {} で、このサーバーの名前 {} と違います。サーバーによっては信用されにくくなります。"
     "アドレスを割り当てた事業者のところで、逆引きを {} に設定してください。"},
    {"its name in the DNS is {}.", "逆引き名は {} です。"},
    {"this machine has none that others can reach; if a router stands before it, name its public one with --address, "
     "and have the ports passed on.",
     "外から届くアドレスがこのマシンにありません。ルーターの内側にあるなら、外側のアドレスを --address で指定し、"
     "ポートを転送させてください。"},
    {"there is no IPv4 address: the many servers that have nothing else can neither send here nor be sent to.",
     "IPv4 アドレスがありません。IPv4 しか使えない多くのサーバーと、メールをやり取りできません。"},
    {"there is none; mail does without.", "ありません。メールには支障ありません。"},
    {"is not needed: mail goes through {}, whose servers the SPF record of each domain must allow (its operator says "
     "how).",
     "不要です。メールは {} を経由します。各ドメインの SPF レコードで、そのサーバーからの送信を認めてください"
     "（方法はその運営者が案内しています）。"},
    {"is open ({}).", "開いています（{}）。"},
    {"is closed ({}): no mail gets out. Many providers open it when asked; otherwise send through another server "
     "([smarthost] in tegami.toml, or tegami setup --smarthost).",
     "閉じています（{}"
     "）。メールを送り出せません。頼めば開けてくれる事業者が多くあります。だめなら別のサーバーを経由して"
     "ください（tegami.toml の [smarthost]、または tegami setup --smarthost）。"},
    {"is closed ({}): mail to servers that have IPv6 goes out over IPv4, later. Have it opened too, or see "
     "that the machine has no IPv6 address.",
     "閉じています（{}）。IPv6 を使うサーバーへのメールは、遅れて IPv4 で送られます。こちらも開けてもらうか、マシンの "
     "IPv6 アドレスを外してください。"},
    {"could not be tried ({}).", "試せませんでした（{}）。"},
    {"could not be tried.", "試せませんでした。"},
    {"no mail server was found to try it with", "試す相手のメールサーバーが見つからない"},
    {"{} at {} answers", "{}（{}）が応答"},
    {"{} at {} does not answer", "{}（{}）が応答しない"},
    {"is kept right.", "正しく保たれています。"},
    {"nothing keeps it right (NTP): with a wrong time, certificates and signatures do not count, and letters have "
     "wrong "
     "dates. Install systemd-timesyncd or chrony.",
     "時刻合わせ（NTP）がありません。時刻が狂うと証明書や署名が無効になり、メールの日付も誤ります。systemd-timesyncd "
     "か "
     "chrony を入れてください。"},
    {"whether something keeps it right cannot be seen from here.", "正しく保たれているか、ここからは分かりません。"},
    {"names cannot be looked up ({}): no mail gets out, and none comes in from strangers. See /etc/resolv.conf, or "
     "[resolver] in tegami.toml.",
     "名前を引けません（{}）。メールを送り出せず、外からのメールも受け取れません。/etc/resolv.conf か tegami.toml の "
     "[resolver] を確かめてください。"},
    {"answers are believed unproven. With resolver.trust_anchor (package dns-root-data) forged ones are refused, and "
     "domains that promise TLS in the DNS (DANE) can be kept to their word.",
     "応答を検証していません。resolver.trust_anchor（パッケージ dns-root-data）を設定すると、偽の応答を拒み、DNS で "
     "TLS "
     "を約束するドメイン（DANE）にそれを守らせることができます。"},
    {"signed answers do not come out proven (DNSSEC): the name servers of /etc/resolv.conf pass no signatures on. Use "
     "resolver.mode = \"recursive\".",
     "署名された応答を検証できません（DNSSEC）。/etc/resolv.conf のネームサーバーが署名を渡していません。resolver.mode "
     "= "
     "\"recursive\" にしてください。"},
    {"answers, and signed ones are proven (DNSSEC).", "応答があり、署名も検証できます（DNSSEC）。"},
    {"how much there is cannot be seen from here.", "容量がここからは分かりません。"},
    {"memory_budget is {} MiB, and the machine has {}: the system may end the server when both are used. Take less, or "
     "more memory.",
     "memory_budget が {} MiB、マシンのメモリーが {} MiB です。使い切るとサーバーが止められるおそれがあります。"
     "memory_budget を減らすか、メモリーを増やしてください。"},
    {"{} MiB, of which the server may use {}.", "{} MiB。サーバーはそのうち {} MiB まで使います。"},
    {"it does not run: nobody gets or sends mail. Start it.",
     "動いていません。誰もメールを受け取れず、送れません。起動してください。"},
    {"runs since {}.", "{} から動いています。"},
    // The DNS as a whole.
    {"1 record is missing or wrong ({}): tegami dns check {} says how to mend it.",
     "レコード 1 件が足りないか誤っています（{}）。直し方は tegami dns check {} で分かります。"},
    {"{} records are missing or wrong ({}): tegami dns check {} says how to mend it.",
     "レコード {} 件が足りないか誤っています（{}）。直し方は tegami dns check {} で分かります。"},
    {"all that mail needs is there; 1 more record would do good: tegami dns check {}.",
     "メールに必要なものはすべてあります。あとレコードが 1 件あるとよいでしょう：tegami dns check {}。"},
    {"all that mail needs is there; {} more records would do good: tegami dns check {}.",
     "メールに必要なものはすべてあります。あとレコードが {} 件あるとよいでしょう：tegami dns check {}。"},
    {"every record is right.", "すべてのレコードが正しく公開されています。"},
    // Certificates.
    {"there is none from the authority yet. The last attempt: {}", "認証局の証明書がまだありません。前回の試行：{}"},
    {"there is none from the authority yet.", "認証局の証明書がまだありません。"},
    {"it has ended: mail programs refuse it. The last attempt: {}",
     "期限が切れており、メールソフトに拒まれます。前回の試行：{}"},
    {"it has ended: mail programs refuse it.", "期限が切れており、メールソフトに拒まれます。"},
    {"it ends in {}, and was not renewed. The last attempt: {}", "{}で切れますが、更新されていません。前回の試行：{}"},
    {"it ends in {}, and was not renewed.", "{}で切れますが、更新されていません。"},
    {"it ends in {}: renew it. The last attempt: {}", "{}で切れます。更新してください。前回の試行：{}"},
    {"it ends in {}: renew it.", "{}で切れます。更新してください。"},
    {"it is good for {}, but could not be renewed. The last attempt: {}",
     "あと{}有効ですが、更新できませんでした。前回の試行：{}"},
    {"it is good for {}.", "あと{}有効です。"},
    {"1 day", "1 日"},
    {"{} days", "{} 日"},
    {"made by this server", "このサーバーが作成"},
    // Reports of others.
    {"all letters that others report passed ({}).", "ほかのサーバーが報告した {} 通は、すべて合格でした。"},
    {"others report letters from this server that failed ({}): its mail is taken for forged. tegami dns check {} says "
     "what is wrong.",
     "このサーバーからの {} 通が不合格だったと報告されました。偽造とみなされています。原因は tegami dns check {} で"
     "分かります。"},
    {"others report letters in its name from other servers that failed ({}), most ({}) from {}. If that one is yours, "
     "let "
     "it sign with DKIM or name it in the SPF record; otherwise somebody forges the domain: p=quarantine or p=reject "
     "in "
     "its DMARC record stops it.",
     "ほかのサーバーからこのドメインを名乗った {} 通が不合格だったと報告されました。最も多い（{} 通）のは {} です。"
     "自分のものなら、DKIM で署名させるか SPF レコードに加えてください。そうでなければ誰かがドメインをかたっています。"
     "DMARC レコードを p=quarantine か p=reject にすると防げます。"},
    {"all connections that others report were encrypted ({}).",
     "ほかのサーバーが報告した接続 {} 件は、すべて暗号化されていました。"},
    {"others report connections that could not be encrypted as promised ({} of {}), so that mail waits or is lost. "
     "Most "
     "often: {}. tegami tls reports {} has all.",
     "約束どおりに暗号化できなかった接続が {} 件あったと報告されました（全 {} 件）。メールが遅れるか失われます。"
     "最も多い理由：{}。すべては tegami tls reports {} で分かります。"},
    {"it is on the list of {} as an address from which no mail servers are expected: many servers refuse its mail. {} "
     "says why, and takes it off.",
     "{} のリストに、メールサーバーのないはずのアドレスとして載っており、多くのサーバーに拒否されます。理由の確認と"
     "解除は {} でできます。"},
    {"it is on the list of {}: many servers refuse its mail. {} says why, and takes it off.",
     "{} のリストに載っており、多くのサーバーに拒否されます。理由の確認と解除は {} でできます。"},
    // What the result types of RFC 8460 mean.
    {"the server did not offer encryption (STARTTLS): is it switched on, or does somebody take it away on the way?",
     "サーバーが暗号化（STARTTLS）を提示しませんでした。有効になっていますか？ 途中で取り除かれていませんか？"},
    {"the certificate is for another name than that of the server in the MX record",
     "証明書の名前が MX レコードのサーバーの名前と違います"},
    {"the certificate has expired", "証明書の期限が切れています"},
    {"the certificate is not from an authority that the sender trusts, or not the one that the TLSA record names",
     "証明書が、送信側の信頼する認証局のものでないか、TLSA レコードのものと違います"},
    {"the connection could not be encrypted for another reason", "ほかの理由で暗号化できませんでした"},
    {"the TLSA records of the server (DANE) cannot be used", "サーバーの TLSA レコード（DANE）が使えません"},
    {"the DNS answers about the server could not be proven (DNSSEC)",
     "サーバーについての DNS の応答を検証できませんでした（DNSSEC）"},
    {"the sender wants TLSA records (DANE), and there are none", "送信側が求める TLSA レコード（DANE）がありません"},
    {"the policy of MTA-STS could not be fetched from mta-sts.DOMAIN",
     "MTA-STS のポリシーを mta-sts.DOMAIN から取れませんでした"},
    {"the policy of MTA-STS has a mistake in it", "MTA-STS のポリシーに誤りがあります"},
    {"the server of the policy (mta-sts.DOMAIN) has no certificate that is good for its name",
     "ポリシーのサーバー（mta-sts.DOMAIN）の証明書が、その名前に使えません"},
    // Answers of other servers.
    {"nobody refuses what is sent, or has in the last seven days.",
     "送信を拒否している相手は、この 7 日間も含めていません。"},
    {"mail is refused for {} more reasons: tegami queue list has what waits.",
     "ほかに {} 種類の理由で拒否されています。待っているメールは tegami queue list で分かります。"},
    {"{} refuses mail because {}. {} ({}; the answer: {})",
     "{} がメールを拒否しています。理由：{}。{}（{}。応答：{}）"},
    {"{} delays mail because {}. {} ({}; the answer: {})", "{} がメールを遅らせています。理由：{}。{}（{}。応答：{}）"},
    {"1 letter waits, 1 letter was given up", "1 通が待機中、1 通を断念"},
    {"1 letter waits, {} letters were given up", "1 通が待機中、{} 通を断念"},
    {"{} letters wait, 1 letter was given up", "{} 通が待機中、1 通を断念"},
    {"{} letters wait, {} letters were given up", "{} 通が待機中、{} 通を断念"},
    {"{}. The last answer: {}", "{}。最後の応答：{}"},
    {"1 letter waits", "1 通が待機中"},
    {"{} letters wait", "{} 通が待機中"},
    {"1 letter was given up", "1 通を断念"},
    {"{} letters were given up", "{} 通を断念"},
    {"the network around this server's address is on its block list",
     "このサーバーのアドレスを含むネットワークがブロックリストに載っている"},
    {"this server's address, or the network around it, is on its block list",
     "このサーバーのアドレスか、それを含むネットワークがブロックリストに載っている"},
    {"Ask to be taken off at https://olcsupport.office.com/, and see what Microsoft notes of the address at "
     "https://sendersupport.olc.protection.outlook.com/snds/.",
     "https://olcsupport.office.com/ で解除を申請し、Microsoft の記録を "
     "https://sendersupport.olc.protection.outlook.com/snds/ で確かめてください。"},
    {"this server's address is on the block list of Microsoft 365",
     "このサーバーのアドレスが Microsoft 365 のブロックリストに載っている"},
    {"Have it taken off at https://sender.office.com/.", "https://sender.office.com/ で解除を申請してください。"},
    {"this server's address is banned by Microsoft 365", "このサーバーのアドレスが Microsoft 365 で禁止されている"},
    {"Forward the answer to delist@microsoft.com.", "応答を delist@microsoft.com に転送してください。"},
    {"it wants mail that passes SPF, DKIM and DMARC, and this does not",
     "SPF、DKIM、DMARC に合格するメールを求めているが、合格していない"},
    {"tegami dns check DOMAIN says which record is missing or wrong.",
     "足りないか誤っているレコードは tegami dns check DOMAIN で分かります。"},
    {"this server's address is new to it, or known for bad mail, and may send little",
     "このサーバーのアドレスが新しいか評判が悪いので、少ししか送れない"},
    {"It goes by itself with some weeks of good mail; https://sendersupport.olc.protection.outlook.com/snds/ tells "
     "what "
     "Microsoft sees.",
     "よいメールを数週間送ると解消します。Microsoft から見た状況は "
     "https://sendersupport.olc.protection.outlook.com/snds/ で分かります。"},
    {"the mail passes neither SPF nor DKIM for the domain in its From",
     "差出人（From）のドメインについて SPF にも DKIM にも合格していない"},
    {"this server's address has no name in the DNS that leads back to it",
     "このサーバーのアドレスに、元を指す逆引き名がない"},
    {"Set the reverse DNS of the address where you got it from.",
     "アドレスを割り当てた事業者のところで、逆引きを設定してください。"},
    {"there is more mail of this kind than it takes at once", "一度に受け取れる量を超えている"},
    {"See at https://postmaster.google.com/ what it thinks of the domain, and send less at once.",
     "ドメインの評価を https://postmaster.google.com/ で確かめ、一度に送る量を減らしてください。"},
    {"it takes the mail for spam", "迷惑メールとみなされている"},
    {"See at https://postmaster.google.com/ what it thinks of the domain, and that nobody sends through an account "
     "whose password is known to others.",
     "ドメインの評価を https://postmaster.google.com/ で確かめ、パスワードの漏れたアカウントから誰かが送っていないか"
     "調べてください。"},
    {"it does not know this domain or address for good mail", "このドメインやアドレスに、よいメールの実績がない"},
    {"It goes by itself with some weeks of good mail; see https://postmaster.google.com/.",
     "よいメールを数週間送ると解消します。https://postmaster.google.com/ も見てください。"},
    {"people have called mail of this server spam, or there was more of it than usual",
     "このサーバーのメールが迷惑メールと報告されたか、いつもより多かった"},
    {"It tries again by itself; if it lasts, see https://senders.yahooinc.com/.",
     "自動でもう一度送ります。続くようなら https://senders.yahooinc.com/ を見てください。"},
    {"people have called mail of this server spam, or its address is on a list",
     "このサーバーのメールが迷惑メールと報告されたか、アドレスがリストに載っている"},
    {"If it lasts, see https://senders.yahooinc.com/.", "続くようなら https://senders.yahooinc.com/ を見てください。"},
    {"this server's address is on a list of Spamhaus", "このサーバーのアドレスが Spamhaus のリストに載っている"},
    {"https://check.spamhaus.org/ says why, and takes it off.",
     "理由の確認と解除は https://check.spamhaus.org/ でできます。"},
    {"this server's address is on the list of SpamCop", "このサーバーのアドレスが SpamCop のリストに載っている"},
    {"https://www.spamcop.net/bl.shtml says why; it ends by itself a day after the last complaint.",
     "理由は https://www.spamcop.net/bl.shtml で分かります。最後の苦情の 1 日後に自動で解除されます。"},
    {"this server's address is on the list of Barracuda", "このサーバーのアドレスが Barracuda のリストに載っている"},
    {"Have it taken off at https://www.barracudacentral.org/rbl/removal-request.",
     "https://www.barracudacentral.org/rbl/removal-request で解除を申請してください。"},
    {"it makes servers that it does not know wait", "知らないサーバーを待たせている"},
    {"It goes by itself.", "自動で解消します。"},
    {"this server's address is on a list of bad senders", "このサーバーのアドレスが迷惑送信者のリストに載っている"},
    {"The answer says which list; it has a page to get off it.",
     "どのリストかは応答にあります。解除のページがあります。"},
    {"the mail does not pass DMARC", "メールが DMARC に合格していない"},
    {"the mail does not pass SPF", "メールが SPF に合格していない"},
    {"the mail does not pass DKIM", "メールが DKIM に合格していない"},
    // What tegami status shows and warns of.
    {"messages under way", "処理中のメール"},
    {"mailboxes", "メールボックス"},
    {"database cache", "データベースのキャッシュ"},
    {"database writes", "データベースの書き込み"},
    {"the program itself", "プログラム本体"},
    {"connections", "接続"},
    {"the certificate {} could not be renewed: {}", "証明書 {} を更新できませんでした：{}"},
    {"the certificate {} has ended: mail programs refuse it; put a new one in its place and run tegami reload",
     "証明書 {} の期限が切れ、メールソフトに拒まれます。新しいものに置き換え、tegami reload を実行してください"},
    {"the certificate {} ends in {}: put a new one in its place and run tegami reload",
     "証明書 {} は {}で切れます。新しいものに置き換え、tegami reload を実行してください"},
    {"there is no backup of this store yet: tegami backup makes one",
     "この保管庫のバックアップがまだありません。tegami backup で作れます"},
    {"the last backup is {} old: look why tegami backup has not been run since",
     "最後のバックアップから {}たっています。tegami backup が実行されていない理由を調べてください"},
    {"{} lines of the log and {} events for tegami trace were left out since the start: the log is not read, or the "
     "disk does not write, fast enough",
     "起動してからログ {} 行、tegami trace の出来事 {} 件を記録できませんでした。ログの読み取りかディスクの書き込みが"
     "追いついていません"},
    {"only {} MiB are free where the store is: with less than 128 MiB no new mail is taken",
     "保管庫のディスクの空きが {} MiB しかありません。128 MiB を切ると新しいメールを受け取れません"},
    {"the memory budget is reached, and new connections or messages are put off: raise memory_budget if this stays",
     "メモリーの上限に達し、新しい接続やメールを待たせています。続くようなら memory_budget を増やしてください"},
    {"{} of {} places for connections are taken: raise limits.connections if this stays",
     "接続数が {} に達しています（上限 {}）。続くようなら limits.connections を増やしてください"},
    {"the oldest message in the queue has waited for {}: tegami queue list says what for",
     "送信待ちの最も古いメールは {}待っています。理由は tegami queue list で分かります"},
    {"{} messages wait for the word index: until then searches read them themselves",
     "メール {} 通がまだ索引にありません。それまで検索はメール本体を読みます"},
    // The authority's refusals.
    {"the authority does not know our account any more: it is made anew at the next try",
     "認証局にこのアカウントがなくなっています。次の試行で作り直します"},
    {"a CAA record in the DNS lets other authorities only issue certificates for this name: add this authority to it, "
     "or remove it",
     "DNS の CAA "
     "レコードで、ほかの認証局にだけ発行が許されています。この認証局を加えるか、レコードを取り除いてください"},
    {"the authority could not connect to this name: its address in the DNS must lead here, and port 80 (http-01) or "
     "443 "
     "(tls-alpn-01) must be open from the Internet",
     "認証局がこの名前に接続できませんでした。DNS のアドレスがここを指し、80 番（http-01）か 443 番（tls-alpn-01）の"
     "ポートがインターネットから開いている必要があります"},
    {"the authority could not look this name up: its records must be published, and their signatures (DNSSEC) right",
     "認証局がこの名前を引けませんでした。レコードが公開され、署名（DNSSEC）が正しい必要があります"},
    {"somebody else answered for this name: its address in the DNS must lead here, and the port to this server",
     "別のサーバーがこの名前で応答しました。DNS のアドレスとポートがこのサーバーに届く必要があります"},
    {"the authority gives no more certificates for now; it is asked again later",
     "認証局は今はこれ以上発行しません。あとでもう一度申請します"},
    {"the authority gives no certificates for this name", "認証局はこの名前の証明書を発行しません"},
    {"something is wrong at the authority; it is asked again later",
     "認証局に問題があります。あとでもう一度申請します"},
    {"the authority did not find our proof at this name: its address in the DNS must lead here, and for dns-01 every "
     "name server must have the record",
     "認証局がこの名前で証拠を見つけられませんでした。DNS のアドレスがここを指し、dns-01 ではすべてのネームサーバーに"
     "レコードが必要です"},
    {"there is no such name in the DNS", "DNS にこの名前がありません"},
    {"the authority does not take the address of acme.contact", "認証局が acme.contact のアドレスを受け付けません"},
    {"the authority takes contacts of another kind than acme.contact",
     "認証局が acme.contact の種類の連絡先を受け付けません"},
    {"the authority wants an account that it gave you by other ways: set acme.external_account and "
     "acme.external_account_file",
     "認証局が、別の方法で発行したアカウントを求めています。acme.external_account と acme.external_account_file "
     "を設定してください"},
    {"the authority could not shake hands with this name under TLS: port 443 must lead to this server, with nothing "
     "between that ends TLS",
     "認証局がこの名前と TLS で接続できませんでした。途中で TLS を終端させず、443 "
     "番ポートをこのサーバーに届かせてください"},
    {"the authority gives no certificates for names of this kind", "認証局はこの種類の名前の証明書を発行しません"},
    {"the authority wants something of you, such as that you agree to new terms",
     "認証局が、新しい利用規約への同意などの手続きを求めています"},
    {"the authority did not answer: {}", "認証局が応答しません：{}"},
    {"the authority answered with status {}", "認証局の応答の状態 {}"},
    {"the authority has not come to an end in all this time; it is asked again later",
     "認証局の処理が時間内に終わりませんでした。あとでもう一度申請します"},
    {"the authority has given up on the order", "認証局が申請を打ち切りました"},
    {"the authority gave too many certificates", "認証局から届いた証明書が多すぎます"},
    {"the authority's {} cannot be used: {}", "認証局の応答（{}）を使えません：{}"},
    {"it does not say why", "理由は示されていません"},
    {"the authority refuses: {}", "認証局が拒否しました：{}"},
    {"{} (the authority says: {})", "{}（認証局の応答：{}）"},
    {"no certificate is called {}: tegami certificate status shows those there are; those of mta-sts, autoconfig and "
     "autodiscover below a domain are wanted when these names lead here",
     "{} という証明書はありません。あるものは tegami certificate status で分かります。ドメインの mta-sts、autoconfig、"
     "autodiscover の証明書は、その名前がここを指すと取得されます"},
    {"the name server of [dns_update] has no zone that holds {}: it cannot be proven by dns-01",
     "[dns_update] のネームサーバーに {} のゾーンがないので、dns-01 を使えません"},
    {"a record at {} cannot be published", "{} のレコードを公開できません"},
    {"the account key {} cannot be used: {}", "アカウントの鍵 {} を使えません：{}"},
    {"the authority takes too long", "認証局の応答に時間がかかりすぎています"},
    {"the server made its certificate itself: without acme.directory there is no authority to ask",
     "証明書はサーバーが自分で作ったものです。acme.directory がないので、申請する認証局がありません"},
    {"the certificate is yours (tls.certificate): put a new one there, and call tegami reload",
     "証明書は自分で用意したもの（tls.certificate）です。新しいものをそこに置き、tegami reload を実行してください"},
};

static_assert(std::ranges::all_of(kHealth, same_places));

} // namespace

std::span<const Words> health_sentences() {
    return kHealth;
}

} // namespace tegami::app
