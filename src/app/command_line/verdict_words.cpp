#include "app/command_line/verdict_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tegami::app {

namespace {

/// What begins the sentence: what was checked, and what came of it.
struct Subject {
    std::string_view method;
    std::string_view needs; ///< `name=value` of a field; empty: none
    std::string_view english;
    std::string_view japanese;
};

constexpr std::array kSubjects{
    Subject{"spf", "identity=helo", "SPF of the server's own name", "サーバー自身の名前の SPF 検査"},
    Subject{"spf", "", "SPF", "SPF 検査"},
    Subject{"dkim", "", "DKIM", "DKIM 検査"},
    Subject{"dmarc", "", "DMARC", "DMARC 検査"},
    Subject{"iprev", "", "Reverse DNS", "接続元の名前の検査（逆引き）"},
};

struct Outcome {
    std::string_view result;
    std::string_view english;
    std::string_view japanese;
};

constexpr std::array kOutcomes{
    Outcome{"pass", "passed", "に合格しました"},
    Outcome{"fail", "failed", "に合格しませんでした"},
    Outcome{"softfail", "has doubts", "では疑わしいと出ました"},
    Outcome{"policy", "does not count", "では有効と認めませんでした"},
    Outcome{"neutral", "gives no verdict", "では判定できませんでした"},
    Outcome{"none", "says nothing", "では何も分かりません"},
    Outcome{"temperror", "could not be checked now", "は今回はできませんでした"},
    Outcome{"permerror", "could not be checked", "はできませんでした"},
};

/// Why. Of those that fit, the first counts.
struct Reason {
    std::string_view method;
    std::string_view reason;
    std::string_view result; ///< empty: any
    std::string_view needs;  ///< a field; empty: none
    std::string_view english;
    std::string_view japanese;
};

constexpr std::array kReasons{
    // SPF: trust/spf/verdict.h
    Reason{"spf", "matched", "pass", "", "{client} is in the list of mail servers that {domain} publishes.",
           "{client} は、{domain} が公開している送信サーバーの一覧に載っています。"},
    Reason{"spf", "matched", "fail", "",
           "{client} is not in the list of mail servers that {domain} publishes. The message may be forged, or "
           "somebody has forwarded it. If the server belongs to {domain}, its administrators must add it to the list.",
           "{client} は、{domain} "
           "が公開している送信サーバーの一覧に載っていません。偽のメールか、転送されたメールかもしれません。{domain} "
           "のサーバーであれば、{domain} の管理者が一覧に加える必要があります。"},
    Reason{"spf", "matched", "softfail", "",
           "{client} is not in the list of mail servers that {domain} publishes, but {domain} does not call such "
           "messages forged. If the server belongs to {domain}, its administrators must add it to the list.",
           "{client} は、{domain} が公開している送信サーバーの一覧に載っていません。ただし {domain} "
           "は、そのようなメールを偽物とまでは言っていません。{domain} のサーバーであれば、{domain} "
           "の管理者が一覧に加える必要があります。"},
    Reason{"spf", "matched", "neutral", "", "{domain} leaves open whether {client} may send its mail.",
           "{domain} は、{client} が {domain} のメールを送ってよいかどうかを決めていません。"},
    Reason{"spf", "nothing-matched", "", "",
           "{client} is not in the list of mail servers that {domain} publishes, and the list leaves open what that "
           "means.",
           "{client} は、{domain} "
           "が公開している送信サーバーの一覧に載っていません。載っていないサーバーをどう扱うかも書かれていません。"},
    Reason{"spf", "bad-domain", "permerror", "",
           "the list of mail servers that {domain} publishes refers to “{through|=}”, which cannot be a name. The "
           "administrators of {domain} must mend it.",
           "{domain} が公開している送信サーバーの一覧が指している「{through|=}」は、名前として使えません。{domain} "
           "の管理者が直す必要があります。"},
    Reason{"spf", "bad-domain", "", "domain",
           "“{domain}” is no name under which a list of mail servers could be published.",
           "「{domain}」は、送信サーバーの一覧を公開できる名前ではありません。"},
    Reason{"spf", "bad-domain", "", "", "the server gave no name.", "サーバーが名前を告げませんでした。"},
    Reason{"spf", "no-such-domain", "permerror", "",
           "the list of mail servers that {domain} publishes refers to {through}, which does not exist. The "
           "administrators of {domain} must mend it.",
           "{domain} が公開している送信サーバーの一覧が指している {through} は、存在しません。{domain} "
           "の管理者が直す必要があります。"},
    Reason{"spf", "no-such-domain", "", "", "{domain} does not exist.", "{domain} は存在しません。"},
    Reason{"spf", "no-record", "permerror", "",
           "the list of mail servers that {domain} publishes refers to {through}, which publishes none. The "
           "administrators of {domain} must mend it.",
           "{domain} が公開している送信サーバーの一覧が指している {through} は、一覧を公開していません。{domain} "
           "の管理者が直す必要があります。"},
    Reason{"spf", "no-record", "", "", "{domain} does not publish which servers send its mail.",
           "{domain} は、どのサーバーからメールを送るかを公開していません。"},
    Reason{"spf", "several-records", "", "",
           "{through|domain} publishes several lists of mail servers, where only one may be. Its administrators must "
           "mend it.",
           "{through|domain} は、一つしか許されない送信サーバーの一覧を複数公開しています。{through|domain} "
           "の管理者が直す必要があります。"},
    Reason{"spf", "record-too-long", "", "",
           "the list of mail servers that {through|domain} publishes is too long. Its administrators must shorten it.",
           "{through|domain} が公開している送信サーバーの一覧は長すぎます。{through|domain} "
           "の管理者が短くする必要があります。"},
    Reason{
        "spf", "syntax-error", "", "",
        "the list of mail servers that {through|domain} publishes has a mistake at “{subject|=}”. Its administrators "
        "must mend it.",
        "{through|domain} が公開している送信サーバーの一覧は「{subject|=}」のところが間違っています。{through|domain} "
        "の管理者が直す必要があります。"},
    Reason{"spf", "repeated-modifier", "", "",
           "“{subject|=}” in the list of mail servers that {through|domain} publishes is the second of its kind, where "
           "only one may be. Its administrators must mend it.",
           "{through|domain} "
           "が公開している送信サーバーの一覧では、一つしか許されない項目がもう一つあります（「{subject|=}」）。{"
           "through|domain} の管理者が直す必要があります。"},
    Reason{"spf", "too-many-lookups", "", "",
           "the list of mail servers that {domain} publishes takes more questions to the DNS than are allowed. The "
           "administrators of {domain} must make it simpler.",
           "{domain} が公開している送信サーバーの一覧を調べるには、許された回数より多く DNS "
           "に尋ねる必要があります。{domain} の管理者が簡単にする必要があります。"},
    Reason{"spf", "too-many-void-lookups", "", "",
           "the list of mail servers that {domain} publishes refers to too many names that lead nowhere, such as "
           "{subject}. The administrators of {domain} must mend it.",
           "{domain} が公開している送信サーバーの一覧には、行き先のない名前（{subject} など）が多すぎます。{domain} "
           "の管理者が直す必要があります。"},
    Reason{"spf", "too-many-exchanges", "", "",
           "the list of mail servers that {domain} publishes refers to the servers that take the mail of {subject}, "
           "and these are too many. The administrators of {domain} must mend it.",
           "{domain} が公開している送信サーバーの一覧は {subject} "
           "の受信サーバーを指していますが、その数が多すぎます。{domain} の管理者が直す必要があります。"},
    Reason{"spf", "dns-failure", "", "", "the DNS did not answer about {subject|domain}. Later it may.",
           "DNS から {subject|domain} についての答えが得られませんでした。あとで得られるかもしれません。"},

    // DKIM: trust/dkim/result.h
    Reason{"dkim", "", "none", "", "the message carries no signature.", "メールに署名がありません。"},
    Reason{"dkim", "verified", "", "",
           "the signature of {domain} is genuine, and what it covers has not been changed on the way.",
           "{domain} の署名は本物で、署名された部分は途中で変えられていません。"},
    Reason{
        "dkim", "body-hash-mismatch", "", "",
        "the text is not what {domain} signed. It was changed on the way, as some mailing lists do, or it is forged.",
        "本文が {domain} "
        "の署名したものと違います。メーリングリストなどで途中で変えられたか、偽のメールかもしれません。"},
    Reason{"dkim", "body-too-short", "", "",
           "the text is shorter than what {domain} signed. A part of it was lost on the way, or it is forged.",
           "本文が {domain} の署名したものより短くなっています。途中で一部が失われたか、偽のメールかもしれません。"},
    Reason{"dkim", "signature-mismatch", "", "",
           "the signature of {domain} does not fit the header (who wrote the message, its subject and so on). It was "
           "changed on the way or is forged, or {domain} publishes another key than the one it signs with.",
           "{domain} の署名がヘッダー（差出人や件名など）に合いません。途中で変えられたか、偽のメールか、{domain} "
           "が署名に使ったのとは違う鍵を公開しているのかもしれません。"},
    Reason{"dkim", "algorithm-not-allowed", "", "",
           "the signature of {domain|=the sender} is made in a way that is no longer safe (SHA-1). Whoever signed must "
           "choose a newer one.",
           "{domain|=差出人側}の署名の方式（SHA-"
           "1）は、もう安全ではありません。署名した側が新しい方式に変える必要があります。"},
    Reason{"dkim", "key-too-short", "", "",
           "the key with which {domain} signs is too short to be safe. Its administrators must make a longer one.",
           "{domain} が署名に使った鍵は、短すぎて安全ではありません。{domain} の管理者が長い鍵を作る必要があります。"},
    Reason{"dkim", "key-too-long", "", "",
           "the key with which {domain} signs is longer than this server can use. Its administrators should make a "
           "shorter one.",
           "{domain} が署名に使った鍵は、このサーバーで扱えないほど長いものです。{domain} "
           "の管理者が短い鍵を作るとよいでしょう。"},
    Reason{"dkim", "expired", "", "", "the signature of {domain} was valid for some time only, and that is over.",
           "{domain} の署名は期限が切れています。"},
    Reason{"dkim", "in-future", "", "",
           "the signature of {domain} says that it was made at a time that is still to come. A clock is wrong, there "
           "or here.",
           "{domain} の署名の日時は未来になっています。署名したサーバーか、このサーバーの時計が狂っています。"},
    Reason{"dkim", "over-limit", "", "",
           "the message has more to be checked in its signatures than this server is willing to, so that of {domain} "
           "was not.",
           "メールの署名の分量がこのサーバーの限度を超えているため、{domain} の署名は確かめていません。"},
    Reason{"dkim", "signature-syntax", "", "tag",
           "the signature of {domain|=the sender} has a mistake at “{tag}=”. Whoever signed must mend that.",
           "{domain|=差出人側}の署名は「{tag}=」のところが間違っています。署名した側が直す必要があります。"},
    Reason{"dkim", "signature-syntax", "", "",
           "the signature of {domain|=the sender} has a mistake. Whoever signed must mend that.",
           "{domain|=差出人側}の署名の書き方が間違っています。署名した側が直す必要があります。"},
    Reason{"dkim", "tag-missing", "", "",
           "the signature of {domain|=the sender} lacks its part “{tag}=”. Whoever signed must mend that.",
           "{domain|=差出人側}の署名に「{tag}=」がありません。署名した側が直す必要があります。"},
    Reason{"dkim", "version-unknown", "", "",
           "the signature of {domain|=the sender} is of a version of DKIM that this server does not know.",
           "{domain|=差出人側}の署名は、このサーバーの知らない版の DKIM です。"},
    Reason{"dkim", "algorithm-unknown", "", "",
           "the signature of {domain|=the sender} is made in a way that this server does not know.",
           "{domain|=差出人側}の署名は、このサーバーの知らない方式です。"},
    Reason{"dkim", "canonicalization-unknown", "", "",
           "the signature of {domain|=the sender} reads the message in a way that this server does not know (“c=”).",
           "{domain|=差出人側}の署名は、このサーバーの知らない読み方（「c=」）でメールを読みます。"},
    Reason{
        "dkim", "query-unknown", "", "",
        "the key to the signature of {domain|=the sender} is published in a way that this server does not know (“q=”).",
        "{domain|=差出人側}の署名の鍵は、このサーバーの知らない方法（「q=」）で公開されています。"},
    Reason{"dkim", "header-too-long", "", "", "the header of the message is too long to be read to its end.",
           "メールのヘッダーが長すぎて、最後まで読めません。"},
    Reason{"dkim", "key-unavailable", "", "", "the DNS did not answer about the key of {domain}. Later it may.",
           "DNS から {domain} の鍵が得られませんでした。あとで得られるかもしれません。"},
    Reason{"dkim", "from-not-signed", "", "",
           "the signature of {domain|=the sender} does not cover who wrote the message (From). Whoever signed must "
           "mend that.",
           "{domain|=差出人側}の署名は、差出人（From）に及んでいません。署名した側が直す必要があります。"},
    Reason{
        "dkim", "domain-mismatch", "", "",
        "the signature of {domain|=the sender} is given in the name of somebody of another domain. Whoever signed must "
        "mend that.",
        "{domain|=差出人側}の署名は、別のドメインの名義になっています。署名した側が直す必要があります。"},
    Reason{"dkim", "identity-not-exact", "", "",
           "the signature is given in the name of a part of {domain}, which its key does not allow. The administrators "
           "of {domain} must mend it.",
           "署名は {domain} の下のドメインの名義ですが、鍵はそれを許していません。{domain} "
           "の管理者が直す必要があります。"},
    Reason{
        "dkim", "key-missing", "", "",
        "{domain} does not publish the key “{selector}” that the message is signed with. Its administrators must "
        "publish it.",
        "{domain} は、署名に使われた鍵「{selector}」を公開していません。{domain} の管理者が公開する必要があります。"},
    Reason{"dkim", "key-syntax", "", "tag",
           "the key “{selector}” that {domain} publishes has a mistake at “{tag}=”. Its administrators must mend it.",
           "{domain} が公開している鍵「{selector}」は「{tag}=」のところが間違っています。{domain} "
           "の管理者が直す必要があります。"},
    Reason{"dkim", "key-syntax", "", "",
           "the key “{selector}” that {domain} publishes has a mistake. Its administrators must mend it.",
           "{domain} が公開している鍵「{selector}」の書き方が間違っています。{domain} の管理者が直す必要があります。"},
    Reason{"dkim", "key-revoked", "", "",
           "{domain} has withdrawn the key “{selector}” that the message is signed with. Its administrators must sign "
           "with another one.",
           "署名に使われた鍵「{selector}」を {domain} は取り消しています。{domain} "
           "の管理者が別の鍵で署名する必要があります。"},
    Reason{"dkim", "key-of-other-type", "", "",
           "the key “{selector}” that {domain} publishes is of another kind than the signature. Its administrators "
           "must mend it.",
           "{domain} が公開している鍵「{selector}」は、署名と種類が違います。{domain} の管理者が直す必要があります。"},
    Reason{"dkim", "key-not-for-hash", "", "",
           "the key “{selector}” that {domain} publishes is not for signatures of this kind. Its administrators must "
           "mend it.",
           "{domain} が公開している鍵「{selector}」は、この種類の署名に使うものではありません。{domain} "
           "の管理者が直す必要があります。"},
    Reason{"dkim", "key-not-for-email", "", "",
           "the key “{selector}” that {domain} publishes is not for mail. Its administrators must mend it.",
           "{domain} が公開している鍵「{selector}」は、メールに使うものではありません。{domain} "
           "の管理者が直す必要があります。"},

    // DMARC: trust/dmarc/evaluate.h
    Reason{"dmarc", "aligned", "", "", "{domain}, the domain of the author, stands behind the message.",
           "{domain}（差出人のドメイン）から送られたことを確認しました。"},
    Reason{"dmarc", "not-authenticated", "", "",
           "the message says that it is from {domain}, but neither SPF nor DKIM shows that. If it is genuine, the "
           "administrators of {domain} must list their servers (SPF) or sign their mail (DKIM).",
           "差出人のドメインは {domain} となっていますが、SPF でも DKIM でも確認できません。本物であれば、{domain} "
           "の管理者が送信サーバーを公開する（SPF）か、メールに署名する（DKIM）必要があります。"},
    Reason{"dmarc", "not-aligned", "", "",
           "the message says that it is from {domain}, but what SPF and DKIM show is another domain. If it is genuine, "
           "the administrators of {domain} must see to it that it is sent and signed in their own name.",
           "差出人のドメインは {domain} となっていますが、SPF や DKIM "
           "で確認できたのは別のドメインです。本物であれば、{domain} "
           "の管理者が自分の名前で送信し、署名する必要があります。"},
    Reason{"dmarc", "no-record", "", "", "{domain} does not publish what to do with forged messages in its name.",
           "{domain} は、自分を装ったメールをどう扱うかを公開していません。"},
    Reason{"dmarc", "no-author", "", "", "the message does not name the domain of an author.",
           "メールに差出人のドメインが書かれていません。"},
    Reason{"dmarc", "too-many-authors", "", "", "the message names authors of too many domains.",
           "差出人のドメインが多すぎます。"},
    Reason{"dmarc", "record-says-nothing", "", "",
           "what {record|domain} publishes says neither what to do with forged messages nor whom to tell. Its "
           "administrators must mend it.",
           "{record|domain} "
           "の公開している内容には、偽のメールをどう扱うかも、誰に知らせるかも書かれていません。{record|domain} "
           "の管理者が直す必要があります。"},
    Reason{"dmarc", "dns-failure", "", "", "the DNS did not answer all questions about {domain}. Later it may.",
           "{domain} について、DNS から得られない答えがありました。あとで得られるかもしれません。"},
    Reason{
        "dmarc", "identifier-undecided", "", "",
        "SPF or DKIM might have shown that the message is from {domain}, but could not be checked now. Later they may.",
        "{domain} から送られたことを SPF か DKIM "
        "で確認できたかもしれませんが、今回は確かめられませんでした。あとで確かめられるかもしれません。"},

    // iprev: trust/iprev.h; the result says it all.
    Reason{"iprev", "", "pass", "", "{client} is called {name}, and that name leads back to it.",
           "{client} の名前は {name} で、その名前から {client} に戻れます。"},
    Reason{"iprev", "", "fail", "",
           "{client} is called {name}, but that name does not lead back to it. Whoever runs the server must mend one "
           "of them.",
           "{client} の名前は {name} ですが、その名前から {client} "
           "には戻れません。サーバーの管理者がどちらかを直す必要があります。"},
    Reason{"iprev", "", "temperror", "",
           "the DNS did not answer all questions about the name of {client}. Later it may.",
           "{client} の名前について、DNS から得られない答えがありました。あとで得られるかもしれません。"},
    Reason{"iprev", "", "permerror", "", "{client} has no name. Whoever runs the server should have it given one.",
           "{client} には名前がありません。サーバーの管理者が名前を付けてもらうとよいでしょう。"},
};

/// What else there is to say; all that fit.
struct Addition {
    std::string_view method;
    std::string_view result; ///< empty: any
    std::string_view field;
    std::string_view value; ///< empty: any
    std::string_view english;
    std::string_view japanese;
};

constexpr std::array kAdditions{
    Addition{"spf", "", "explanation", "", "{domain} says: “{explanation}”", "{domain} の説明：「{explanation}」"},
    Addition{"dkim", "", "testing", "yes", "{domain} says that it is only trying out its signatures.",
             "{domain} は、署名を試しているだけだと言っています。"},
    Addition{"dkim", "", "unsigned", "", "The signature does not cover the last {unsigned} octets of the text.",
             "本文の最後の {unsigned} オクテットには署名が及んでいません。"},
    Addition{"dkim", "", "more", "", "Further signatures that are not told of: {more}.",
             "このほかに、ここに書かれていない署名が {more} 個あります。"},
    Addition{"dmarc", "pass", "by", "spf", "SPF shows it.", "（SPF による確認）"},
    Addition{"dmarc", "pass", "by", "dkim", "DKIM shows it.", "（DKIM による確認）"},
    Addition{"dmarc", "pass", "by", "spf, dkim", "SPF and DKIM show it.", "（SPF と DKIM による確認）"},
    Addition{"dmarc", "fail", "policy", "reject", "{record|domain} asks that such messages be refused.",
             "{record|domain} は、そのようなメールを断るよう求めています。"},
    Addition{"dmarc", "fail", "policy", "quarantine",
             "{record|domain} asks that such messages be put aside as suspicious.",
             "{record|domain} は、そのようなメールを疑わしいものとして分けるよう求めています。"},
    Addition{"dmarc", "fail", "policy", "none", "{record|domain} asks for nothing to be done about it.",
             "{record|domain} は、そのようなメールについて何も求めていません。"},
    Addition{"dmarc", "fail", "testing", "yes", "{record|domain} says that it is only trying this out.",
             "{record|domain} は、試しているだけだと言っています。"},
};

/// Whether it stands for nothing in particular, or for this.
bool fits(std::string_view expected, std::string_view text) {
    return expected.empty() || expected == text;
}

const Subject* find_subject(const VerdictGroup& group) {
    const auto found = std::ranges::find_if(kSubjects, [&](const Subject& each) {
        if (each.method != group.method || each.needs.empty()) return each.method == group.method;
        const auto equals = each.needs.find('=');
        return values_of(group.fields, each.needs.substr(0, equals)) == each.needs.substr(equals + 1);
    });
    return found == kSubjects.end() ? nullptr : &*found;
}

const Reason* find_reason(const VerdictGroup& group) {
    const std::string reason = values_of(group.fields, "reason");
    const auto found = std::ranges::find_if(kReasons, [&](const Reason& each) {
        return each.method == group.method && each.reason == reason && fits(each.result, group.result) &&
               (each.needs.empty() || !values_of(group.fields, each.needs).empty());
    });
    return found == kReasons.end() ? nullptr : &*found;
}

/// A row of any table in the language.
template <class Row>
std::string_view words(const Row& row, Language language) {
    return language == Language::japanese ? row.japanese : row.english;
}

} // namespace

