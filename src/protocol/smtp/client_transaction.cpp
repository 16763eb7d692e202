// MAIL, RCPT, DATA and the message: one transaction of the client, pipelined where the server allows it.
#include "protocol/smtp/client_session.h"

#include "base/ascii.h"
#include "base/assert.h"

#include <algorithm>

namespace tegami::smtp {

namespace {

/// Limit: unanswered RCPT commands. Their replies fit into any socket buffer, so the two ends cannot block each other
/// (RFC 2920 §3.1).
constexpr std::size_t kPipelinedRecipientsMax = 100;

constexpr EnhancedStatus kNeedsSmtpUtf8{5, 6, 7};
constexpr EnhancedStatus kTooBig{5, 3, 4};
constexpr EnhancedStatus kBadAddress{5, 1, 3};
constexpr EnhancedStatus kOurFault{4, 3, 0};
constexpr EnhancedStatus kOurLoss{5, 3, 0};
constexpr EnhancedStatus kConnectionClosed{4, 4, 2};

bool can_be_written(const message::EmailAddress& address) {
    return std::ranges::none_of(address.local_part, ascii::is_control);
}

} // namespace

ClientActions ClientSession::send(Outgoing message) {
    ASSERT((state_ == State::ready || closed()) && !message.recipients.empty());
    message_ = std::move(message);
    results_.assign(message_.recipients.size(), std::nullopt);
    if (closed()) {
        decide_all(own_result(Outcome::temporary, kConnectionClosed, "has closed the connection"));
        finish();
        return flush();
    }
    asked_.clear();
    sent_ = answered_ = 0;
    mail_accepted_ = data_sent_ = false;
    finished_ = false;
    encoder_ = DotStuffingEncoder{};
    state_ = State::mail;
    decide_without_asking();
    for (std::size_t index = 0; index < results_.size(); ++index)
        if (!results_[index]) asked_.push_back(index);
    if (asked_.empty()) {
        finish();
        become_ready();
    } else {
        write(mail_command());
        if (capabilities_.pipelining) send_commands();
    }
    return flush();
}

/// Deviation: RFC 6531 §3.2 counts UTF-8 in the header too. Servers have passed raw octets there for decades, and a
/// message that bounces because of one helps nobody: it goes on as it came, like any text of eight bits.
bool ClientSession::needs_smtputf8(const message::EmailAddress& recipient) const {
    return !recipient.is_ascii() || (message_.reverse_path && !message_.reverse_path->is_ascii());
}

/// What the server's offers already rule out.
void ClientSession::decide_without_asking() {
    if (capabilities_.size && capabilities_.size_max != 0 && message_.size > capabilities_.size_max)
        return decide_all(
            own_result(Outcome::permanent, kTooBig,
                       "takes no messages bigger than " + std::to_string(capabilities_.size_max) + " bytes"));
    if (message_.reverse_path && !can_be_written(*message_.reverse_path))
        return decide_all(own_fault(Outcome::permanent, kBadAddress, "cannot be given this sender address"));
    const DeliveryResult not_ascii =
        own_result(Outcome::permanent, kNeedsSmtpUtf8, "cannot take addresses beyond ASCII (SMTPUTF8)");
    for (std::size_t index = 0; index < results_.size(); ++index) {
        const message::EmailAddress& address = message_.recipients[index];
        if (!can_be_written(address))
            results_[index] = own_fault(Outcome::permanent, kBadAddress, "cannot be given this address");
        else if (needs_smtputf8(address) && !capabilities_.smtputf8)
            results_[index] = not_ascii;
    }
}

std::string ClientSession::mail_command() const {
    std::string line = "MAIL FROM:<" + (message_.reverse_path ? message_.reverse_path->to_string() : "") + '>';
    const bool smtputf8 =
        std::ranges::any_of(asked_, [this](std::size_t index) { return needs_smtputf8(message_.recipients[index]); });
    if (capabilities_.size && message_.size != 0) line += " SIZE=" + std::to_string(message_.size);
    if (capabilities_.eight_bit_mime && message_.eight_bit) line += " BODY=8BITMIME";
    if (smtputf8) line += " SMTPUTF8";
    return line;
}

/// Sends what may be sent now: with PIPELINING a window of RCPT and then DATA, else one RCPT.
void ClientSession::send_commands() {
    const std::size_t window = capabilities_.pipelining ? kPipelinedRecipientsMax : 1;
    while (sent_ < asked_.size() && sent_ - answered_ < window)
        write("RCPT TO:<" + message_.recipients[asked_[sent_++]].to_string() + '>');
    if (capabilities_.pipelining && sent_ == asked_.size() && !data_sent_) {
        data_sent_ = true;
        write("DATA");
    }
}

void ClientSession::handle_mail(const Reply& reply) {
    if (reply.intermediate()) return out_of_step(reply);
    if (!reply.positive()) {
        decide_all(result_of(reply));
        // Without PIPELINING nothing else is on its way.
        if (sent_ == 0) return reset();
    }
    state_ = State::rcpt;
    mail_accepted_ = reply.positive();
    // After a refused MAIL the rest of the group is answered too; do not lengthen it.
    if (mail_accepted_)
        send_commands();
    else
        asked_.resize(sent_);
}

void ClientSession::handle_rcpt(const Reply& reply) {
    if (reply.intermediate()) return out_of_step(reply);
    std::optional<DeliveryResult>& result = results_[asked_[answered_]];
    ++answered_;
    if (!reply.positive() && !result) {
        result = result_of(reply);
        // Interop: RFC 5321 §4.5.3.1.10: old servers say 552 where they mean "too many at once".
        if (reply.code == 552) {
            result->outcome = Outcome::temporary;
            result->status = EnhancedStatus{4, 5, 3};
        }
    }
    if (mail_accepted_) send_commands();
    if (answered_ == asked_.size()) recipients_answered();
}

void ClientSession::recipients_answered() {
    const bool anyone = std::ranges::any_of(results_, [](const auto& result) { return !result; });
    if (!data_sent_) {
        if (!anyone) return reset();
        data_sent_ = true;
        write("DATA");
    }
    state_ = State::data;
}

void ClientSession::handle_data(const Reply& reply) {
    const bool anyone = std::ranges::any_of(results_, [](const auto& result) { return !result; });
    if (reply.code == 354) {
        if (anyone) {
            state_ = State::body;
            act(WantBody{});
        } else {
            // RFC 2920 §3.1: the server goes on although it took nobody; end the message, which goes nowhere.
            state_ = State::body_end;
            write(".");
        }
        return;
    }
    if (reply.positive() || reply.intermediate()) return out_of_step(reply);
    if (anyone) decide_all(result_of(reply));
    reset();
}

ClientActions ClientSession::body(std::string_view bytes) {
    if (state_ != State::body) return {};
    std::string encoded;
    encoder_.append(bytes, encoded);
    if (!encoded.empty()) act(ClientSend{std::move(encoded)});
    return flush();
}

ClientActions ClientSession::body_end() {
    if (state_ != State::body) return {};
    std::string encoded;
    encoder_.finish(encoded);
    act(ClientSend{std::move(encoded)});
    state_ = State::body_end;
    return flush();
}

ClientActions ClientSession::body_failed(std::string_view why, bool lost) {
    if (state_ != State::body) return {};
    broke(own_fault(lost ? Outcome::permanent : Outcome::temporary, lost ? kOurLoss : kOurFault,
                    std::string("could not be sent the whole message: ") + std::string(why)));
    return flush();
}

void ClientSession::handle_body_end(const Reply& reply) {
    if (reply.intermediate()) return out_of_step(reply);
    decide_all(result_of(reply));
    finish();
    become_ready();
}

/// Gives `result` to every recipient that has none.
void ClientSession::decide_all(const DeliveryResult& result) {
    for (std::optional<DeliveryResult>& mine : results_)
        if (!mine) mine = result;
}

/// Hands over the results of a transaction that did not reach its end, and makes the connection usable again.
void ClientSession::reset() {
    finish();
    state_ = State::reset;
    write("RSET");
}

void ClientSession::finish() {
    Finished finished;
    for (std::optional<DeliveryResult>& result : results_)
        finished.results.push_back(*std::move(result));
    results_.clear();
    finished_ = true;
    act(std::move(finished));
}

} // namespace tegami::smtp
