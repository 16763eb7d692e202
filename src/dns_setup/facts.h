// What is known of a server and one of its domains: the plan of records is made of it.
#pragma once

#include "base/ip_address.h"
#include "message/domain.h"
#include "protocol/dns/name.h"
#include "trust/dkim/signature.h"
#include "trust/tls_policy/mta_sts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tegami::dns_setup {

/// What mail programs connect to, always with TLS.
struct ClientService {
    std::string label; ///< of its SRV record, "_imaps" (RFC 6186 §3, RFC 8314 §5.1)
    std::uint16_t port = 0;

    bool operator==(const ClientService&) const = default;
};

struct Host {
    dns::Name name;
    std::vector<IpAddress> addresses; ///< by which everybody reaches it; empty: they are not known
    std::vector<ClientService> services;
    // Of the certificate on port 25, octets; empty: there is none yet.
    std::string public_key_sha256;
    std::string certificate_sha256;
    std::string next_key_sha256{}; ///< of the key that the next certificate is to have; empty: there is none
    bool has_trust_anchor = false; ///< whether our resolver can tell that an answer is proven by DNSSEC
    bool has_https = false;        ///< whether it serves policies of MTA-STS, and the settings of mail programs
    std::uint16_t https_port = 443;
};

enum class KeyState : std::uint8_t { announced, signing, retired };

/// A key that signs the domain's mail: what is public of it.
struct SigningKey {
    dns::Name name; ///< of its record
    dkim::KeyType type = dkim::KeyType::rsa;
    std::string record;
    KeyState state = KeyState::announced;
};

/// What comes of fetching something of the domain over HTTPS, as others do.
struct FetchedPage {
    std::string octets;  ///< what was served
    std::string problem; ///< why nothing was, in plain words; else empty
};

struct Facts {
    message::Domain domain; ///< no address literal
    Host host;
    std::vector<SigningKey> keys;
    tls_policy::StsMode sts_mode = tls_policy::StsMode::none;
    std::optional<FetchedPage> policy{};   ///< of MTA-STS; nothing: nobody has tried
    std::optional<FetchedPage> settings{}; ///< of autoconfig; likewise
};

/// Whether others on the Internet may have a way to it: not this machine alone (loopback), the link, or a private
/// network (RFC 1918 §3, RFC 4193 §3).
bool is_public(const IpAddress& address);

} // namespace tegami::dns_setup
