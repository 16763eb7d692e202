#include "app/command_line/verdict_reasons.h"

#include <array>

namespace tegami::app {

namespace {

constexpr std::array kDkimReasons{
    VerdictReason{"", "none", "", "the message carries no signature.", "メールに署名がありません。"},
    VerdictReason{"verified", "", "",
                  "the signature of {domain} is genuine, and what it covers has not been changed on the way.",
                  "{domain} の署名は本物で、署名された部分は途中で変えられていません。"},
    VerdictReason{
        "body-hash-mismatch", "", "",
        "the text is not what {domain} signed. It was changed on the way, as some mailing lists do, or it is forged.",
        "本文が {domain} "
        "の署名したものと違います。メーリングリストなどで途中で変えられたか、偽のメールかもしれません。"},
    VerdictReason{
        "body-too-short", "", "",
        "the text is shorter than what {domain} signed. A part of it was lost on the way, or it is forged.",
        "本文が {domain} の署名したものより短くなっています。途中で一部が失われたか、偽のメールかもしれません。"},
    VerdictReason{
        "signature-mismatch", "", "",
        "the signature of {domain} does not fit the header (who wrote the message, its subject and so on). It was "
        "changed on the way or is forged, or {domain} publishes another key than the one it signs with.",
        "{domain} の署名がヘッダー（差出人や件名など）に合いません。途中で変えられたか、偽のメールか、{domain} "
        "が署名に使ったのとは違う鍵を公開しているのかもしれません。"},
    VerdictReason{
        "algorithm-not-allowed", "", "",
        "the signature of {domain|=the sender} is made in a way that is no longer safe (SHA-1). Whoever signed must "
        "choose a newer one.",
        "{domain|=差出人側}の署名の方式（SHA-"
        "1）は、もう安全ではありません。署名した側が新しい方式に変える必要があります。"},
    VerdictReason{
        "key-too-short", "", "",
        "the key with which {domain} signs is too short to be safe. Its administrators must make a longer one.",
        "{domain} が署名に使った鍵は、短すぎて安全ではありません。{domain} の管理者が長い鍵を作る必要があります。"},
    VerdictReason{
        "key-too-long", "", "",
        "the key with which {domain} signs is longer than this server can use. Its administrators should make a "
        "shorter one.",
        "{domain} が署名に使った鍵は、このサーバーで扱えないほど長いものです。{domain} "
        "の管理者が短い鍵を作るとよいでしょう。"},
    VerdictReason{"expired", "", "", "the signature of {domain} was valid for some time only, and that is over.",
                  "{domain} の署名は期限が切れています。"},
    VerdictReason{
        "in-future", "", "",
        "the signature of {domain} says that it was made at a time that is still to come. A clock is wrong, there "
        "or here.",
        "{domain} の署名の日時は未来になっています。署名したサーバーか、このサーバーの時計が狂っています。"},
    VerdictReason{
        "over-limit", "", "",
        "the message has more to be checked in its signatures than this server is willing to, so that of {domain} "
        "was not.",
        "メールの署名の分量がこのサーバーの限度を超えているため、{domain} の署名は確かめていません。"},
    VerdictReason{"signature-syntax", "", "tag",
                  "the signature of {domain|=the sender} has a mistake at “{tag}=”. Whoever signed must mend that.",
                  "{domain|=差出人側}の署名は「{tag}=」のところが間違っています。署名した側が直す必要があります。"},
    VerdictReason{"signature-syntax", "", "",
                  "the signature of {domain|=the sender} has a mistake. Whoever signed must mend that.",
                  "{domain|=差出人側}の署名の書き方が間違っています。署名した側が直す必要があります。"},
    VerdictReason{"tag-missing", "", "",
                  "the signature of {domain|=the sender} lacks its part “{tag}=”. Whoever signed must mend that.",
                  "{domain|=差出人側}の署名に「{tag}=」がありません。署名した側が直す必要があります。"},
    VerdictReason{"version-unknown", "", "",
                  "the signature of {domain|=the sender} is of a version of DKIM that this server does not know.",
                  "{domain|=差出人側}の署名は、このサーバーの知らない版の DKIM です。"},
    VerdictReason{"algorithm-unknown", "", "",
                  "the signature of {domain|=the sender} is made in a way that this server does not know.",
                  "{domain|=差出人側}の署名は、このサーバーの知らない方式です。"},
    VerdictReason{
        "canonicalization-unknown", "", "",
        "the signature of {domain|=the sender} reads the message in a way that this server does not know (“c=”).",
        "{domain|=差出人側}の署名は、このサーバーの知らない読み方（「c=」）でメールを読みます。"},
    VerdictReason{
        "query-unknown", "", "",
        "the key to the signature of {domain|=the sender} is published in a way that this server does not know (“q=”).",
        "{domain|=差出人側}の署名の鍵は、このサーバーの知らない方法（「q=」）で公開されています。"},
    VerdictReason{"header-too-long", "", "", "the header of the message is too long to be read to its end.",
                  "メールのヘッダーが長すぎて、最後まで読めません。"},
    VerdictReason{"key-unavailable", "", "", "the DNS did not answer about the key of {domain}. Later it may.",
                  "DNS から {domain} の鍵が得られませんでした。あとで得られるかもしれません。"},
    VerdictReason{
        "from-not-signed", "", "",
        "the signature of {domain|=the sender} does not cover who wrote the message (From). Whoever signed must "
        "mend that.",
        "{domain|=差出人側}の署名は、差出人（From）に及んでいません。署名した側が直す必要があります。"},
    VerdictReason{
        "domain-mismatch", "", "",
        "the signature of {domain|=the sender} is given in the name of somebody of another domain. Whoever signed must "
        "mend that.",
        "{domain|=差出人側}の署名は、別のドメインの名義になっています。署名した側が直す必要があります。"},
    VerdictReason{
        "identity-not-exact", "", "",
        "the signature is given in the name of a part of {domain}, which its key does not allow. The administrators "
        "of {domain} must mend it.",
        "署名は {domain} の下のドメインの名義ですが、鍵はそれを許していません。{domain} "
        "の管理者が直す必要があります。"},
    VerdictReason{
        "key-missing", "", "",
        "{domain} does not publish the key “{selector}” that the message is signed with. Its administrators must "
        "publish it.",
        "{domain} は、署名に使われた鍵「{selector}」を公開していません。{domain} の管理者が公開する必要があります。"},
    VerdictReason{
        "key-syntax", "", "tag",
        "the key “{selector}” that {domain} publishes has a mistake at “{tag}=”. Its administrators must mend it.",
        "{domain} が公開している鍵「{selector}」は「{tag}=」のところが間違っています。{domain} "
        "の管理者が直す必要があります。"},
    VerdictReason{
        "key-syntax", "", "",
        "the key “{selector}” that {domain} publishes has a mistake. Its administrators must mend it.",
        "{domain} が公開している鍵「{selector}」の書き方が間違っています。{domain} の管理者が直す必要があります。"},
    VerdictReason{
        "key-revoked", "", "",
        "{domain} has withdrawn the key “{selector}” that the message is signed with. Its administrators must sign "
        "with another one.",
        "署名に使われた鍵「{selector}」を {domain} は取り消しています。{domain} "
        "の管理者が別の鍵で署名する必要があります。"},
    VerdictReason{
        "key-of-other-type", "", "",
        "the key “{selector}” that {domain} publishes is of another kind than the signature. Its administrators "
        "must mend it.",
        "{domain} が公開している鍵「{selector}」は、署名と種類が違います。{domain} の管理者が直す必要があります。"},
    VerdictReason{
        "key-not-for-hash", "", "",
        "the key “{selector}” that {domain} publishes is not for signatures of this kind. Its administrators must "
        "mend it.",
        "{domain} が公開している鍵「{selector}」は、この種類の署名に使うものではありません。{domain} "
        "の管理者が直す必要があります。"},
    VerdictReason{"key-not-for-email", "", "",
                  "the key “{selector}” that {domain} publishes is not for mail. Its administrators must mend it.",
                  "{domain} が公開している鍵「{selector}」は、メールに使うものではありません。{domain} "
                  "の管理者が直す必要があります。"},
};

} // namespace

std::span<const VerdictReason> dkim_reasons() {
    return kDkimReasons;
}

} // namespace tegami::app
