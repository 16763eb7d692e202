#include "trust/tls_policy/own_policy.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

namespace tegami::tls_policy {

std::chrono::seconds own_policy_age(StsMode mode) {
    return mode == StsMode::enforce ? kOwnEnforcedAge : kOwnOtherAge;
}

std::string own_policy(StsMode mode, const dns::Name& host) {
    const StsPolicy policy{.mode = mode, .max_age = own_policy_age(mode), .mx = {{.name = host}}};
    std::string octets;
    for (const std::string& line : policy.lines())
        octets += line + "\r\n";
    return octets;
}

std::string policy_id(std::string_view policy) {
    constexpr std::size_t kIdOctets = 10;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    EVP_Digest(policy.data(), policy.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    std::string id;
    for (std::size_t at = 0; at < kIdOctets; ++at)
        id += fmt::format("{:02x}", digest[at]);
    return id;
}

} // namespace tegami::tls_policy
