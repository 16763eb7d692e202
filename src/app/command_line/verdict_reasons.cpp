#include "app/command_line/verdict_reasons.h"

#include <array>

namespace tegami::app {

namespace {

// trust/dmarc/evaluate.h
constexpr std::array kDmarcReasons{
    VerdictReason{"aligned", "", "", "{domain}, the domain of the author, stands behind the message.",
                  "{domain}（差出人のドメイン）から送られたことを確認しました。"},
    VerdictReason{
        "not-authenticated", "", "",
        "the message says that it is from {domain}, but neither SPF nor DKIM shows that. If it is genuine, the "
        "administrators of {domain} must list their servers (SPF) or sign their mail (DKIM).",
        "差出人のドメインは {domain} となっていますが、SPF でも DKIM でも確認できません。本物であれば、{domain} "
        "の管理者が送信サーバーを公開する（SPF）か、メールに署名する（DKIM）必要があります。"},
    VerdictReason{
        "not-aligned", "", "",
        "the message says that it is from {domain}, but what SPF and DKIM show is another domain. If it is genuine, "
        "the administrators of {domain} must see to it that it is sent and signed in their own name.",
        "差出人のドメインは {domain} となっていますが、SPF や DKIM "
        "で確認できたのは別のドメインです。本物であれば、{domain} "
        "の管理者が自分の名前で送信し、署名する必要があります。"},
    VerdictReason{"no-record", "", "", "{domain} does not publish what to do with forged messages in its name.",
                  "{domain} は、自分を装ったメールをどう扱うかを公開していません。"},
    VerdictReason{"no-author", "", "", "the message does not name the domain of an author.",
                  "メールに差出人のドメインが書かれていません。"},
    VerdictReason{"too-many-authors", "", "", "the message names authors of too many domains.",
                  "差出人のドメインが多すぎます。"},
    VerdictReason{"record-says-nothing", "", "",
                  "what {record|domain} publishes says neither what to do with forged messages nor whom to tell. Its "
                  "administrators must mend it.",
                  "{record|domain} "
                  "の公開している内容には、偽のメールをどう扱うかも、誰に知らせるかも書かれていません。{record|domain} "
                  "の管理者が直す必要があります。"},
    VerdictReason{"dns-failure", "", "", "the DNS did not answer all questions about {domain}. Later it may.",
                  "{domain} について、DNS から得られない答えがありました。あとで得られるかもしれません。"},
    VerdictReason{
        "identifier-undecided", "", "",
        "SPF or DKIM might have shown that the message is from {domain}, but could not be checked now. Later they may.",
        "{domain} から送られたことを SPF か DKIM "
        "で確認できたかもしれませんが、今回は確かめられませんでした。あとで確かめられるかもしれません。"},
};

// trust/arc/verdict.h
constexpr std::array kArcReasons{
    VerdictReason{"verified", "", "",
                  "those who have passed the message on say what they found, the last of them {sealer}, and nobody has "
                  "changed that.",
                  "このメールを転送したサーバー（最後は {sealer}）の調べた結果が残っており、書き換えられていません。"},
    VerdictReason{"already-failed", "", "",
                  "{sealer|=a server} that passed the message on found the chain of seals broken already.",
                  "転送した {sealer|=サーバー} が受け取ったとき、封印の連鎖はすでに壊れていました。"},
    VerdictReason{"message-signature-failed", "", "", "the message was changed after {sealer|=a server} passed it on.",
                  "{sealer|=サーバー} が転送したあとで、メールが書き換えられています。"},
    VerdictReason{"seal-failed", "", "",
                  "the seal of the server that passed it on as number {instance} is not genuine.",
                  "{instance} 番目に転送したサーバーの封印は本物ではありません。"},
    VerdictReason{"", "", "", "the chain of seals of those who passed the message on is not as it must be.",
                  "このメールを転送したサーバーの封印の連鎖が、正しい形ではありません。"},
};

// trust/iprev.h; the result says it all.
constexpr std::array kIprevReasons{
    VerdictReason{"", "pass", "", "{client} is called {name}, and that name leads back to it.",
                  "{client} の名前は {name} で、その名前から {client} に戻れます。"},
    VerdictReason{
        "", "fail", "",
        "{client} is called {name}, but that name does not lead back to it. Whoever runs the server must mend one "
        "of them.",
        "{client} の名前は {name} ですが、その名前から {client} "
        "には戻れません。サーバーの管理者がどちらかを直す必要があります。"},
    VerdictReason{"", "temperror", "", "the DNS did not answer all questions about the name of {client}. Later it may.",
                  "{client} の名前について、DNS から得られない答えがありました。あとで得られるかもしれません。"},
    VerdictReason{"", "permerror", "", "{client} has no name. Whoever runs the server should have it given one.",
                  "{client} には名前がありません。サーバーの管理者が名前を付けてもらうとよいでしょう。"},
};

// trust/bimi/evaluate.h
constexpr std::array kBimiReasons{
    VerdictReason{"found", "", "", "{domain} publishes one, at {location}.",
                  "{domain} がロゴを公開しています（{location}）。"},
    VerdictReason{"no-record", "", "", "the domain of the author publishes none.",
                  "差出人のドメインはロゴを公開していません。"},
    VerdictReason{"declined", "", "", "{domain} asks for none to be shown.",
                  "{domain} は、ロゴを表示しないよう求めています。"},
    VerdictReason{"not-authenticated", "", "",
                  "DMARC has not shown that the author's domain stands behind the message.",
                  "差出人のドメインから送られたことを DMARC で確認できていません。"},
    VerdictReason{"no-single-author", "", "", "the message does not have exactly one author.",
                  "差出人がちょうど一人ではありません。"},
    VerdictReason{
        "policy-not-enforced", "", "",
        "the domain of the author does not ask for forged messages in its name to be stopped. A logo is shown "
        "only for those that do (DMARC with “p=quarantine” or “p=reject”).",
        "差出人のドメインは、自分を装ったメールを止めるよう求めていません。ロゴを表示するのは、そう求めている"
        "ドメイン（DMARC の「p=quarantine」か「p=reject」）だけです。"},
    VerdictReason{"dns-failure", "", "",
                  "the DNS did not answer all questions about the domain of the author. Later it may.",
                  "差出人のドメインについて、DNS から得られない答えがありました。あとで得られるかもしれません。"},
    VerdictReason{
        "several-records", "", "",
        "{domain} publishes several records under “{selector}”, where only one may be. Its administrators must "
        "mend it.",
        "{domain} は、一つしか許されない「{selector}」の記録を複数公開しています。{domain} "
        "の管理者が直す必要があります。"},
    VerdictReason{"record-syntax", "", "",
                  "the record “{selector}” that {domain} publishes has a mistake. Its administrators must mend it.",
                  "{domain} が公開している「{selector}」の記録の書き方が間違っています。{domain} "
                  "の管理者が直す必要があります。"},
    VerdictReason{"location-missing", "", "",
                  "the record “{selector}” that {domain} publishes does not say where it is (“l=”). Its administrators "
                  "must mend it.",
                  "{domain} が公開している「{selector}」の記録にはロゴの場所（「l=」）がありません。{domain} "
                  "の管理者が直す必要があります。"},
    VerdictReason{"location-unusable", "", "",
                  "the record “{selector}” that {domain} publishes does not name an SVG picture at an https address "
                  "(“l=”). Its administrators must mend it.",
                  "{domain} が公開している「{selector}」の記録の「l=」は、https で読める SVG "
                  "の画像ではありません。{domain} の管理者が直す必要があります。"},
    VerdictReason{"authority-unusable", "", "",
                  "the record “{selector}” that {domain} publishes does not name a certificate at an https address "
                  "(“a=”). Its administrators must mend it.",
                  "{domain} が公開している「{selector}」の記録の「a=」は、https "
                  "で読める証明書ではありません。{domain} の管理者が直す必要があります。"},
};

} // namespace

std::span<const VerdictReason> reasons_of(std::string_view method) {
    if (method == "spf") return spf_reasons();
    if (method == "dkim") return dkim_reasons();
    if (method == "dmarc") return kDmarcReasons;
    if (method == "arc") return kArcReasons;
    if (method == "bimi") return kBimiReasons;
    if (method == "iprev") return kIprevReasons;
    return {};
}

} // namespace tegami::app
