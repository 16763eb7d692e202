// The checks of one signature that has been read (RFC 6376 §6.1.2, §6.1.3): of its times, its body hash and its key.
#pragma once

#include "base/clock.h"
#include "trust/dkim/body_hash.h"
#include "trust/dkim/key_cache.h"
#include "trust/dkim/result.h"
#include "trust/dkim/signature.h"
#include "trust/dns_answers.h"

#include <chrono>
#include <string_view>

namespace tegami::dkim {

/// Limit: TXT records tried as the key of one signature; there should be one (RFC 6376 §3.6.2.2).
inline constexpr std::size_t kKeyRecordsMax = 3;
/// How far clocks may differ when `t=` and `x=` are looked at.
inline constexpr std::chrono::seconds kClockDrift = std::chrono::minutes(5);

// Fault{}, which is Reason::verified, where nothing is wrong.

/// Faults: expired, in_future.
Fault check_times(const Signature& signature, Timestamp now);

/// Whether `body`, that of the signature's scope, is the one that was signed. Faults: body_too_short,
/// body_hash_mismatch.
Fault check_body(const Signature& signature, const BodyHash& body);

struct KeyCheck {
    Fault fault;
    bool testing = false; ///< what the key record says (`t=y`)
};

/// The record of the answer with which the signature verifies counts, or else the first that is a key. `of_body`
/// is what check_body() says: a key that may not be used is the worse fault.
KeyCheck check_key(const Signature& signature, const trust::Answer& answer, KeyCache& keys,
                   std::string_view header_digest, const Fault& of_body);

} // namespace tegami::dkim
