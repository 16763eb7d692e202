#include "delivery/bounce.h"

#include "base/ascii.h"
#include "base/visible.h"
#include "message/build.h"
#include "protocol/smtp/reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tegami::delivery {

namespace {

/// What enhanced status codes mean to a person (RFC 3463 §3); the first entry whose code the status begins with.
struct Meaning {
    std::string_view code;
    Words words;
};

constexpr Meaning kMeanings[] = {
    {".1.1",
     {"There is no such address there. Please check how it is spelled.",
      "宛先のサーバーに、このアドレスはありません。綴りをご確認ください。"}},
    {".1.2",
     {"The part after the @ is not a place that receives mail. Please check how it is spelled.",
      "アドレスの @ より後ろは、メールを受け取れるドメインではありません。綴りをご確認ください。"}},
    {".1.10", {"That domain does not receive mail at all.", "このドメインはメールを一切受け取りません。"}},
    {".1.",
     {"The address was not accepted. Please check how it is spelled.",
      "アドレスが受け付けられませんでした。綴りをご確認ください。"}},
    {".2.1", {"The mailbox is switched off.", "相手のメールボックスは停止されています。"}},
    {".2.2",
     {"The mailbox is full. You may try again later, or tell the recipient in another way.",
      "相手のメールボックスがいっぱいです。時間をおいて送り直すか、別の方法で相手にお知らせください。"}},
    {".2.", {"The mailbox cannot take the message.", "相手のメールボックスがメールを受け取れませんでした。"}},
    {".3.4", {"The message is too large for that server.", "メールが大きすぎて、相手のサーバーが受け取れません。"}},
    {".4.1", {"Their server did not answer.", "相手のサーバーが応答しませんでした。"}},
    {".4.2", {"The connection to their server broke.", "相手のサーバーとの接続が途中で切れました。"}},
    {".4.3",
     {"The name servers did not say where that domain receives mail.",
      "このドメインのメールサーバーを DNS で調べられませんでした。"}},
    {".4.4",
     {"That domain has no server that could be reached. Please check how it is spelled.",
      "このドメインには、接続できるメールサーバーがありません。綴りをご確認ください。"}},
    {".4.6",
     {"The message went round in a circle between servers.",
      "メールがサーバーの間を回り続けていたため、送るのをやめました。"}},
    {".4.", {"Their server could not be reached.", "相手のサーバーに接続できませんでした。"}},
    {".6.3",
     {"The message has characters that their server does not take, and it could not be rewritten.",
      "メールに相手のサーバーが扱えない文字があり、書き換えることもできませんでした。"}},
    {".6.7",
     {"The address has characters that their server does not understand.",
      "アドレスに相手のサーバーが扱えない文字があります。"}},
    {".7.10",
     {"The connection to their server could not be protected as it has to be.",
      "相手のサーバーとの接続を、必要とされる形で暗号化できませんでした。"}},
    {".7.",
     {"Their server refused the message by its own rules.",
      "相手のサーバーが、独自の方針によりメールを拒否しました。"}},
    {".", {"Their server did not take the message.", "相手のサーバーがメールを受け取りませんでした。"}},
};

/// Everything else that a report says.
struct Phrases {
    /// Of what no server said: the fault is here (RFC 3463 §3.4, other or undefined mail system status).
    Words our_fault{"This server could not pass the message on.",
                    "こちらのサーバーの問題で、メールを送れませんでした。"};
    /// Of what was given up here (RFC 3463 §3.8): no server has refused it.
    Words given_up_here{"The administrators of this server did not send it on.",
                        "このサーバーの管理者が送信を打ち切りました。"};
    Words tried_once{" We tried once.", "1 回試しました。"};
    Words tried{" We tried {} times.", "{} 回試しました。"};
    Words they_said{"{} said: {}", "{} の応答：{}"};
    Words reason{"The reason: {}", "理由：{}"};
    Words subject{"Could not be delivered: {}", "配信できませんでした：{}"};
    Words no_subject{"Your message could not be delivered", "お送りのメールを配信できませんでした"};
    Words one{"Your message could not be delivered to this address:",
              "お送りのメールを、次の宛先に配信できませんでした。"};
    Words several{"Your message could not be delivered to these addresses:",
                  "お送りのメールを、次の宛先に配信できませんでした。"};
    Words named_one{"Your message \"{}\" could not be delivered to this address:",
                    "お送りのメール「{}」を、次の宛先に配信できませんでした。"};
    Words named_several{"Your message \"{}\" could not be delivered to these addresses:",
                        "お送りのメール「{}」を、次の宛先に配信できませんでした。"};
    Words end{
        "Nothing more will be tried. The beginning of your message is attached, so that you can see which one it was.",
        "これ以上は再送しません。どのメールか分かるように、元のメールの冒頭を添付しています。"};
};

constexpr Phrases kPhrases;

static_assert(std::ranges::all_of(kMeanings, same_places, &Meaning::words));
static_assert(std::ranges::all_of(std::array{kPhrases.our_fault, kPhrases.given_up_here, kPhrases.tried_once,
                                             kPhrases.tried, kPhrases.they_said, kPhrases.reason, kPhrases.subject,
                                             kPhrases.no_subject, kPhrases.one, kPhrases.several, kPhrases.named_one,
                                             kPhrases.named_several, kPhrases.end},
                                  same_places));

/// The text in a language, its places filled.
template <class... T>
std::string say(const Words& words, Language language, const T&... values) {
    return fmt::format(fmt::runtime(words.in(language)), values...);
}

/// Whether UTF-8 has kana, or the characters that Japanese shares with Chinese.
bool has_japanese_characters(std::string_view text) {
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const auto next = static_cast<unsigned char>(text[at + 1]);
        if (lead >= 0xe4 && lead <= 0xe9) return true;                   // U+4000 to U+9FFF
        if (lead == 0xe3 && next >= 0x81 && next <= 0x83) return true;   // U+3040 to U+30FF
        if (lead == 0xef && (next == 0xbd || next == 0xbe)) return true; // U+FF40 to U+FFBF
    }
    return false;
}

