// A server mail.a.test with the domain a.test, for tests.
#pragma once

#include "dns_setup/facts.h"
#include "trust/dkim/key.h"

#include <string>

namespace tegami::dns_setup {

/// The same text for the same kind.
inline const std::string& some_record(dkim::KeyType type) {
    static const std::string kRsa = dkim::PrivateKey::generate(dkim::KeyType::rsa).record();
    static const std::string kEd25519 = dkim::PrivateKey::generate(dkim::KeyType::ed25519).record();
    return type == dkim::KeyType::rsa ? kRsa : kEd25519;
}

inline SigningKey some_key(const std::string& selector, dkim::KeyType type, KeyState state) {
    return {.name = *dns::Name::parse(selector + "._domainkey.a.test"),
            .type = type,
            .record = some_record(type),
            .state = state};
}

inline Facts some_facts() {
    return {.domain = *message::Domain::parse("a.test"),
            .host = {.name = *dns::Name::parse("mail.a.test"),
                     .addresses = {*IpAddress::parse("192.0.2.1"), *IpAddress::parse("2001:db8::1")},
                     .services = {{.label = "_submissions", .port = 465}, {.label = "_pop3s", .port = 995}},
                     .public_key_sha256 = "kk",
                     .certificate_sha256 = "cc",
                     .has_https = true},
            .keys = {some_key("r1", dkim::KeyType::rsa, KeyState::signing),
                     some_key("e1", dkim::KeyType::ed25519, KeyState::announced)},
            .sts_mode = tls_policy::StsMode::testing};
}

} // namespace tegami::dns_setup
