// When a certificate is renewed, with which key, and when that is tried again after it failed. Pure.
#pragma once

#include "app/server/certificate_authority.h"
#include "app/server/issued_certificates.h"

#include <cstdint>
#include <optional>

namespace tegami::app {

/// How long before its end the server's own certificate is renewed, and when at the latest.
inline constexpr auto kRenewalTime = std::chrono::days(90);
inline constexpr auto kLastRenewalTime = std::chrono::days(14);
/// How long the next key's record has been seen before a certificate may have it: others remember the set without it.
inline constexpr auto kAnnouncedTime = std::chrono::days(2);

/// What the DNS has of the next key.
enum class Announcement : std::uint8_t {
    unknown, ///< the DNS did not answer
    nowhere, ///< there are no TLSA records at all: nobody looks
    missing, ///< there are, without the next key
    seen,
};

enum class Renewal : std::uint8_t { none, waits, with_next_key, with_same_key };

struct RenewalTimes {
    Timestamp due;  ///< from here on
    Timestamp last; ///< from here on with the key of now, if the next one is not announced
};

/// Of one that the server made itself.
RenewalTimes own_renewal_times(Timestamp not_after);
/// Of one that an authority gave: when a third of its life is left, or earlier if the authority wants it; at the latest
/// when a sixth is left, or when the authority wants it to have happened. What it wants does not count on the first day.
RenewalTimes issued_renewal_times(const IssuedFacts& facts, const std::optional<RenewalAdvice>& advice);

/// What is to be done now. `seen_since`: since when `announcement` has been `seen`.
Renewal plan_renewal(Timestamp now, RenewalTimes times, Announcement announcement, std::optional<Timestamp> seen_since);

/// After so many failures in a row, at least one: first 10 minutes, then twice that and so on, at most 6 hours.
/// Authorities count failures, and after some refuse to look for an hour.
Duration pause_after_failures(unsigned failures);

} // namespace tegami::app