/// Whether the header says of the letter's text that it is Japanese: by its language or by a charset of that language.
bool has_japanese_labels(std::string_view header) {
    const std::string lower = ascii::lower(header);
    if (const auto field = lower.find("\r\ncontent-language:"); field != std::string::npos) {
        const std::string_view value = std::string_view(lower).substr(field + 19, 30);
        if (ascii::trim(value.substr(0, value.find('\r'))).starts_with("ja")) return true;
    }
    constexpr std::string_view kCharsets[] = {"iso-2022-jp", "shift_jis", "euc-jp", "windows-31j", "cp932"};
    return std::ranges::any_of(kCharsets, [&](std::string_view charset) {
        return lower.contains(fmt::format("=?{}", charset)) || lower.contains(fmt::format("charset={}", charset)) ||
               lower.contains(fmt::format("charset=\"{}", charset));
    });
}

/// The languages of a report in their order. Who writes Japanese, or writes from Japan, gets it in front; English is
/// always there, for whoever is asked for help.
std::vector<Language> languages_for(const Bounce& bounce) {
    const bool japanese = has_japanese_characters(bounce.subject) || has_japanese_labels(bounce.header) ||
                          has_japanese_characters(bounce.to.local_part) || bounce.to.domain.ascii().ends_with(".jp");
    if (japanese) return {Language::japanese, Language::english};
    return {Language::english};
}

struct Recorded {
    std::string status; ///< permanent, such as "5.1.1"; "5.0.0" if the words have none
    bool gave_up;       ///< they say that trying again might have helped
};

/// What is to be read in a recorded reply such as "550 5.1.1 no such user".
Recorded read(const store::QueueRecipient& recipient) {
    std::string_view words = recipient.last_reply;
    const bool gave_up = words.starts_with('4');
    if (words.size() > 4 && words[3] == ' ' && words[0] >= '2' && words[0] <= '5') words.remove_prefix(4);
    const auto status = smtp::parse_enhanced_status(words);
    // We have given up: what was temporary for each attempt is permanent for the message (RFC 3464 §2.3.4).
    return {.status = status ? fmt::format("5.{}.{}", status->subject, status->detail) : "5.0.0", .gave_up = gave_up};
}

} // namespace

