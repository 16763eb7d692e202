#include "protocol/sasl/server.h"
#include "service/imapd/capability.h"
#include "service/imapd/commands.h"
#include "service/imapd/sasl_options.h"

namespace tegami::imapd {

std::string capabilities(const Session& session) {
    if (session.identity) return capabilities_after_login(session.options.append_bytes_max);
    LoginOffer offer{.starttls = session.can_start_tls(),
                     .password = session.passwords_allowed() && session.service->authenticator->takes_passwords()};
    for (const std::string& mechanism : sasl::mechanisms(sasl_options(session)))
        offer.mechanisms.push_back(mechanism);
    return capabilities_before_login(offer);
}

async::Awaitable<Completion> run(Session* session, imap::Capability) {
    imap::append_capability(session->out(), capabilities(*session));
    co_return Completion{};
}

} // namespace tegami::imapd
