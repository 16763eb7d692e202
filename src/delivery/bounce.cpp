#include "delivery/bounce.h"

#include "base/assert.h"
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
constexpr std::array<std::pair<std::string_view, std::string_view>, 19> kMeanings{{
    {".1.1", "There is no such address there. Please check how it is spelled."},
    {".1.2", "The part after the @ is not a place that receives mail. Please check how it is spelled."},
    {".1.10", "That domain does not receive mail at all."},
    {".1.", "The address was not accepted. Please check how it is spelled."},
    {".2.1", "The mailbox is switched off."},
    {".2.2", "The mailbox is full. You may try again later, or tell the recipient in another way."},
    {".2.", "The mailbox cannot take the message."},
    {".3.4", "The message is too large for that server."},
    {".4.1", "Their server did not answer."},
    {".4.2", "The connection to their server broke."},
    {".4.3", "The name servers did not say where that domain receives mail."},
    {".4.4", "That domain has no server that could be reached. Please check how it is spelled."},
    {".4.6", "The message went round in a circle between servers."},
    {".4.", "Their server could not be reached."},
    {".6.3", "The message has characters that their server does not take, and it could not be rewritten."},
    {".6.7", "The address has characters that their server does not understand."},
    {".7.10", "The connection to their server could not be protected as it has to be."},
    {".7.", "Their server refused the message by its own rules."},
    {".", "Their server did not take the message."},
}};

/// Of what no server said: the fault is here (RFC 3463 §3.4, other or undefined mail system status).
constexpr std::string_view kOurFault = "This server could not pass the message on.";

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

std::string explain(const store::QueueRecipient& recipient) {
    const Recorded recorded = read(recipient);
    const std::string tail = recorded.status.substr(1);
    const auto meaning = std::ranges::find_if(kMeanings, [&](const auto& entry) {
        return entry.first.ends_with('.') ? tail.starts_with(entry.first) : tail == entry.first;
    });
    const bool ours = recipient.last_server.empty() && (tail == ".3.0" || tail == ".3.1");
    std::string text(ours ? kOurFault : meaning->second);
    if (recorded.gave_up)
        text += recipient.attempts > 1 ? fmt::format(" We tried {} times.", recipient.attempts) : " We tried once.";
    if (!recipient.last_server.empty())
        text += fmt::format("\r\n  {} said: {}", visible(recipient.last_server), visible(recipient.last_reply));
    else if (!recipient.last_reply.empty())
        text += fmt::format("\r\n  The reason: {}", visible(recipient.last_reply));
    return text;
}

std::string build_bounce(const Bounce& bounce) {
    message::DeliveryReport report{
        .from_name = "Mail delivery",
        .from = bounce.from,
        .to = bounce.to,
        .subject = bounce.subject.empty() ? "Your message could not be delivered"
                                          : fmt::format("Could not be delivered: {}", visible(bounce.subject)),
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

    report.explanation = bounce.subject.empty()
                             ? "Your message could not be delivered"
                             : fmt::format("Your message \"{}\" could not be delivered", visible(bounce.subject));
    report.explanation += bounce.failed.size() == 1 ? " to this address:\r\n" : " to these addresses:\r\n";
    for (const store::QueueRecipient& recipient : bounce.failed) {
        const std::string address = recipient.address.to_string();
        report.explanation += fmt::format("\r\n{}\r\n  {}\r\n", address, explain(recipient));
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
    report.explanation +=
        "\r\nNothing more will be tried. The beginning of your message is attached, so that you can see "
        "which one it was.\r\n";
    return message::build_delivery_report(report);
}

} // namespace tegami::delivery
