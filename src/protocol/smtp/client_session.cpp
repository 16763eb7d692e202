#include "protocol/smtp/client_session.h"

#include "base/assert.h"

#include <string>

namespace tegami::smtp {

namespace {

/// RFC 3463 §3.8: other or undefined network status.
constexpr EnhancedStatus kConnectionLost{4, 4, 2};
constexpr EnhancedStatus kOurFault{4, 3, 0};
constexpr EnhancedStatus kOurLoss{5, 3, 0};

} // namespace

ClientSession::ClientSession(ClientOptions options) : dialogue_(std::move(options)) {}

ClientActions ClientSession::feed(std::string_view bytes) {
    while (!closed() && !bytes.empty()) {
        // Replies that were injected in plain text must not be taken for answers under TLS (RFC 3207 §4.2).
        if (dialogue_.state == ClientState::handshake) {
            dialogue_.break_off(kSecurity, "sent something in plain text where TLS had to begin");
            break;
        }
        const Result<std::optional<Reply>, ReplyError> reply = reader_.read(bytes);
        if (!reply) {
            dialogue_.break_off(kProtocolError, "sent something that is not an SMTP reply");
        } else if (*reply) {
            dialogue_.tls_begun = false;
            ++replies_;
            handle(dialogue_, **reply);
        }
    }
    return go_on();
}

ClientActions ClientSession::tls_started() {
    if (closed()) return {};
    ASSERT(dialogue_.state == ClientState::handshake);
    dialogue_.tls_active = dialogue_.tls_begun = true;
    say_hello(dialogue_);
    return go_on();
}

ClientActions ClientSession::tls_failed(std::string_view why) {
    if (closed()) return {};
    dialogue_.break_off(kSecurity, std::string("could not begin TLS: ").append(why));
    return go_on();
}

ClientActions ClientSession::send(Outgoing message) {
    ASSERT((ready() || closed()) && !message.recipients.empty());
    begin(dialogue_, std::move(message));
    return go_on();
}

ClientActions ClientSession::body(std::string_view bytes) {
    if (dialogue_.state != ClientState::body) return {};
    std::string encoded;
    dialogue_.transaction->encoder.append(bytes, encoded);
    if (!encoded.empty()) dialogue_.actions.act(ClientSend{std::move(encoded)});
    return go_on();
}

ClientActions ClientSession::body_end() {
    if (dialogue_.state != ClientState::body) return {};
    std::string encoded;
    dialogue_.transaction->encoder.finish(encoded);
    dialogue_.actions.act(ClientSend{std::move(encoded)});
    dialogue_.state = ClientState::body_end;
    return go_on();
}

ClientActions ClientSession::body_failed(std::string_view why, bool lost) {
    if (dialogue_.state != ClientState::body) return {};
    DeliveryResult fault = own_word(dialogue_.stage(), lost ? kOurLoss : kOurFault,
                                    std::string("could not be sent the whole message: ").append(why));
    fault.of_server = false;
    dialogue_.break_off(std::move(fault));
    return go_on();
}

ClientActions ClientSession::quit() {
    if (closed()) return {};
    ASSERT(ready());
    dialogue_.state = ClientState::quit;
    dialogue_.write("QUIT");
    return go_on();
}

ClientActions ClientSession::disconnected(std::string_view why) {
    return lost(std::string("lost the connection: ").append(why));
}

ClientActions ClientSession::timed_out() {
    return lost("did not answer in time");
}

ClientActions ClientSession::lost(std::string_view why) {
    if (closed()) return {};
    if (dialogue_.state == ClientState::quit)
        dialogue_.close();
    else
        dialogue_.break_off(kConnectionLost, why);
    return go_on();
}

/// RFC 5321 §4.5.3.2
std::chrono::seconds ClientSession::timeout() const {
    switch (dialogue_.state) {
    case ClientState::data: return std::chrono::minutes(2);
    case ClientState::body: return std::chrono::minutes(3);
    case ClientState::body_end: return std::chrono::minutes(10);
    // Nothing depends on this answer.
    case ClientState::quit: return std::chrono::seconds(30);
    default: return std::chrono::minutes(5);
    }
}

} // namespace tegami::smtp
