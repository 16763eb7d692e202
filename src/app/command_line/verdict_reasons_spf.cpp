#include "app/command_line/verdict_reasons.h"

#include <array>

namespace tegami::app {

namespace {

constexpr std::array kSpfReasons{
    VerdictReason{"matched", "pass", "", "{client} is in the list of mail servers that {domain} publishes.",
                  "{client} は、{domain} が公開している送信サーバーの一覧に載っています。"},
    VerdictReason{
        "matched", "fail", "",
        "{client} is not in the list of mail servers that {domain} publishes. The message may be forged, or "
        "somebody has forwarded it. If the server belongs to {domain}, its administrators must add it to the list.",
        "{client} は、{domain} "
        "が公開している送信サーバーの一覧に載っていません。偽のメールか、転送されたメールかもしれません。{domain} "
        "のサーバーであれば、{domain} の管理者が一覧に加える必要があります。"},
    VerdictReason{
        "matched", "softfail", "",
        "{client} is not in the list of mail servers that {domain} publishes, but {domain} does not call such "
        "messages forged. If the server belongs to {domain}, its administrators must add it to the list.",
        "{client} は、{domain} が公開している送信サーバーの一覧に載っていません。ただし {domain} "
        "は、そのようなメールを偽物とまでは言っていません。{domain} のサーバーであれば、{domain} "
        "の管理者が一覧に加える必要があります。"},
    VerdictReason{"matched", "neutral", "", "{domain} leaves open whether {client} may send its mail.",
                  "{domain} は、{client} が {domain} のメールを送ってよいかどうかを決めていません。"},
    VerdictReason{
        "nothing-matched", "", "",
        "{client} is not in the list of mail servers that {domain} publishes, and the list leaves open what that "
        "means.",
        "{client} は、{domain} "
        "が公開している送信サーバーの一覧に載っていません。載っていないサーバーをどう扱うかも書かれていません。"},
    VerdictReason{
        "bad-domain", "permerror", "",
        "the list of mail servers that {domain} publishes refers to “{through|=}”, which cannot be a name. The "
        "administrators of {domain} must mend it.",
        "{domain} が公開している送信サーバーの一覧が指している「{through|=}」は、名前として使えません。{domain} "
        "の管理者が直す必要があります。"},
    VerdictReason{"bad-domain", "", "domain",
                  "“{domain}” is no name under which a list of mail servers could be published.",
                  "「{domain}」は、送信サーバーの一覧を公開できる名前ではありません。"},
    VerdictReason{"bad-domain", "", "", "the server gave no name.", "サーバーが名前を告げませんでした。"},
    VerdictReason{"no-such-domain", "permerror", "",
                  "the list of mail servers that {domain} publishes refers to {through}, which does not exist. The "
                  "administrators of {domain} must mend it.",
                  "{domain} が公開している送信サーバーの一覧が指している {through} は、存在しません。{domain} "
                  "の管理者が直す必要があります。"},
    VerdictReason{"no-such-domain", "", "", "{domain} does not exist.", "{domain} は存在しません。"},
    VerdictReason{
        "no-record", "permerror", "",
        "the list of mail servers that {domain} publishes refers to {through}, which publishes none. The "
        "administrators of {domain} must mend it.",
        "{domain} が公開している送信サーバーの一覧が指している {through} は、一覧を公開していません。{domain} "
        "の管理者が直す必要があります。"},
    VerdictReason{"no-record", "", "", "{domain} does not publish which servers send its mail.",
                  "{domain} は、どのサーバーからメールを送るかを公開していません。"},
    VerdictReason{
        "several-records", "", "",
        "{through|domain} publishes several lists of mail servers, where only one may be. Its administrators must "
        "mend it.",
        "{through|domain} は、一つしか許されない送信サーバーの一覧を複数公開しています。{through|domain} "
        "の管理者が直す必要があります。"},
    VerdictReason{
        "record-too-long", "", "",
        "the list of mail servers that {through|domain} publishes is too long. Its administrators must shorten it.",
        "{through|domain} が公開している送信サーバーの一覧は長すぎます。{through|domain} "
        "の管理者が短くする必要があります。"},
    VerdictReason{
        "syntax-error", "", "",
        "the list of mail servers that {through|domain} publishes has a mistake at “{subject|=}”. Its administrators "
        "must mend it.",
        "{through|domain} が公開している送信サーバーの一覧は「{subject|=}」のところが間違っています。{through|domain} "
        "の管理者が直す必要があります。"},
    VerdictReason{
        "repeated-modifier", "", "",
        "“{subject|=}” in the list of mail servers that {through|domain} publishes is the second of its kind, where "
        "only one may be. Its administrators must mend it.",
        "{through|domain} "
        "が公開している送信サーバーの一覧では、一つしか許されない項目がもう一つあります（「{subject|=}」）。{"
        "through|domain} の管理者が直す必要があります。"},
    VerdictReason{
        "too-many-lookups", "", "",
        "the list of mail servers that {domain} publishes takes more questions to the DNS than are allowed. The "
        "administrators of {domain} must make it simpler.",
        "{domain} が公開している送信サーバーの一覧を調べるには、許された回数より多く DNS "
        "に尋ねる必要があります。{domain} の管理者が簡単にする必要があります。"},
    VerdictReason{
        "too-many-void-lookups", "", "",
        "the list of mail servers that {domain} publishes refers to too many names that lead nowhere, such as "
        "{subject}. The administrators of {domain} must mend it.",
        "{domain} が公開している送信サーバーの一覧には、行き先のない名前（{subject} など）が多すぎます。{domain} "
        "の管理者が直す必要があります。"},
    VerdictReason{
        "too-many-exchanges", "", "",
        "the list of mail servers that {domain} publishes refers to the servers that take the mail of {subject}, "
        "and these are too many. The administrators of {domain} must mend it.",
        "{domain} が公開している送信サーバーの一覧は {subject} "
        "の受信サーバーを指していますが、その数が多すぎます。{domain} の管理者が直す必要があります。"},
    VerdictReason{"dns-failure", "", "", "the DNS did not answer about {subject|domain}. Later it may.",
                  "DNS から {subject|domain} についての答えが得られませんでした。あとで得られるかもしれません。"},
};

} // namespace

std::span<const VerdictReason> spf_reasons() {
    return kSpfReasons;
}

} // namespace tegami::app
