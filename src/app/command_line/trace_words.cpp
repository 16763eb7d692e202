#include "app/command_line/trace_words.h"

#include "app/command_line/verdict_words.h"

#include <array>

namespace tegami::app {

namespace {

/// A pattern for each language (sentence.h). A sentence with a `needs` field is for
/// events that have it, and stands before the one that does without.
struct Sentence {
    std::string_view kind;
    std::string_view needs;
    std::string_view english;
    std::string_view japanese;
};

constexpr std::array kSentences{
    Sentence{"submitted", "subject",
             "{account} handed in a message “{subject}” for {to} ({size} octets, from {client}).",
             "{account} が「{subject}」を {to} 宛てに差し出しました（{size} オクテット、接続元 {client}）。"},
    Sentence{"submitted", "", "{account} handed in a message for {to} ({size} octets, from {client}).",
             "{account} が {to} 宛てのメールを差し出しました（{size} オクテット、接続元 {client}）。"},
    Sentence{
        "received", "subject",
        "The server {helo} at {client} brought a message “{subject}” from {from} for {to} ({size} octets).",
        "サーバー {helo}（{client}）から、{from} が {to} に宛てた「{subject}」を受け取りました（{size} オクテット）。"},
    Sentence{"received", "", "The server {helo} at {client} brought a message from {from} for {to} ({size} octets).",
             "サーバー {helo}（{client}）から、{from} が {to} に宛てたメールを受け取りました（{size} オクテット）。"},
    Sentence{"checked", "", "It was checked who really sent it.", "本当の差出人を確かめました。"},
    Sentence{"rejected", "to", "A message from {from} for {to} was turned away at the door: {reply}",
             "{from} から {to} へのメールを入口で断りました：{reply}"},
    Sentence{"rejected", "", "The message was turned away: {reply}", "メールを断りました：{reply}"},
    Sentence{"queued", "until",
             "It is held until {until}, as the sender wishes (number {id}, recipients: {recipients}).",
             "差出人の指定により {until} まで送信を保留しています（番号 {id}、宛先 {recipients} 件）。"},
    Sentence{"canceled", "", "{by} took it back before it was sent.", "{by} が送信前に取り消しました。"},
    Sentence{"queued", "", "It waits in the queue (number {id}, recipients: {recipients}).",
             "送信待ちに入りました（番号 {id}、宛先 {recipients} 件）。"},
    Sentence{"retried", "", "It is tried again at once, because {by} asked for it.",
             "{by} の指示により、すぐにもう一度試します。"},
    Sentence{"removed", "", "It was removed from the queue by {by}: it goes no further, and the sender is not told.",
             "{by} が送信待ちから取り除きました。これ以上は送らず、差出人にも知らせません。"},
    Sentence{"stopped", "reason", "{by} holds it back from {to} until it is released. The reason: {reason}",
             "{by} が {to} 宛ての送信を止めています。解除されるまで送りません。理由：{reason}"},
    Sentence{"stopped", "", "{by} holds it back from {to} until it is released.",
             "{by} が {to} 宛ての送信を止めています。解除されるまで送りません。"},
    Sentence{"destination-stopped", "reason",
             "It waits for {to}: {by} holds back everything for {domain} until that is released. The reason: {reason}",
             "{to} 宛てで待っています。{by} が {domain} 宛てのすべての送信を止めています。理由：{reason}"},
    Sentence{"destination-stopped", "",
             "It waits for {to}: {by} holds back everything for {domain} until that is released.",
             "{to} 宛てで待っています。{by} が {domain} 宛てのすべての送信を止めています。"},
    Sentence{"released", "", "{by} lets it go: it is tried at once for {to}.",
             "{by} が送信の停止を解除しました。{to} 宛てにすぐ送ります。"},
    Sentence{"stored", "", "It was put into the mailbox {mailbox} of {account}.",
             "{account} のメールボックス {mailbox} に入れました。"},
    Sentence{"retrieved", "", "A mail program of {account} fetched it by {service} (from {client}).",
             "{account} のメールソフトが {service} で受け取りました（接続元 {client}）。"},
    Sentence{"routed", "", "The DNS names the mail servers of {domain}: {server}.",
             "DNS によると、{domain} のメールサーバーは {server} です。"},
    Sentence{"unroutable", "reason", "No mail server was found for {domain}: {reason}",
             "{domain} のメールサーバーが見つかりませんでした：{reason}"},
    Sentence{"unroutable", "", "No mail server can be found for {domain}.",
             "{domain} のメールサーバーが見つかりません。"},
    Sentence{"unreachable", "policy",
             "The server {server} was passed over, for it does not do what {policy} asks: {reason}",
             "{policy} の求めを満たさないため、サーバー {server} には送りませんでした：{reason}"},
    Sentence{"unreachable", "", "The server {server} could not be reached: {reason}",
             "サーバー {server} につながりませんでした：{reason}"},
    Sentence{
        "dialogue", "testing",
        "Spoke with {server} ({address}). Its domain is testing a policy (MTA-STS) that would forbid this: {testing}",
        "{server}（{address}）と話しました。宛先ドメインが試験中のポリシー（MTA-STS）では許されない通信です：{"
        "testing}"},
    Sentence{"dialogue", "policy", "Spoke with {server} ({address}) under {tls}, as {policy} asks.",
             "{policy} の求めどおり、{server}（{address}）と {tls} で話しました。"},
    Sentence{"dialogue", "tls", "Spoke with {server} ({address}) under {tls}.",
             "{server}（{address}）と {tls} で話しました。"},
    Sentence{"dialogue", "", "Spoke with {server} ({address}) without encryption.",
             "{server}（{address}）と暗号なしで話しました。"},
    Sentence{"relayed", "", "The server {server} took the message for {to}: {reply}",
             "サーバー {server} が {to} 宛てのメールを受け取りました：{reply}"},
    Sentence{"refused", "by", "{by} gave up the message for {to}: {reply}",
             "{by} が {to} 宛てのメールの送信を打ち切りました：{reply}"},
    Sentence{"refused", "server", "The server {server} refuses the message for {to}; it is given up: {reply}",
             "サーバー {server} が {to} 宛てのメールを断ったため、あきらめました：{reply}"},
    Sentence{"refused", "", "The message for {to} cannot be delivered and is given up: {reply}",
             "{to} 宛てのメールは届けられないため、あきらめました：{reply}"},
    Sentence{"deferred", "server",
             "The server {server} does not take the message for {to} yet; it will be tried again: {reply}",
             "サーバー {server} は {to} 宛てのメールをまだ受け取りません。あとでもう一度試します：{reply}"},
    Sentence{"deferred", "", "The message for {to} could not be delivered yet; it will be tried again: {reply}",
             "{to} 宛てのメールはまだ届けられません。あとでもう一度試します：{reply}"},
    Sentence{"bounced", "", "The sender, {to}, is told that it could not be delivered.",
             "届けられなかったことを差出人 {to} に知らせます。"},
    Sentence{"reported", "", "This is the report to {to} about a message that could not be delivered.",
             "これは、届けられなかったメールについての {to} への知らせです。"},
    Sentence{"report-sent", "", "This is the report to {to} about {about}.",
             "これは、{about} に関する {to} への報告です。"},
    Sentence{"report-kept", "", "The server read the report about {about} that is in it.",
             "中にある {about} についての報告をサーバーが読み取りました。"},
    Sentence{"report-known", "", "The report about {about} that is in it had come before; it counts once.",
             "中にある {about} についての報告はすでに届いています。数えるのは一度だけです。"},
    Sentence{"report-dropped", "", "The server found no report in it that it could keep: {reason}",
             "サーバーが残せる報告は中にありませんでした：{reason}"},
    Sentence{"discarded", "", "It ended here without a report: {reason}", "知らせを出さずに終わりました：{reason}"},
};

} // namespace

std::string describe(const TraceEvent& event, Language language) {
    for (const Sentence& sentence : kSentences)
        if (sentence.kind == event.kind && (sentence.needs.empty() || !values_of(event.fields, sentence.needs).empty()))
            return fill(language == Language::japanese ? sentence.japanese : sentence.english, event.fields);
    return in_other_words(event.kind, event.fields);
}

std::vector<std::string> details(const TraceEvent& event, Language language) {
    std::vector<std::string> sentences;
    if (event.kind != "checked") return sentences;
    for (const VerdictGroup& group : verdict_groups(event.fields))
        sentences.push_back(describe(group, language));
    return sentences;
}

std::vector<std::string> wire_lines(const TraceEvent& event) {
    std::vector<std::string> lines;
    for (const auto& [name, value] : event.fields)
        if (name == "line" || name == "answer") lines.push_back(value);
    return lines;
}

} // namespace tegami::app
