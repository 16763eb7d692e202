// MTA-STS (RFC 8461): the record that says that a domain has a policy, and the policy itself.
#pragma once

#include "base/result.h"
#include "protocol/dns/name.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::tls_policy {

/// Limit: octets of the record; it is to hold an id of 32.
inline constexpr std::size_t kStsRecordBytesMax = 4096;
/// Limit: octets of a policy (RFC 8461 §3.3), and patterns in it.
inline constexpr std::size_t kStsPolicyBytesMax = 64 * 1024;
inline constexpr std::size_t kStsPatternsMax = 1000;
/// Limit: how long a policy is kept (RFC 8461 §3.2); a longer time means this one.
inline constexpr std::chrono::seconds kStsMaxAgeMax{31'557'600};

/// The id in the one record among these TXT records (each with its strings joined) that begins as the record of a
/// policy. Nothing if there is none or more than one, or if it breaks the grammar (RFC 8461 §3.1).
std::optional<std::string> find_sts_id(const std::vector<std::string>& texts);

enum class StsMode : std::uint8_t { enforce, testing, none };

/// "mail.example.com", or "*.example.net" for every name that has one label more.
struct StsPattern {
    bool any_label = false;
    dns::Name name; ///< without the "*."

    /// RFC 8461 §4.1.
    bool matches(const dns::Name& host) const;
    std::string to_string() const;
    bool operator==(const StsPattern&) const = default;
};

struct StsPolicy {
    StsMode mode = StsMode::none;
    std::chrono::seconds max_age{};
    std::vector<StsPattern> mx; ///< not empty, except for the mode `none`

    bool allows(const dns::Name& host) const;
    /// "version: STSv1", "mode: …" and so on: what counts of what was published.
    std::vector<std::string> lines() const;
    bool operator==(const StsPolicy&) const = default;
};

enum class StsPolicyError : std::uint8_t {
    too_long,      ///< more than kStsPolicyBytesMax octets, or kStsPatternsMax patterns
    malformed,     ///< a line that is no key and value
    wrong_version, ///< none, or not STSv1
    wrong_mode,    ///< none, or one that does not exist
    wrong_max_age, ///< none, or no number
    wrong_mx,      ///< none, or no pattern
};

/// "enforce", "testing", "none".
std::string_view to_string(StsMode mode);
std::optional<StsMode> find_sts_mode(std::string_view name);

/// RFC 8461 §3.2. Keys that are not known are ignored; of a key that comes again, except mx, the first counts.
Result<StsPolicy, StsPolicyError> parse_sts_policy(std::string_view octets);

} // namespace tegami::tls_policy
