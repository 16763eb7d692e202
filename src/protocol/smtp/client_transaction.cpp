// MAIL, RCPT, DATA and the message: one transaction of the client, pipelined where the server allows it.
#include "base/ascii.h"
#include "protocol/smtp/client_dialogue.h"

#include <algorithm>
#include <string>

namespace tegami::smtp {

namespace {

/// Limit: unanswered RCPT commands. Their replies fit into any socket buffer, so the two ends cannot block each other
/// (RFC 2920 §3.1).
constexpr std::size_t kPipelinedRecipientsMax = 100;

constexpr EnhancedStatus kNeedsSmtpUtf8{5, 6, 7};
constexpr EnhancedStatus kTooBig{5, 3, 4};
constexpr EnhancedStatus kBadAddress{5, 1, 3};
constexpr EnhancedStatus kConnectionClosed{4, 4, 2};

bool can_be_written(const message::EmailAddress& address) {
    return std::ranges::none_of(address.local_part, ascii::is_control);
}

/// Deviation: RFC 6531 §3.2 counts UTF-8 in the header too. Servers have passed raw octets there for decades, and a
/// message that bounces because of one helps nobody: it goes on as it came, like any text of eight bits.
bool needs_smtputf8(const Outgoing& message, const message::EmailAddress& recipient) {
    return !recipient.is_ascii() || (message.reverse_path && !message.reverse_path->is_ascii());
}

/// Something that no other server would change.
DeliveryResult own_fault(std::string_view text) {
    DeliveryResult result = own_word(Stage::mail, kBadAddress, text);
    result.of_server = false;
    return result;
}

/// What the server's offers already rule out.
void decide_without_asking(ClientTransaction& transaction, const Capabilities& offers) {
    const Outgoing& message = transaction.message;
    if (offers.size && offers.size_max != 0 && message.size > offers.size_max)
        return transaction.decide_all(own_word(
            Stage::mail, kTooBig, "takes no messages bigger than " + std::to_string(offers.size_max) + " bytes"));
    if (message.reverse_path && !can_be_written(*message.reverse_path))
        return transaction.decide_all(own_fault("cannot be given this sender address"));
    for (std::size_t index = 0; index < transaction.results.size(); ++index) {
        const message::EmailAddress& address = message.recipients[index];
        if (!can_be_written(address))
            transaction.results[index] = own_fault("cannot be given this address");
        else if (needs_smtputf8(message, address) && !offers.smtputf8)
            transaction.results[index] =
                own_word(Stage::mail, kNeedsSmtpUtf8, "cannot take addresses beyond ASCII (SMTPUTF8)");
    }
}

std::string mail_command(const ClientTransaction& transaction, const Capabilities& offers) {
    const Outgoing& message = transaction.message;
    std::string line = "MAIL FROM:<" + (message.reverse_path ? message.reverse_path->to_string() : "") + '>';
    const bool smtputf8 = std::ranges::any_of(
        transaction.asked, [&](std::size_t index) { return needs_smtputf8(message, message.recipients[index]); });
    if (offers.size && message.size != 0) line += " SIZE=" + std::to_string(message.size);
    if (offers.eight_bit_mime && message.eight_bit) line += " BODY=8BITMIME";
    if (smtputf8) line += " SMTPUTF8";
    return line;
}

/// Sends what may be sent now: with PIPELINING a window of RCPT and then DATA, else one RCPT.
void send_commands(ClientDialogue& dialogue) {
    ClientTransaction& mine = *dialogue.transaction;
    const bool pipelining = dialogue.capabilities.pipelining;
    const std::size_t window = pipelining ? kPipelinedRecipientsMax : 1;
    while (mine.sent < mine.asked.size() && mine.sent - mine.answered < window)
        dialogue.write("RCPT TO:<" + mine.message.recipients[mine.asked[mine.sent++]].to_string() + '>');
    if (pipelining && mine.sent == mine.asked.size() && !mine.data_sent) {
        mine.data_sent = true;
        dialogue.write("DATA");
    }
}

/// Hands over the results of a transaction that did not reach its end, and makes the connection usable again.
void reset(ClientDialogue& dialogue) {
    dialogue.finish();
    dialogue.state = ClientState::reset;
    dialogue.write("RSET");
}

void handle_mail(ClientDialogue& dialogue, const Reply& reply) {
    ClientTransaction& mine = *dialogue.transaction;
    mine.mail_accepted = reply.positive();
    if (!mine.mail_accepted) {
        mine.decide_all(said(dialogue.stage(), reply));
        // Without PIPELINING nothing else is on its way.
        if (mine.sent == 0) return reset(dialogue);
    }
    dialogue.state = ClientState::rcpt;
    // After a refused MAIL the rest of the group is answered too; do not lengthen it.
    if (mine.mail_accepted)
        send_commands(dialogue);
    else
        mine.asked.resize(mine.sent);
}

void recipients_answered(ClientDialogue& dialogue) {
    ClientTransaction& mine = *dialogue.transaction;
    if (!mine.data_sent) {
        if (mine.all_decided()) return reset(dialogue);
        mine.data_sent = true;
        dialogue.write("DATA");
    }
    dialogue.state = ClientState::data;
}

void handle_rcpt(ClientDialogue& dialogue, const Reply& reply) {
    ClientTransaction& mine = *dialogue.transaction;
    std::optional<DeliveryResult>& result = mine.results[mine.asked[mine.answered]];
    ++mine.answered;
    if (!reply.positive() && !result) {
        result = said(dialogue.stage(), reply);
        // Interop: RFC 5321 §4.5.3.1.10: old servers say 552 where they mean "too many at once".
        if (reply.code == 552) {
            result->outcome = Outcome::temporary;
            result->status = EnhancedStatus{4, 5, 3};
        }
    }
    if (mine.mail_accepted) send_commands(dialogue);
    if (mine.answered == mine.asked.size()) recipients_answered(dialogue);
}

void handle_data(ClientDialogue& dialogue, const Reply& reply) {
    ClientTransaction& mine = *dialogue.transaction;
    if (reply.code == 354) {
        if (!mine.all_decided()) {
            dialogue.state = ClientState::body;
            dialogue.actions.act(WantBody{});
        } else {
            // RFC 2920 §3.1: the server goes on although it took nobody; end the message, which goes nowhere.
            dialogue.state = ClientState::body_end;
            dialogue.write(".");
        }
        return;
    }
    if (reply.positive() || reply.intermediate()) return dialogue.out_of_step(reply);
    mine.decide_all(said(dialogue.stage(), reply));
    reset(dialogue);
}

void handle_body_end(ClientDialogue& dialogue, const Reply& reply) {
    dialogue.transaction->decide_all(said(dialogue.stage(), reply));
    dialogue.finish();
    dialogue.become_ready();
}

} // namespace

void begin(ClientDialogue& dialogue, Outgoing message) {
    const std::size_t recipients = message.recipients.size();
    ClientTransaction& mine = dialogue.transaction.emplace();
    mine.message = std::move(message);
    mine.results.resize(recipients);
    if (dialogue.state == ClientState::closed) {
        mine.decide_all(own_word(dialogue.stage(), kConnectionClosed, "has closed the connection"));
        return dialogue.finish();
    }
    dialogue.state = ClientState::mail;
    decide_without_asking(mine, dialogue.capabilities);
    for (std::size_t index = 0; index < recipients; ++index)
        if (!mine.results[index]) mine.asked.push_back(index);
    if (mine.asked.empty()) {
        dialogue.finish();
        return dialogue.become_ready();
    }
    dialogue.write(mail_command(mine, dialogue.capabilities));
    if (dialogue.capabilities.pipelining) send_commands(dialogue);
}

void handle_transaction(ClientDialogue& dialogue, const Reply& reply) {
    // A refusal before the end of the message counts, but DATA can no longer be ended properly.
    if (dialogue.state == ClientState::body && (reply.temporary() || reply.permanent()))
        return dialogue.break_off(reply);
    const bool asks_for_more = reply.intermediate() && dialogue.state != ClientState::data;
    if (asks_for_more || dialogue.state == ClientState::body) return dialogue.out_of_step(reply);
    switch (dialogue.state) {
    case ClientState::mail: return handle_mail(dialogue, reply);
    case ClientState::rcpt: return handle_rcpt(dialogue, reply);
    case ClientState::data: return handle_data(dialogue, reply);
    default: return handle_body_end(dialogue, reply);
    }
}

} // namespace tegami::smtp
