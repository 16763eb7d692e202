// What became of the chain of a message (RFC 8617 §4.4), as data: who shows it finds the words.
#pragma once

#include "message/domain.h"
#include "trust/authentication_results.h"
#include "trust/dkim/result.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace tegami::arc {

/// The Chain Validation Status.
enum class Status : std::uint8_t { none, pass, fail };

/// "pass"
std::string_view to_string(Status status);

/// Why the status is what it is; a fail is the first of the steps of RFC 8617 §5.2 that was not met.
enum class Reason : std::uint8_t {
    no_sets,  ///< none
    verified, ///< pass
    // fail
    header_too_long,          ///< of the message: some fields are not seen
    too_many_sets,            ///< beyond kSetsMax (step 1)
    already_failed,           ///< the newest seal says so (step 2)
    field_unreadable,         ///< fault: why (step 3)
    field_repeated,           ///< (step 3A)
    field_missing,            ///< (step 3A)
    set_missing,              ///< (step 3B)
    wrong_status,             ///< `cv=` of a seal is not what its place asks for (step 3C)
    message_signature_failed, ///< that of the newest set; fault: why (step 4)
    seal_failed,              ///< fault: why (step 6)
};

/// The enumerator's name with hyphens: "seal-failed".
std::string_view to_string(Reason reason);

/// What one of those who handled the message says; empty where it cannot be read.
struct Set {
    dkim::Claims message_signature;
    dkim::Claims seal; ///< its domain is the sealer: it signs the other two fields as well
    /// What the sealer found out when the message came to it, in a chain that passes; nothing if it does not follow the
    /// grammar, which does not break the chain (RFC 8617 §3.4).
    std::optional<trust::AuthenticationResults> results;

    bool operator==(const Set&) const = default;
};

struct Verdict {
    Status status = Status::none;
    Reason reason = Reason::no_sets;
    unsigned instance = 0; ///< the set that the reason is about; 0: the chain
    dkim::Fault fault;
    std::vector<Set> sets; ///< by instance, from 1 on; only if there is each of their fields, once
    /// Of a chain that passes: the oldest instance from which on all message signatures verify, 0 for the first
    /// (RFC 8617 §5.2 step 5). Who sealed later has not changed the message.
    unsigned oldest_pass = 0;
    /// Of a chain that passes: canonical octets of the body that the newest message signature leaves open (`l=`).
    std::uint64_t unsigned_octets = 0;

    /// The chain fails only because a key could not be looked up. It is a fail like others (RFC 8617 §5.2.1), and once
    /// sealed for good; but who takes the message another time may see another verdict.
    bool is_temporary() const { return fault.reason == dkim::Reason::key_unavailable; }

    bool operator==(const Verdict&) const = default;
};

/// Where a chain that passes enters the hands of sealers in `trusted` and never leaves them again: the oldest set of
/// the newest unbroken run of theirs, whose results may stand for those of our own that the way has broken. nullptr if
/// the newest sealer is not trusted, or has left a part of the body open.
const Set* trusted_set(const Verdict& verdict, const std::set<message::Domain>& trusted);

} // namespace tegami::arc
