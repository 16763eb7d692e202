// How a dialogue stands, how it goes wrong, and how it ends.
#include "protocol/smtp/client_dialogue.h"

#include <algorithm>

namespace tegami::smtp {

bool ClientTransaction::all_decided() const {
    return std::ranges::all_of(results, [](const auto& result) { return result.has_value(); });
}

void ClientTransaction::decide_all(const DeliveryResult& result) {
    for (std::optional<DeliveryResult>& mine : results)
        if (!mine) mine = result;
}

Stage ClientDialogue::stage() const {
    // Under TLS 1.3 our side of the handshake ends before the server's: a server that wants a certificate of ours, or
    // does not like something else, says so or hangs up when we believe to have been through (RFC 8446 §4.4.2.4).
    if (tls_begun) return Stage::tls;
    switch (state) {
    case ClientState::greeting: return Stage::greeting;
    case ClientState::ehlo:
    case ClientState::helo: return Stage::hello;
    case ClientState::starttls:
    case ClientState::handshake: return Stage::tls;
    case ClientState::auth: return Stage::auth;
    case ClientState::ready:
    case ClientState::reset:
    case ClientState::mail: return Stage::mail;
    case ClientState::rcpt: return Stage::rcpt;
    case ClientState::data: return Stage::data;
    case ClientState::body:
    case ClientState::body_end: return Stage::body;
    case ClientState::quit:
    case ClientState::closed: break;
    }
    return Stage::quit;
}

void ClientDialogue::write(std::string_view line) {
    actions.send(line);
    actions.send("\r\n");
}

void ClientDialogue::become_ready() {
    state = ClientState::ready;
    actions.act(Ready{});
}

void ClientDialogue::finish() {
    Finished finished;
    for (std::optional<DeliveryResult>& result : transaction->results)
        finished.results.push_back(*std::move(result));
    transaction.reset();
    actions.act(std::move(finished));
}

void ClientDialogue::break_off(DeliveryResult why) {
    if (why.outcome == Outcome::delivered) why.outcome = Outcome::temporary;
    // In the clear anybody on the way may have said it, so that mail is given up that should wait for TLS (RFC 7672
    // §2.2).
    if (options.tls == TlsPolicy::required && !tls_active && why.outcome == Outcome::permanent) {
        why.outcome = Outcome::temporary;
        why.status.kind = 4;
    }
    // One read may bring what made us ready and what breaks it; the driver must not begin anything in between.
    actions.drop_if([](const ClientAction& action) {
        return std::holds_alternative<Ready>(action) || std::holds_alternative<WantBody>(action) ||
               std::holds_alternative<ClientStartTls>(action);
    });
    if (transaction) {
        const bool refused = why.reply && (why.reply->temporary() || why.reply->permanent());
        why.uncertain = state == ClientState::body_end && !refused;
        if (why.uncertain) why.of_server = false; // nobody else may get it: this one may have it
        transaction->decide_all(why);
        finish();
    } else {
        actions.act(Unusable{std::move(why)});
    }
    close();
}

void ClientDialogue::break_off(const Reply& refusal) {
    break_off(said(stage(), refusal));
}

void ClientDialogue::break_off(EnhancedStatus status, std::string_view text) {
    break_off(own_word(stage(), status, text));
}

void ClientDialogue::out_of_step(const Reply& reply) {
    DeliveryResult why = own_word(stage(), kProtocolError, "sent a reply that does not fit");
    why.reply = reply;
    break_off(std::move(why));
}

void ClientDialogue::close() {
    actions.close();
    state = ClientState::closed;
}

void handle(ClientDialogue& dialogue, const Reply& reply) {
    // RFC 5321 §3.8: 421 may answer any command; the server closes.
    if (reply.code == 421 && dialogue.state != ClientState::quit) return dialogue.break_off(reply);
    switch (dialogue.state) {
    case ClientState::greeting:
    case ClientState::ehlo:
    case ClientState::helo:
    case ClientState::starttls:
    case ClientState::auth: return handle_opening(dialogue, reply);
    case ClientState::mail:
    case ClientState::rcpt:
    case ClientState::data:
    case ClientState::body:
    case ClientState::body_end: return handle_transaction(dialogue, reply);
    case ClientState::reset: return reply.positive() ? dialogue.become_ready() : dialogue.break_off(reply);
    case ClientState::ready: return dialogue.out_of_step(reply);
    case ClientState::quit: return dialogue.close();
    case ClientState::handshake:
    case ClientState::closed: break;
    }
}

} // namespace tegami::smtp
