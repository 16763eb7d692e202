// Reading replies, the opening of the connection, and its end; transactions are in client_transaction.cpp.
#include "protocol/smtp/client_session.h"

#include "base/ascii.h"
#include "base/assert.h"
#include "base/base64.h"

namespace tegami::smtp {

namespace {

/// RFC 3463 §3.8: other or undefined network status.
constexpr EnhancedStatus kConnectionLost{4, 4, 2};
constexpr EnhancedStatus kProtocolError{4, 5, 0};
constexpr EnhancedStatus kEncryptionNeeded{4, 7, 10};
constexpr EnhancedStatus kSecurity{4, 7, 0};
/// RFC 3463 §3.5: routing loop.
constexpr EnhancedStatus kLoop{5, 4, 6};

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

ClientSession::ClientSession(ClientOptions options)
    : options_(std::move(options)), tls_active_(options_.tls == TlsPolicy::active) {}

ClientActions ClientSession::feed(std::string_view bytes) {
    if (state_ == State::handshake && !bytes.empty())
        broke(own_result(Outcome::temporary, kSecurity, "sent something in plain text where TLS had to begin"));
    while (!closed() && !bytes.empty()) {
        const Result<std::optional<Reply>, ReplyError> reply = reader_.read(bytes);
        if (!reply) {
            broke(own_result(Outcome::temporary, kProtocolError, "sent something that is not an SMTP reply"));
        } else if (*reply) {
            tls_begun_ = false;
            ++replies_;
            handle(**reply);
            // Replies that were injected in plain text must not be taken for answers under TLS (RFC 3207 §4.2).
            if (state_ == State::handshake && !bytes.empty())
                broke(own_result(Outcome::temporary, kSecurity, "sent something in plain text where TLS had to begin"));
        }
    }
    return flush();
}

void ClientSession::handle(const Reply& reply) {
    // RFC 5321 §3.8: 421 may answer any command; the server closes.
    if (reply.code == 421 && state_ != State::quit) return broke(result_of(reply));
    switch (state_) {
    case State::greeting: return handle_greeting(reply);
    case State::ehlo: return handle_ehlo(reply);
    case State::helo: return handle_helo(reply);
    case State::starttls: return handle_starttls(reply);
    case State::auth: return handle_auth(reply);
    case State::mail: return handle_mail(reply);
    case State::rcpt: return handle_rcpt(reply);
    case State::data: return handle_data(reply);
    case State::body_end: return handle_body_end(reply);
    case State::reset: return reply.positive() ? become_ready() : broke(result_of(reply));
    case State::quit: return close();
    case State::body:
        // A refusal before the end counts, but DATA can no longer be ended properly.
        return reply.temporary() || reply.permanent() ? broke(result_of(reply)) : out_of_step(reply);
    case State::ready: return out_of_step(reply);
    case State::handshake:
    case State::closed: break;
    }
}

void ClientSession::handle_greeting(const Reply& reply) {
    if (reply.code != 220) return reply.temporary() || reply.permanent() ? broke(result_of(reply)) : out_of_step(reply);
    // A domain whose MX is `localhost` or any name of ours would send its mail round in a circle. Only the greeting
    // tells: the answer to EHLO may repeat what we have just said (DavMail).
    const std::string_view name = reply.lines.empty() ? std::string_view() : reply.lines.front();
    if (ascii::iequals(name.substr(0, name.find(' ')), options_.host_name))
        return broke(own_result(Outcome::permanent, kLoop, "is this server itself, which has no such domain"));
    state_ = State::ehlo;
    write("EHLO " + options_.host_name);
}

void ClientSession::handle_ehlo(const Reply& reply) {
    if (reply.positive()) {
        read_capabilities(reply);
        return after_hello();
    }
    // RFC 5321 §3.2: an old server knows only HELO. Without EHLO there is neither TLS nor AUTH.
    const bool may_fall_back = reply.permanent() && !options_.credentials && options_.tls != TlsPolicy::required;
    if (!may_fall_back) return reply.intermediate() ? out_of_step(reply) : broke(result_of(reply));
    state_ = State::helo;
    write("HELO " + options_.host_name);
}

void ClientSession::handle_helo(const Reply& reply) {
    if (!reply.positive()) return reply.intermediate() ? out_of_step(reply) : broke(result_of(reply));
    capabilities_ = Capabilities{};
    become_ready();
}

void ClientSession::read_capabilities(const Reply& reply) {
    capabilities_ = Capabilities{.esmtp = true};
    for (std::size_t index = 1; index < reply.lines.size(); ++index) {
        const std::string line = ascii::upper(reply.lines[index]);
        // Interop: some servers write "AUTH=PLAIN LOGIN", for clients older than RFC 2554.
        const std::size_t end = line.find_first_of(" =");
        const std::string_view keyword = std::string_view(line).substr(0, end);
        const std::string_view rest = end == std::string::npos ? "" : std::string_view(line).substr(end + 1);
        if (keyword == "STARTTLS") capabilities_.starttls = true;
        if (keyword == "PIPELINING") capabilities_.pipelining = true;
        if (keyword == "8BITMIME") capabilities_.eight_bit_mime = true;
        if (keyword == "SMTPUTF8") capabilities_.smtputf8 = true;
        if (keyword == "SIZE") {
            capabilities_.size = true;
            capabilities_.size_max = ascii::parse_number<std::uint64_t>(ascii::trim(rest)).value_or(0);
        }
        if (keyword == "AUTH") {
            for (const std::string_view mechanism : ascii::split(rest, ' ')) {
                if (mechanism == "PLAIN") capabilities_.auth_plain = true;
                if (mechanism == "LOGIN") capabilities_.auth_login = true;
            }
        }
    }
}

void ClientSession::after_hello() {
    const bool wants_tls = options_.tls == TlsPolicy::opportunistic || options_.tls == TlsPolicy::required;
    if (wants_tls && !tls_active_) {
        if (capabilities_.starttls) {
            state_ = State::starttls;
            write("STARTTLS");
            return;
        }
        if (options_.tls == TlsPolicy::required) {
            state_ = State::starttls;
            return broke(own_result(Outcome::temporary, kEncryptionNeeded, "does not offer TLS (STARTTLS)"));
        }
    }
    begin_auth();
}

void ClientSession::handle_starttls(const Reply& reply) {
    if (reply.code == 220) {
        state_ = State::handshake;
        act(ClientStartTls{});
    } else if (reply.positive() || reply.intermediate()) {
        out_of_step(reply);
    } else if (options_.tls == TlsPolicy::required) {
        DeliveryResult why = result_of(reply);
        why.outcome = Outcome::temporary;
        why.status = kEncryptionNeeded;
        broke(std::move(why));
    } else {
        begin_auth();
    }
}

ClientActions ClientSession::tls_started() {
    if (closed()) return {};
    ASSERT(state_ == State::handshake);
    // RFC 3207 §4.2: what was said before TLS is worth nothing.
    tls_active_ = tls_begun_ = true;
    capabilities_ = Capabilities{};
    state_ = State::ehlo;
    write("EHLO " + options_.host_name);
    return flush();
}

ClientActions ClientSession::tls_failed(std::string_view why) {
    if (closed()) return {};
    broke(own_result(Outcome::temporary, kSecurity, std::string("could not begin TLS: ") + std::string(why)));
    return flush();
}

void ClientSession::begin_auth() {
    if (!options_.credentials) return become_ready();
    state_ = State::auth;
    if (!tls_active_)
        return broke(
            own_result(Outcome::temporary, kEncryptionNeeded, "offers no TLS, and passwords travel only under TLS"));
    auth_is_plain_ = capabilities_.auth_plain;
    auth_challenges_ = 0;
    if (auth_is_plain_) {
        // RFC 4616 §2
        const ClientCredentials& login = *options_.credentials;
        std::string message(1, '\0');
        message += login.user;
        message += '\0';
        message += login.password;
        write("AUTH PLAIN " + base64::encode(message));
    } else if (capabilities_.auth_login) {
        write("AUTH LOGIN");
    } else {
        broke(own_result(Outcome::temporary, kSecurity, "offers no way to log in that we know (PLAIN, LOGIN)"));
    }
}

void ClientSession::handle_auth(const Reply& reply) {
    if (reply.positive()) return become_ready();
    if (reply.code == 334 && !auth_is_plain_ && auth_challenges_ < 2) {
        const ClientCredentials& login = *options_.credentials;
        return write(base64::encode(auth_challenges_++ == 0 ? login.user : login.password));
    }
    if (reply.intermediate()) return out_of_step(reply);
    DeliveryResult why = result_of(reply);
    why.outcome = Outcome::temporary;
    why.status.kind = 4;
    broke(std::move(why));
}

void ClientSession::become_ready() {
    state_ = State::ready;
    act(Ready{});
}

ClientActions ClientSession::quit() {
    if (closed()) return {};
    ASSERT(state_ == State::ready);
    state_ = State::quit;
    write("QUIT");
    return flush();
}

ClientActions ClientSession::disconnected(std::string_view why) {
    if (closed()) return {};
    if (state_ == State::quit)
        close();
    else
        broke(own_result(Outcome::temporary, kConnectionLost, std::string("lost the connection: ") + std::string(why)));
    return flush();
}

ClientActions ClientSession::timed_out() {
    if (closed()) return {};
    if (state_ == State::quit)
        close();
    else
        broke(own_result(Outcome::temporary, kConnectionLost, "did not answer in time"));
    return flush();
}

/// RFC 5321 §4.5.3.2
std::chrono::seconds ClientSession::timeout() const {
    switch (state_) {
    case State::data: return std::chrono::minutes(2);
    case State::body: return std::chrono::minutes(3);
    case State::body_end: return std::chrono::minutes(10);
    // Nothing depends on this answer.
    case State::quit: return std::chrono::seconds(30);
    default: return std::chrono::minutes(5);
    }
}

Stage ClientSession::stage() const {
    // Under TLS 1.3 our side of the handshake ends before the server's: a server that wants a certificate of ours, or
    // does not like something else, says so or hangs up when we believe to have been through (RFC 8446 §4.4.2.4).
    if (tls_begun_) return Stage::tls;
    switch (state_) {
    case State::greeting: return Stage::greeting;
    case State::ehlo:
    case State::helo: return Stage::hello;
    case State::starttls:
    case State::handshake: return Stage::tls;
    case State::auth: return Stage::auth;
    case State::ready:
    case State::reset:
    case State::mail: return Stage::mail;
    case State::rcpt: return Stage::rcpt;
    case State::data: return Stage::data;
    case State::body:
    case State::body_end: return Stage::body;
    case State::quit:
    case State::closed: break;
    }
    return Stage::quit;
}

DeliveryResult ClientSession::result_of(const Reply& reply) const {
    const Outcome outcome = reply.positive()    ? Outcome::delivered
                            : reply.permanent() ? Outcome::permanent
                                                : Outcome::temporary;
    const auto kind = static_cast<std::uint16_t>(outcome == Outcome::delivered   ? 2
                                                 : outcome == Outcome::permanent ? 5
                                                                                 : 4);
    const bool status_fits = reply.status && reply.status->kind == kind;
    std::string text(outcome == Outcome::delivered   ? "accepted the message"
                     : outcome == Outcome::permanent ? "refused at "
                                                     : "refused for now at ");
    if (outcome != Outcome::delivered) text += to_string(stage());
    return {.outcome = outcome,
            .stage = stage(),
            .reply = reply,
            .text = std::move(text),
            .status = status_fits ? *reply.status : EnhancedStatus{kind, 0, 0},
            .of_server = outcome != Outcome::delivered && speaks_of_server(stage(), reply)};
}

/// What we say of the server.
DeliveryResult ClientSession::own_result(Outcome outcome, EnhancedStatus status, std::string_view text) const {
    return {.outcome = outcome,
            .stage = stage(),
            .reply = std::nullopt,
            .text = std::string(text),
            .status = status,
            .of_server = true};
}

/// Something that no other server would change.
DeliveryResult ClientSession::own_fault(Outcome outcome, EnhancedStatus status, std::string_view text) const {
    DeliveryResult result = own_result(outcome, status, text);
    result.of_server = false;
    return result;
}

/// The connection cannot go on: everything undecided gets `why`.
void ClientSession::broke(DeliveryResult why) {
    if (why.outcome == Outcome::delivered) why.outcome = Outcome::temporary;
    // In the clear anybody on the way may have said it, so that mail is given up that should wait for TLS (RFC 7672
    // §2.2).
    if (options_.tls == TlsPolicy::required && !tls_active_ && why.outcome == Outcome::permanent) {
        why.outcome = Outcome::temporary;
        why.status.kind = 4;
    }
    // One read may bring what made us ready and what breaks it; the driver must not begin anything in between.
    std::erase_if(actions_, [](const ClientAction& action) {
        return std::holds_alternative<Ready>(action) || std::holds_alternative<WantBody>(action) ||
               std::holds_alternative<ClientStartTls>(action);
    });
    if (finished_) {
        act(Unusable{std::move(why)});
    } else {
        const bool refused = why.reply && (why.reply->temporary() || why.reply->permanent());
        why.uncertain = state_ == State::body_end && !refused;
        if (why.uncertain) why.of_server = false; // nobody else may get it: this one may have it
        decide_all(why);
        finish();
    }
    close();
}

/// A reply that cannot be the answer: nobody knows what the next ones answer.
void ClientSession::out_of_step(const Reply& reply) {
    DeliveryResult why = own_result(Outcome::temporary, kProtocolError, "sent a reply that does not fit");
    why.reply = reply;
    broke(std::move(why));
}

void ClientSession::write(std::string_view line) {
    if (actions_.empty() || !std::holds_alternative<ClientSend>(actions_.back())) act(ClientSend{});
    std::get<ClientSend>(actions_.back()).bytes.append(line).append("\r\n");
}

void ClientSession::close() {
    act(ClientClose{});
    state_ = State::closed;
}

ClientActions ClientSession::flush() {
    return std::exchange(actions_, {});
}

} // namespace tegami::smtp
