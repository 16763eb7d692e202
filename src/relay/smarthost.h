// Other servers that pass on what this one sends, where the mail servers of the world cannot be reached from here.
#pragma once

#include "message/address.h"
#include "message/domain.h"
#include "protocol/smtp/client_action.h"

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>

namespace tegami::relay {

/// A smarthost. It gets nothing before its certificate is proven by authorities, whatever it promises in the DNS.
struct Smarthost {
    std::string host; ///< its name, also in the certificate; MX records of it do not count
    std::uint16_t port = 587;
    bool implicit_tls = false; ///< TLS from the start; otherwise by STARTTLS
    std::optional<smtp::ClientCredentials> credentials{};
    std::set<message::Domain> domains{}; ///< whose senders' mail goes through it; empty: all mail that no other takes
};

/// The one for mail from `sender` (nothing: `<>`), as a place in the list: one that names the sender's domain stands
/// before one for all. Nothing: the mail goes to the servers of its recipients.
std::optional<std::size_t> smarthost_for(std::span<const Smarthost> smarthosts,
                                         const std::optional<message::EmailAddress>& sender);

} // namespace tegami::relay
