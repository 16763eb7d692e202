// What became of a signature, as data: who shows it finds the words.
#pragma once

#include "message/domain.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::dkim {

/// RFC 8601 §2.7.1. A message without signatures, `none`, is one without results.
enum class Verdict : std::uint8_t {
    pass,
    fail,      ///< message and signature do not belong together
    policy,    ///< we do not take signatures of this kind
    neutral,   ///< the field cannot be read
    temperror, ///< another time it may be different
    permerror, ///< there is no usable key, or the signature contradicts itself or its key
};

/// "pass"
std::string_view to_string(Verdict verdict);

enum class Reason : std::uint8_t {
    verified,
    // pass or fail
    body_hash_mismatch,
    body_too_short, ///< for what `l=` says
    signature_mismatch,
    // policy
    algorithm_not_allowed, ///< rsa-sha1 (RFC 8301 §3.1)
    key_too_short,         ///< RFC 8301 §3.2
    key_too_long,
    expired,    ///< `x=`
    in_future,  ///< `t=`
    over_limit, ///< the message has signatures that cost too much
    // neutral
    signature_syntax, ///< with the tag
    tag_missing,      ///< with the tag
    version_unknown,
    algorithm_unknown,
    canonicalization_unknown,
    query_unknown,
    header_too_long, ///< of the message: some fields are not seen
    // temperror
    key_unavailable,
    // permerror
    from_not_signed,
    domain_mismatch,    ///< `i=` is not within `d=`
    identity_not_exact, ///< `i=` is not `d=`, and the key says that it must be
    key_missing,
    key_syntax, ///< with the tag
    key_revoked,
    key_of_other_type, ///< than the signature's algorithm needs
    key_not_for_hash,
    key_not_for_email,
};

/// The enumerator's name with hyphens: "key-missing".
std::string_view to_string(Reason reason);
Verdict verdict_of(Reason reason);

/// A reason with the tag that it is about, if it is about one.
struct Fault {
    Reason reason = Reason::verified;
    std::string tag;

    bool operator==(const Fault&) const = default;
};

/// What a signature says of itself, as far as it can be read; empty where not. Texts are a stranger's, and short.
struct Claims {
    std::optional<message::Domain> domain; ///< `d=`
    std::string selector;                  ///< `s=`
    std::string identity;                  ///< `i=` as it is written or implied, decoded
    std::string algorithm;                 ///< `a=`
    std::string signature_start;           ///< the first characters of `b=`: "header.b" (RFC 6008 §4)

    bool operator==(const Claims&) const = default;
};

struct SignatureResult {
    Claims claims;
    Fault fault; ///< Reason::verified if it passed
    /// The key says that its domain is only trying (`t=y`): a failure means nothing.
    bool testing = false;
    /// `l=`: the body is signed so far only, and this many canonical octets behind it are not.
    std::optional<std::uint64_t> signed_length;
    std::uint64_t unsigned_octets = 0;

    Verdict verdict() const { return verdict_of(fault.reason); }
};

} // namespace tegami::dkim
