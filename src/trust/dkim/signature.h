// A DKIM-Signature field, read (RFC 6376 §3.5, §6.1.1; RFC 8463 §4.1, RFC 8616 §5), and the two of ARC that are like it
// (RFC 8617 §4.1.2, §4.1.3).
//
// Reading is strict: a value that is not as the RFC says makes the field invalid. Unknown tags are ignored.
#pragma once

#include "base/result.h"
#include "protocol/dns/name.h"
#include "trust/dkim/body_hash.h"
#include "trust/dkim/result.h"
#include "trust/dkim/tag_list.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tegami::dkim {

/// Limits: a local part and a domain (RFC 5321 §4.5.3.1), and what is shown of `b=` (RFC 6008 §4).
inline constexpr std::size_t kIdentityBytesMax = 64 + 1 + 255;
inline constexpr std::size_t kSignatureStartBytes = 8;
/// Limit: names in `h=`; each is looked up.
inline constexpr std::size_t kSignedNamesMax = 1000;

enum class KeyType : std::uint8_t { rsa, ed25519 };

/// "rsa", "ed25519": of `k=`, and of `a=` before "-sha256".
std::string_view to_string(KeyType type);

/// Of ARC the tag `i` is an instance, which who collects the fields has read, and `v` means nothing; a seal has nothing
/// of the message.
enum class SignatureKind : std::uint8_t { dkim, arc_message_signature, arc_seal };

struct Signature {
    KeyType key_type = KeyType::rsa; ///< the hash is SHA-256
    std::string octets;              ///< `b=`
    std::string body_hash;           ///< `bh=`
    Canonicalization header_form = Canonicalization::simple;
    BodyScope body;
    std::string domain; ///< `d=` in A-labels
    std::string identity_domain;
    std::vector<std::string> signed_names; ///< `h=`
    dns::Name key_name;
    std::optional<std::uint64_t> made_at;    ///< `t=`, seconds since 1970
    std::optional<std::uint64_t> expires_at; ///< `x=`
};

/// As much as can be read of a list that may be no valid signature. Those of ARC have no identity.
Claims read_claims(const TagList& tags, SignatureKind kind = SignatureKind::dkim);

/// Whether it is still, or already, good is not looked at.
Result<Signature, Fault> parse_signature(const TagList& tags, SignatureKind kind = SignatureKind::dkim);

} // namespace tegami::dkim
