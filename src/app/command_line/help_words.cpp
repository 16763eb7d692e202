#include "app/command_line/help_words.h"

#include "base/ascii.h"

#include <algorithm>

namespace tegami::app {

namespace {

constexpr Words kHelp[] = {
    // What every command has.
    {"Tegami, a complete mail server in one program.", "Tegami（手紙）：ひとつのプログラムで動くメールサーバー。"},
    {"Print the version and exit", "バージョンを表示して終わります"},
    {"Print this help and exit", "この説明を表示して終わります"},
    {"The configuration file", "設定ファイル"},
    {"Options", "オプション"},
    {"Subcommands", "コマンド"},
    {"Examples:", "例："},
    {"Example:", "例："},
    {"Exit status: 0 done, 1 it did not work, 2 wrong use.", "終了コード：0 成功、1 失敗、2 使い方の誤り。"},
    {"Print JSON", "JSON で出力します"},
    {"Print one line of JSON for each event", "出来事ごとに JSON を 1 行出力します"},
    {"en or ja; otherwise as the locale says", "en または ja。省略するとロケールに従います"},
    {"Such as example.org", "例：example.org"},
    {"Such as anna@example.org", "例：anna@example.org"},
    {"Of this domain only", "このドメインのものだけ"},
    {"Of this account only", "このアカウントのものだけ"},
    {"The account", "アカウント"},
    {"The accounts", "アカウント（いくつでも）"},
    {"The account's address", "アカウントのアドレス"},
    {"All of them", "すべて"},
    {"The folder", "フォルダー"},
    {"The new folder", "新しく作るフォルダー"},
    {"The folder or file", "フォルダーまたはファイル"},
    {"Only say what would be changed", "変更する内容を示すだけで、変更はしません"},
    // The server.
    {"Write a commented tegami.toml and make an empty store with one domain",
     "説明付きの tegami.toml を書き、ドメインひとつの空の保管庫を作ります"},
    {"The folder for both; made if it is missing", "両方を置くフォルダー。なければ作ります"},
    {"The first domain, such as example.org", "最初のドメイン。例：example.org"},
    {"An address to listen on; may be given several times. Otherwise every address of this machine, IPv4 and IPv6",
     "待ち受けるアドレス。複数回指定できます。省略すると、このマシンの IPv4・IPv6 の全アドレス"},
    {"The folder for the mail, if that is another one; if it belongs to a user, the store is made as that user",
     "メールを別のフォルダーに置く場合のフォルダー。所有者がいれば、その利用者として保管庫を作ります"},
    {"Added to every port: with 20000, SMTP is on 20025, and no root is needed",
     "すべてのポート番号に足す数。20000 なら SMTP は 20025 になり、root 権限が要りません"},
    {"Run the server until Ctrl-C", "サーバーを動かします（Ctrl-C で止まります）"},
    {"Report every fault of the configuration file", "設定ファイルの誤りをすべて報告します"},
    {"Have the running server read its configuration and certificate again",
     "動いているサーバーに、設定と証明書を読み直させます"},
    {"Hold its sockets in a small process beside it, so that tegami restart refuses no connection; under systemd "
     "systemctl "
     "restart does so without",
     "ソケットを隣の小さなプロセスに持たせ、tegami restart の間も接続を断らないようにします。systemd の下では "
     "systemctl restart だけで足ります"},
    {"Have the running server end in order and a new one take over its sockets: connections wait meanwhile",
     "動いているサーバーを順序正しく終わらせ、新しいサーバーにソケットを引き継がせます。その間の接続は待ちます"},
    {"Check every record of the store", "保管庫のすべての記録を検査します"},
    {"Read every message too, which takes longer", "メール本体もすべて読みます（時間がかかります）"},
    {"Tell how the running server is: where it listens, who uses its memory, what waits",
     "動いているサーバーの様子（待ち受け、メモリーの使い道、送信待ち）を示します"},
    {"Save what can be read of a damaged store, and list what cannot; the server must be stopped",
     "壊れた保管庫から読めるものを救い出し、読めないものを挙げます。サーバーは止めておきます"},
    {"Make the store one that the previous release can open; the server must be stopped",
     "保管庫を、ひとつ前の版で開ける形に戻します。サーバーは止めておきます"},
    // setup, doctor, settings; a server that hands its sockets on.
    {"From a bare machine to a server that sends and receives: asks, looks, writes, starts, checks",
     "まっさらなマシンから、送受信できるサーバーまで：尋ね、調べ、書き、起動し、確かめます"},
    {"The folder for configuration and mail, where no package has made one",
     "設定とメールのフォルダー（パッケージで用意されていない場合）"},
    {"The first domain, or another one, such as example.org", "最初の、または追加のドメイン。例：example.org"},
    {"The server's name in the DNS; otherwise mail.DOMAIN", "DNS でのサーバーの名前。省略すると mail.DOMAIN"},
    {"The first account, such as anna@example.org", "最初のアカウント。例：anna@example.org"},
    {"A file with its password; otherwise one is asked for, or made",
     "パスワードのファイル。省略すると尋ねるか、作ります"},
    {"An address by which others reach this server; may be given several times. Otherwise those of the machine that "
     "are "
     "public",
     "このサーバーに外から届くアドレス。複数回指定できます。省略すると、このマシンの公開アドレス"},
    {"The authority that gives certificates by itself (ACME)", "証明書を自動で発行する認証局（ACME）"},
    {"You have read its terms, and agree to them", "その規約を読み、同意します"},
    {"Who proves its server, where it is one of your own", "自前の認証局の場合、そのサーバーを証明するもの"},
    {"Another server that all mail goes through; port 587 unless it is named",
     "すべてのメールを通す中継サーバー。ポートを省略すると 587"},
    {"Who we are there", "そこでの利用者名"},
    {"A file with the password there", "そこでのパスワードのファイル"},
    {"A name server to ask; may be given several times. Otherwise those of the system",
     "問い合わせるネームサーバー。複数回指定できます。省略するとシステムのもの"},
    {"An address to listen on; may be given several times. Otherwise every one",
     "待ち受けるアドレス。複数回指定できます。省略するとすべて"},
    {"Added to every port, for a trial without root", "すべてのポート番号に足す数。root なしで試すため"},
    {"Minutes to wait for the records and for a first letter; otherwise 30 if somebody was asked, else 0",
     "レコードと最初のメールを待つ分数。省略すると、質問に答えた場合は 30、それ以外は 0"},
    {"Ask nothing", "何も尋ねません"},
    {"Ask nothing; print JSON at the end, and all else to standard error",
     "何も尋ねず、最後に JSON を出力します。そのほかは標準エラー出力に出します"},
    {"Typed again it goes on where it was, and changes nothing that was not asked for. Ctrl-C ends the waiting; what "
     "is set "
     "up stays.",
     "もう一度実行すると続きから進み、頼まれていないことは変えません。Ctrl-C "
     "で待つのをやめても、済んだ設定は残ります。"},
    {"Exit status 1 if something could not be set up; what only hurts (no reverse DNS, a closed port) is said, and "
     "tegami "
     "doctor says it again.",
     "設定できないものがあれば、終了コードは "
     "1。支障があるだけのもの（逆引きがない、ポートが閉じている）は知らせます。tegami "
     "doctor でも分かります。"},
    {"Look for everything that hurts mail: machine, DNS, certificates, what others answer and report",
     "メールの支障になるものをすべて調べます：マシン、DNS、証明書、相手の応答と報告"},
    {"It takes some seconds. Exit status 1 if mail suffers.", "数秒かかります。メールに支障があれば、終了コードは 1。"},
    {"Show what to type in a mail program, and a code for phones",
     "メールソフトに入力する内容と、スマートフォン用のコードを示します"},
    {"Hold its sockets in a small process beside it, so that tegami restart refuses no connection; under systemd "
     "systemctl "
     "restart does so without",
     "ソケットを隣の小さなプロセスに持たせ、tegami restart で接続を断らないようにします。systemd では systemctl "
     "restart だけで"
     "そうなります"},
    {"Have the running server end in order and a new one take over its sockets: connections wait meanwhile",
     "動いているサーバーを順序よく終わらせ、新しいサーバーにソケットを引き継ぎます。その間、接続は待ちます"},
    // Backups.
    {"Add everything the server has to a folder of backups, while it runs; what is there is not copied again",
     "動作中のサーバーの内容をすべてバックアップ用フォルダーに加えます。既にあるものは写しません"},
    {"The folder; made if it is missing", "フォルダー。なければ作ります"},
    {"Remove the oldest backups until so many are left", "この数になるまで、古いバックアップから消します"},
    {"Say which backups a folder has", "フォルダーにあるバックアップを一覧します"},
    {"Read all backups of a folder and compare every checksum",
     "フォルダーのバックアップをすべて読み、チェックサムを照合します"},
    {"Bring mail back from a backup into the running server, or make a whole server of it",
     "バックアップから動作中のサーバーへメールを戻すか、サーバー全体を作り直します"},
    {"The folder of backups", "バックアップのフォルダー"},
    {"Bring back what this account lacks", "このアカウントに足りないものを戻します"},
    {"Only of this mailbox", "このメールボックスのものだけ"},
    {"Only the message with this Message-ID", "この Message-ID のメールだけ"},
    {"Bring back what any account lacks", "すべてのアカウントについて、足りないものを戻します"},
    {"Make a whole server in this new folder", "この新しいフォルダーにサーバー全体を作ります"},
    {"As of the latest backup whose name begins so, such as 2026-11-24; else the latest of all",
     "名前がこれで始まる最新のバックアップ（例：2026-11-24）。省略すると全体で最新のもの"},
    // Mail of other programs.
    {"Bring mail of another program into an account: a Maildir, mbox or EML files, or another IMAP server",
     "ほかのプログラムのメール（Maildir、mbox、EML ファイル、別の IMAP サーバー）をアカウントに取り込みます"},
    {"Where messages go that have no folder of their own", "フォルダーを持たないメールの入れ先"},
    {"Take the mail of an account on another IMAP server instead (port 993, TLS)",
     "代わりに、別の IMAP サーバーのアカウントから取り込みます（ポート 993、TLS）"},
    {"Begin in the clear and go on with TLS, as on port 143", "平文で始めて TLS に切り替えます（ポート 143 など）"},
    {"Trust the certificates in this file (PEM) instead of the system's",
     "システムのものの代わりに、このファイル（PEM）の証明書を信頼します"},
    {"Its name there, if it is not ACCOUNT", "向こうでの名前（ACCOUNT と違う場合）"},
    {"Log in as this administrator of the other server for the account",
     "相手サーバーのこの管理者として、そのアカウントに入ります"},
    {"The password is its first line; else in TEGAMI_IMAP_PASSWORD, or asked for",
     "1 行目がパスワードです。省略すると TEGAMI_IMAP_PASSWORD から読むか、尋ねます"},
    {"Many at once: on each line our account, the name there, and its password or file:PATH",
     "一度に多数：各行に、こちらのアカウント、向こうでの名前、パスワードか file:PATH"},
    {"How many accounts at a time (4)", "同時に扱うアカウントの数（4）"},
    {"Folders, flags, keywords, dates and subscriptions come along. What the mailbox has already, by size",
     "フォルダー、フラグ、キーワード、日付、購読も一緒に来ます。大きさと Message-ID から見て既にあるものは、"},
    {"and Message-ID, is not added again: the same command goes on after an interruption. The files are read",
     "二度は加えません。中断しても、同じコマンドで続きから進みます。ファイルはあなたの権限で読むだけで、"},
    {"with your rights and are not changed, nor is anything on the other server.",
     "変更しません。相手のサーバーにも何も変更を加えません。"},
    {"Write an account's mail into a new folder, as a Maildir or mbox files",
     "アカウントのメールを、新しいフォルダーに Maildir か mbox で書き出します"},
    {"How it is kept there", "書き出す形式"},
    {"The Maildir is as Dovecot keeps it. What is exported and imported again is the same.",
     "Maildir は Dovecot と同じ形です。書き出して取り込み直せば、同じものになります。"},
    // Domains, accounts, aliases.
    {"The domains that this server receives mail for", "このサーバーがメールを受け取るドメイン"},
    {"Add a domain", "ドメインを追加します"},
    {"Who gets mail for addresses that do not exist", "存在しないアドレス宛てのメールの届け先"},
    {"Splits user+detail; mail for it goes to user. Empty: no sub-addresses",
     "user+detail を分ける記号。user に届きます。空なら使いません"},
    {"Splits user+detail; empty: no sub-addresses", "user+detail を分ける記号。空なら使いません"},
    {"List the domains", "ドメインを一覧します"},
    {"Show the settings of a domain and what it has", "ドメインの設定と、持っているものを示します"},
    {"Change the settings of a domain; what is not named stays",
     "ドメインの設定を変えます。挙げないものはそのままです"},
    {"Mail for addresses that do not exist is refused", "存在しないアドレス宛てのメールを断ります"},
    {"What other servers are asked to do about TLS: enforce it, report, or nothing",
     "ほかのサーバーに求める TLS の扱い：必須（enforce）、報告（testing）、なし（none）"},
    {"Remove a domain that has no accounts and aliases", "アカウントも別名もないドメインを削除します"},
    {"Those who have mail here", "ここにメールを持つ人たち"},
    {"Add an account; asks for its password", "アカウントを追加します（パスワードを尋ねます）"},
    {"Read the password from the first line of standard input", "標準入力の 1 行目をパスワードとします"},
    {"Make a password and print it", "パスワードを作って表示します"},
    {"Read a hash that another server made of the password, such as {SSHA}... or $6$...",
     "ほかのサーバーが作ったパスワードのハッシュ（{SSHA}... や $6$... など）を読みます"},
    {"How much mail it may keep, such as 2GiB", "保管できるメールの量。例：2GiB"},
    {"List the accounts", "アカウントを一覧します"},
    {"Those that were removed and can be brought back", "削除され、まだ戻せるもの"},
    {"Show an account: its state, its quota and how much it holds", "アカウントの状態、容量の上限、使用量を示します"},
    {"Change the quota of an account, or switch it off or on; what is not named stays",
     "アカウントの容量の上限を変え、または停止・再開します。挙げないものはそのままです"},
    {"Any amount of mail", "容量の上限なし"},
    {"Nobody can log in to it; mail still arrives", "ログインできなくします。メールは届き続けます"},
    {"Logins work again", "ログインできるように戻します"},
    {"Give an account a new password; asks for it", "アカウントのパスワードを変えます（新しいものを尋ねます）"},
    {"Remove an account; it can be brought back for a while", "アカウントを削除します。しばらくの間は元に戻せます"},
    {"Erase all its mail at once, also of one that is removed already",
     "メールもすぐにすべて消します。既に削除したアカウントにも使えます"},
    {"The mail is erased after retention.expunged_days.",
     "メールは retention.expunged_days の日数が過ぎると消えます。"},
    {"Add many accounts from a file with one `address password` or `address:{SCHEME}hash:...` a line",
     "1 行に `アドレス パスワード` か `アドレス:{方式}ハッシュ:...` "
     "を書いたファイルから、多数のアカウントを追加します"},
    {"The file; - is standard input", "ファイル。- は標準入力"},
    {"Of names that have none, as in /etc/shadow", "ドメインのない名前（/etc/shadow など）に付けるドメイン"},
    {"Lines that are empty or begin with # are skipped. Every other line is added or reported.",
     "空行と # で始まる行は飛ばします。ほかの行は、追加するか、できない理由を報告します。"},
    {"Bring back deleted messages, mailboxes, or a removed account",
     "消したメールやメールボックス、削除したアカウントを元に戻します"},
    {"Only what was in this mailbox", "このメールボックスにあったものだけ"},
    {"Only what was deleted since then: a time, or how long ago",
     "この時より後に消したものだけ（時刻、またはどれだけ前か）"},
    {"Only show what could be brought back", "戻せるものを示すだけ"},
    {"Bring a removed account back under another address", "削除したアカウントを、別のアドレスで戻します"},
    {"Messages come back into the mailbox they were in, with their flags. What was deleted longer ago than",
     "メールは、フラグとともに元のメールボックスに戻ります。消してから retention.expunged_days の"},
    {"retention.expunged_days is gone.", "日数が過ぎたものは、もうありません。"},
    {"Addresses that stand for others", "ほかのアドレスの代わりとなるアドレス（別名）"},
    {"Add an alias for one or several addresses, here or elsewhere",
     "ここやほかのサーバーのアドレスに届く別名を追加します"},
    {"The new address, in a domain of this server", "このサーバーのドメインの新しいアドレス"},
    {"Who gets its mail", "そのメールを受け取るアドレス"},
    {"List the aliases", "別名を一覧します"},
    {"Remove an alias", "別名を削除します"},
    {"The alias", "別名"},
    // DNS, keys, reports, certificates.
    {"The keys that sign the mail of the domains (DKIM)", "ドメインのメールに署名する鍵（DKIM）"},
    {"Otherwise all domains", "省略するとすべてのドメイン"},
    {"List the keys, since when they are what they are, and what to publish",
     "鍵と、その状態がいつからか、公開する内容を一覧します"},
    {"Make successors of a domain's keys; they sign when they are seen in the DNS",
     "ドメインの次の鍵を作ります。DNS に現れたら署名に使います"},
    {"By itself the server does it every 180 days.", "サーバーは 180 日ごとに自分でこれを行います。"},
    {"Look now which keys are in the DNS, and sign with them", "今 DNS にある鍵を調べ、それで署名します"},
    {"Exit status 1 if a domain's mail goes out unsigned, or a key cannot be read.",
     "署名なしで出ていくメールがあるか、鍵が読めなければ、終了コードは 1。"},
    {"Reports about mail in the domains' names (DMARC)", "ドメインの名で送られたメールについての報告（DMARC）"},
    {"Reports about encrypted connections between mail servers (TLS-RPT)",
     "メールサーバー間の暗号化についての報告（TLS-RPT）"},
    {"Sum up what other servers report, and list the reports that were sent to others",
     "ほかのサーバーからの報告をまとめ、こちらから送った報告を一覧します"},
    {"So many days back; 7 if it is left out", "さかのぼる日数。省略すると 7"},
    {"Reports are read from the mail that comes to dmarc-reports@ of each domain.",
     "報告は、各ドメインの dmarc-reports@ に届くメールから読みます。"},
    {"Reports are read from the mail that comes to tls-reports@ of each domain.",
     "報告は、各ドメインの tls-reports@ に届くメールから読みます。"},
    {"What a domain needs in the DNS, and whether it is there",
     "ドメインに必要な DNS のレコードと、それがあるかどうか"},
    {"Show the records to publish, and what each is for", "公開するレコードと、それぞれの役目を示します"},
    {"An address by which everybody reaches this server; may be given several times",
     "このサーバーに外から届くアドレス。複数回指定できます"},
    {"As a table to read, lines of a zone file, or JSON", "読むための表（table）、ゾーンファイルの行（zone）、JSON"},
    {"Ask the DNS, and say what is missing or wrong and how to mend it",
     "DNS を調べ、足りないものや誤りと、直し方を示します"},
    {"Exit status 1 if mail suffers.", "メールに支障があれば、終了コードは 1。"},
    {"Add what is missing and mend what is ours, at the name server of tegami.toml",
     "tegami.toml のネームサーバーに、足りないものを加え、こちらのものを直します"},
    {"What somebody wrote differently (MX, addresses, SPF, DMARC) is left alone, and named.",
     "人が別に書いたもの（MX、アドレス、SPF、DMARC）には手を付けず、名前を挙げます。"},
    {"Exit status 1 if something could not be published.", "公開できないものがあれば、終了コードは 1。"},
    {"The certificates that clients are shown, and how they are renewed", "相手に見せる証明書と、その更新"},
    {"Show each certificate, its end, and what stands in the way of its renewal",
     "証明書ごとに、期限と、更新を妨げているものを示します"},
    {"Exit status 1 if one has ended, or could not be renewed.",
     "期限切れか、更新できないものがあれば、終了コードは 1。"},
    {"Have an authority (acme.directory) give it anew now, and wait for that",
     "認証局（acme.directory）から今すぐ新しく受け取り、それを待ちます"},
    {"As status calls it; otherwise all of them", "status が示す名前。省略するとすべて"},
    {"The server renews by itself; this is for after a fault was mended. Authorities count, and refuse",
     "サーバーは自分で更新します。これは障害を直した後のためのものです。認証局は回数を数えていて、"},
    {"whoever asks too often.", "多すぎると断られます。"},
    // Messages.
    {"Messages that still have somewhere to go", "まだ送り先が残っているメール（送信待ち）"},
    {"List the queue", "送信待ちを一覧します"},
    {"Show one letter with the words of the other servers", "1 通について、相手サーバーの言葉とともに示します"},
    {"Its name in the list, or its number", "一覧での名前、または番号"},
    {"Their names in the list, or numbers", "一覧での名前、または番号（いくつでも）"},
    {"Try letters again now", "今すぐもう一度送ってみます"},
    {"Throw letters away; their senders are not told", "メールを捨てます。差出人には知らせません"},
    {"The word indexes, by which searches find mail quickly", "検索を速くする語の索引"},
    {"Show how far the indexes have come, and how large they are", "索引の進み具合と大きさを示します"},
    {"Make indexes anew; meanwhile searches are slower, and do not find what is in attached files",
     "索引を作り直します。その間、検索は遅くなり、添付ファイルの中は見つかりません"},
    {"Tell what happened to a message, in plain words", "1 通のメールに起きたことを、分かりやすい言葉で示します"},
    {"A Message-ID, an address, the name of a letter, or its number in the queue",
     "Message-ID、アドレス、メールの名前、または送信待ちの番号"},
    {"Show the lines that were exchanged with other servers", "ほかのサーバーとやり取りした行も示します"},
    {"Tell who really sent a message, which stands on standard input: SPF, DKIM, DMARC, BIMI, reverse DNS",
     "標準入力のメールの本当の差出人を確かめます：SPF、DKIM、DMARC、BIMI、DNS の逆引き"},
    {"The address of the server that brought the message; without it SPF and reverse DNS are not checked",
     "メールを運んできたサーバーのアドレス。なければ SPF と逆引きは調べません"},
    {"The name by which that server introduced itself", "そのサーバーが名乗った名前"},
    {"The sender as that server gave it (MAIL FROM); otherwise the message's Return-Path, or <> if it has none: then "
     "SPF "
     "is checked for the name of --helo",
     "そのサーバーが告げた差出人（MAIL FROM）。省略するとメールの Return-Path、それもなければ <>：その場合は --helo の"
     "名前について SPF を調べます"},
    {"Nothing is stored or sent, and no server need run. The DNS is asked as the configuration says.",
     "何も保管せず、送りません。サーバーが動いている必要もありません。DNS は設定どおりに引きます。"},
    // Reference.
    {"Print the manual page", "マニュアルページを出力します"},
    {"Print what completes commands in a shell", "シェルでコマンドを補完するための定義を出力します"},
    {"A shell; or a kind of names that such a shell asks for", "シェル、またはシェルが補完に使う名前の種類"},
    {"Who may not log in for a while, after too many wrong passwords",
     "パスワードを何度も間違え、しばらくログインできない相手"},
    {"List whose logins are refused now, and until when", "今ログインを拒否している相手と期限を一覧にします"},
    {"Let somebody try again at once", "すぐにまた試せるようにします"},
    {"An address that logins come from, or a login", "ログイン元のアドレス、またはログイン名"},
    {"Who is signed in to the web mail", "ウェブメールにサインインしている人"},
    {"List the browsers that are signed in as an account", "アカウントでサインインしているブラウザーを一覧にします"},
    {"Sign a browser out at once", "ブラウザーをすぐにサインアウトさせます"},
    {"A session, as the list names it", "一覧にあるセッションの名前"},
    {"What the names begin with", "名前の書き出し"},
};

static_assert(std::ranges::none_of(kHelp,
                                   [](const Words& words) { return words.english.empty() || words.japanese.empty(); }));

const Words* find_help(std::string_view english) {
    const auto* const found = std::ranges::find(kHelp, english, &Words::english);
    return found == std::end(kHelp) ? nullptr : found;
}

bool is_to_type(std::string_view line) {
    return line.empty() || line.starts_with("  ");
}

} // namespace

bool is_help_known(std::string_view english) {
    return std::ranges::all_of(ascii::split(english, '\n'),
                               [](std::string_view line) { return is_to_type(line) || find_help(line) != nullptr; });
}

std::string help_in(Language language, std::string_view english) {
    std::string text;
    for (const std::string_view line : ascii::split(english, '\n')) {
        const Words* const words = is_to_type(line) ? nullptr : find_help(line);
        if (!text.empty()) text += '\n';
        text += words ? words->in(language) : line;
    }
    return text;
}

} // namespace tegami::app