std::string explain(const store::QueueRecipient& recipient, Language language) {
    const Recorded recorded = read(recipient);
    const std::string tail = recorded.status.substr(1);
    const auto* const meaning = std::ranges::find_if(kMeanings, [&](const Meaning& each) {
        return each.code.ends_with('.') ? tail.starts_with(each.code) : tail == each.code;
    });
    const bool ours = recipient.last_server.empty() && (tail == ".3.0" || tail == ".3.1");
    const bool given_up_here = recipient.last_server.empty() && tail == ".7.1";
    std::string text(ours            ? kPhrases.our_fault.in(language)
                     : given_up_here ? kPhrases.given_up_here.in(language)
                                     : meaning->words.in(language));
    if (recorded.gave_up)
        text += recipient.attempts > 1 ? say(kPhrases.tried, language, recipient.attempts)
                                       : say(kPhrases.tried_once, language);
    const std::string words = visible(recipient.last_reply);
    if (!recipient.last_server.empty())
        text += "\r\n  " + say(kPhrases.they_said, language, visible(recipient.last_server), words);
    else if (!recipient.last_reply.empty())
        text += "\r\n  " + say(kPhrases.reason, language, words);
    return text;
}

namespace {

/// What a person reads, in one language.
std::string explanation(const Bounce& bounce, Language language) {
    const bool one = bounce.failed.size() == 1;
    std::string text = bounce.subject.empty()
                           ? say(one ? kPhrases.one : kPhrases.several, language)
                           : say(one ? kPhrases.named_one : kPhrases.named_several, language, visible(bounce.subject));
    text += "\r\n";
    for (const store::QueueRecipient& recipient : bounce.failed)
        text += fmt::format("\r\n{}\r\n  {}\r\n", recipient.address.to_string(), explain(recipient, language));
    return text + "\r\n" + say(kPhrases.end, language) + "\r\n";
}

} // namespace

std::string build_bounce(const Bounce& bounce) {
    const std::vector<Language> languages = languages_for(bounce);
    message::DeliveryReport report{
        .from_name = "Mail delivery",
        .from = bounce.from,
        .to = bounce.to,
        .subject = bounce.subject.empty() ? say(kPhrases.no_subject, languages.front())
                                          : say(kPhrases.subject, languages.front(), visible(bounce.subject)),
        .date = {.utc = std::chrono::floor<std::chrono::seconds>(bounce.now)},
        .message_id = fmt::format("{}@{}", bounce.token, bounce.host_name),
        .explanation = {},
        .reporting_mta = bounce.host_name,
        .original_envelope_id = {},
        .arrival_date = message::DateTime{.utc = std::chrono::floor<std::chrono::seconds>(bounce.arrived)},
        .original_message_id = {},
        .recipients = {},
        .returned = bounce.header,
        .return_kind = message::DeliveryReport::Return::headers,
        .boundary = "=_" + bounce.token,
        .smtputf8 = !bounce.to.is_ascii(), // the way back then needs it anyway (RFC 6533 §3)
    };
    if (!bounce.message_id.empty()) report.original_message_id = bounce.message_id;

    for (const Language language : languages) {
        if (!report.explanation.empty()) report.explanation += "\r\n----\r\n\r\n";
        report.explanation += explanation(bounce, language);
    }
    for (const store::QueueRecipient& recipient : bounce.failed) {
        const std::string address = recipient.address.to_string();
        message::RecipientStatus status;
        status.final_recipient = address;
        if (!recipient.original.empty()) status.original_recipient = recipient.original;
        status.status = read(recipient).status;
        if (!recipient.last_server.empty()) {
            status.remote_mta = visible(recipient.last_server);
            status.diagnostic = visible(recipient.last_reply);
        }
        status.last_attempt =
            message::DateTime{.utc = std::chrono::floor<std::chrono::seconds>(recipient.last_attempt)};
        report.recipients.push_back(std::move(status));
    }
    return message::build_delivery_report(report);
}

} // namespace tegami::delivery
