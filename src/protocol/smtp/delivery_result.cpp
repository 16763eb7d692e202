#include "protocol/smtp/delivery_result.h"

namespace tegami::smtp {

namespace {

/// Whether a refusal speaks of the server itself; DeliveryResult::of_server.
bool speaks_of_server(Stage stage, const Reply& reply) {
    // RFC 5321 §3.8 and RFC 7504 §3: these two mean the host at any stage.
    if (reply.code == 421 || reply.code == 521) return true;
    if (stage == Stage::rcpt || stage == Stage::data || stage == Stage::body) return false;
    if (stage != Stage::mail) return true;
    // Not understood, or TLS or a login asked for (RFC 3207 §4, RFC 4954 §6): of no message in particular.
    if ((reply.code >= 500 && reply.code <= 504) || (reply.code >= 530 && reply.code <= 538)) return true;
    if (reply.status && reply.status->subject != 0) {
        // RFC 3463 §3: mail system, network and protocol; a message too big for it (x.3.4) is the message's affair, as
        // are addresses, mailboxes, contents and policy.
        return reply.status->subject >= 3 && reply.status->subject <= 5 &&
               !(reply.status->subject == 3 && reply.status->detail == 4);
    }
    // RFC 5321 §4.3.2: what is said to MAIL of its sender, its size and its parameters.
    return reply.temporary() || reply.code < 550 || reply.code == 554;
}

/// The first number of its status (RFC 3463 §2).
std::uint16_t status_kind(Outcome outcome) {
    switch (outcome) {
    case Outcome::delivered: return 2;
    case Outcome::temporary: return 4;
    case Outcome::permanent: break;
    }
    return 5;
}

std::string in_words(Outcome outcome, Stage stage) {
    if (outcome == Outcome::delivered) return "accepted the message";
    return std::string(outcome == Outcome::permanent ? "refused at " : "refused for now at ").append(to_string(stage));
}

} // namespace

std::string_view to_string(Stage stage) {
    switch (stage) {
    case Stage::connect: return "connecting";
    case Stage::greeting: return "the greeting";
    case Stage::hello: return "EHLO";
    case Stage::tls: return "STARTTLS";
    case Stage::auth: return "AUTH";
    case Stage::mail: return "MAIL FROM";
    case Stage::rcpt: return "RCPT TO";
    case Stage::data: return "DATA";
    case Stage::body: return "the end of the message";
    case Stage::quit: return "QUIT";
    }
    return "";
}

DeliveryResult said(Stage stage, const Reply& reply) {
    const Outcome outcome = reply.positive()    ? Outcome::delivered
                            : reply.permanent() ? Outcome::permanent
                                                : Outcome::temporary;
    const std::uint16_t kind = status_kind(outcome);
    const bool status_fits = reply.status && reply.status->kind == kind;
    return {.outcome = outcome,
            .stage = stage,
            .reply = reply,
            .text = in_words(outcome, stage),
            .status = status_fits ? *reply.status : EnhancedStatus{kind, 0, 0},
            .of_server = outcome != Outcome::delivered && speaks_of_server(stage, reply)};
}

DeliveryResult own_word(Stage stage, EnhancedStatus status, std::string_view text) {
    return {.outcome = status.kind == 5 ? Outcome::permanent : Outcome::temporary,
            .stage = stage,
            .reply = std::nullopt,
            .text = std::string(text),
            .status = status,
            .of_server = true};
}

} // namespace tegami::smtp
