// The opening of a connection, from the greeting to the login, after which messages may be sent.
#include "base/ascii.h"
#include "base/base64.h"
#include "protocol/smtp/client_dialogue.h"

#include <string>

namespace tegami::smtp {

namespace {

constexpr EnhancedStatus kEncryptionNeeded{4, 7, 10};
/// RFC 3463 §3.5: routing loop.
constexpr EnhancedStatus kLoop{5, 4, 6};

/// RFC 4616 §2
std::string plain_login(const ClientCredentials& login) {
    std::string message(1, '\0');
    message += login.user;
    message += '\0';
    message += login.password;
    return base64::encode(message);
}

/// Of two ways to log in the one of a single step.
void begin_auth(ClientDialogue& dialogue) {
    if (!dialogue.options.credentials) return dialogue.become_ready();
    dialogue.state = ClientState::auth;
    if (!dialogue.tls_active)
        return dialogue.break_off(kEncryptionNeeded, "offers no TLS, and passwords travel only under TLS");
    dialogue.auth_challenges = 0;
    if (dialogue.capabilities.auth_plain)
        dialogue.write("AUTH PLAIN " + plain_login(*dialogue.options.credentials));
    else if (dialogue.capabilities.auth_login)
        dialogue.write("AUTH LOGIN");
    else
        dialogue.break_off(kSecurity, "offers no way to log in that we know (PLAIN, LOGIN)");
}

void handle_auth(ClientDialogue& dialogue, const Reply& reply) {
    if (reply.positive()) return dialogue.become_ready();
    if (reply.code == 334 && !dialogue.capabilities.auth_plain && dialogue.auth_challenges < 2) {
        const ClientCredentials& login = *dialogue.options.credentials;
        return dialogue.write(base64::encode(dialogue.auth_challenges++ == 0 ? login.user : login.password));
    }
    if (reply.intermediate()) return dialogue.out_of_step(reply);
    DeliveryResult why = said(dialogue.stage(), reply);
    why.outcome = Outcome::temporary;
    why.status.kind = 4;
    dialogue.break_off(std::move(why));
}

void handle_greeting(ClientDialogue& dialogue, const Reply& reply) {
    if (reply.temporary() || reply.permanent()) return dialogue.break_off(reply);
    if (reply.code != 220) return dialogue.out_of_step(reply);
    // A domain whose MX is `localhost` or any name of ours would send its mail round in a circle. Only the greeting
    // tells: the answer to EHLO may repeat what we have just said (DavMail).
    const std::string_view name = reply.lines.empty() ? std::string_view() : reply.lines.front();
    if (ascii::iequals(name.substr(0, name.find(' ')), dialogue.options.host_name))
        return dialogue.break_off(kLoop, "is this server itself, which has no such domain");
    say_hello(dialogue);
}

void after_hello(ClientDialogue& dialogue) {
    const TlsPolicy tls = dialogue.options.tls;
    const bool wants_tls = tls == TlsPolicy::opportunistic || tls == TlsPolicy::required;
    if (dialogue.tls_active || !wants_tls) return begin_auth(dialogue);
    const bool offered = dialogue.capabilities.starttls;
    if (!offered && tls == TlsPolicy::opportunistic) return begin_auth(dialogue);
    dialogue.state = ClientState::starttls;
    if (offered)
        dialogue.write("STARTTLS");
    else
        dialogue.break_off(kEncryptionNeeded, "does not offer TLS (STARTTLS)");
}

void handle_ehlo(ClientDialogue& dialogue, const Reply& reply) {
    if (reply.positive()) {
        dialogue.capabilities = read_capabilities(reply);
        return after_hello(dialogue);
    }
    if (reply.intermediate()) return dialogue.out_of_step(reply);
    // RFC 5321 §3.2: an old server knows only HELO. Without EHLO there is neither TLS nor AUTH.
    const ClientOptions& options = dialogue.options;
    const bool may_fall_back = reply.permanent() && !options.credentials && options.tls != TlsPolicy::required;
    if (!may_fall_back) return dialogue.break_off(reply);
    dialogue.state = ClientState::helo;
    dialogue.write("HELO " + options.host_name);
}

void handle_helo(ClientDialogue& dialogue, const Reply& reply) {
    if (reply.intermediate()) return dialogue.out_of_step(reply);
    if (!reply.positive()) return dialogue.break_off(reply);
    dialogue.become_ready();
}

void handle_starttls(ClientDialogue& dialogue, const Reply& reply) {
    if (reply.code == 220) {
        dialogue.state = ClientState::handshake;
        dialogue.actions.act(ClientStartTls{});
    } else if (reply.positive() || reply.intermediate()) {
        dialogue.out_of_step(reply);
    } else if (dialogue.options.tls == TlsPolicy::required) {
        DeliveryResult why = said(dialogue.stage(), reply);
        why.outcome = Outcome::temporary;
        why.status = kEncryptionNeeded;
        dialogue.break_off(std::move(why));
    } else {
        begin_auth(dialogue);
    }
}

} // namespace

void say_hello(ClientDialogue& dialogue) {
    // RFC 3207 §4.2: what was offered before TLS is worth nothing.
    dialogue.capabilities = Capabilities{};
    dialogue.state = ClientState::ehlo;
    dialogue.write("EHLO " + dialogue.options.host_name);
}

void handle_opening(ClientDialogue& dialogue, const Reply& reply) {
    switch (dialogue.state) {
    case ClientState::greeting: return handle_greeting(dialogue, reply);
    case ClientState::ehlo: return handle_ehlo(dialogue, reply);
    case ClientState::helo: return handle_helo(dialogue, reply);
    case ClientState::starttls: return handle_starttls(dialogue, reply);
    default: return handle_auth(dialogue, reply);
    }
}

} // namespace tegami::smtp