std::vector<VerdictGroup> verdict_groups(const Fields& facts) {
    std::vector<VerdictGroup> groups;
    for (const auto& [name, value] : facts) {
        const auto dot = name.find('.');
        const std::string method = name.substr(0, dot);
        if (dot == std::string::npos) {
            groups.push_back({.method = method, .result = value});
            continue;
        }
        if (groups.empty() || groups.back().method != method) groups.push_back({.method = method, .result = {}});
        groups.back().fields.emplace_back(name.substr(dot + 1), value);
    }
    return groups;
}

std::string describe(const VerdictGroup& group, Language language) {
    const Subject* const subject = find_subject(group);
    const auto* const outcome = std::ranges::find(kOutcomes, group.result, &Outcome::result);
    const Reason* const reason = find_reason(group);
    if (subject == nullptr || outcome == kOutcomes.end() || reason == nullptr)
        return in_other_words(fmt::format("{}={}", group.method, group.result), group.fields);
    // Japanese has no spaces.
    const std::string_view gap = language == Language::japanese ? "" : " ";
    const std::string_view colon = language == Language::japanese ? "：" : ": ";
    std::string text = fmt::format("{}{}{}{}", words(*subject, language), gap, words(*outcome, language), colon);
    text += fill(words(*reason, language), group.fields);
    for (const Addition& addition : kAdditions) {
        const std::string value = values_of(group.fields, addition.field);
        if (addition.method == group.method && fits(addition.result, group.result) && !value.empty() &&
            fits(addition.value, value))
            text += fmt::format("{}{}", gap, fill(words(addition, language), group.fields));
    }
    return text;
}

} // namespace tegami::app
