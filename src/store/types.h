// The names and errors that every part of the store, and its callers, share.
#pragma once

#include "base/result.h"
#include "base/strong_id.h"

#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace tegami::store {

using AccountId = StrongId<struct AccountIdTag, std::uint64_t>;
/// Counts the commits of one engine domain. For an account it is also the modseq (RFC 7162) and the JMAP state.
using Version = StrongId<struct VersionTag, std::uint64_t>;

enum class ErrorCode : std::uint8_t {
    not_found,   ///< what was named does not exist
    exists,      ///< what was to be made is there already
    conflict,    ///< the version or a key assertion did not hold: read again and retry
    invalid,     ///< the request makes no sense (a bad name, a limit that no retry will lift)
    over_quota,  ///< the account is full
    no_space,    ///< the disk is full: nothing was changed, try later
    damaged,     ///< a record fails its checksum or does not decode; `detail` names it
    unavailable, ///< the engine cannot work now (I/O error, closing); a commit has not happened
    unknown,     ///< the answer to a commit was lost: it has happened, whole, or not
};

struct Error {
    ErrorCode code;
    std::string detail; ///< for the log: what, and where
};

template <class T = void>
using StoreResult = Result<T, Error>;

/// Names message bytes for ever; ordered by the time they were made. Never a hash of the content.
struct BlobId {
    std::array<std::uint8_t, 16> octets{};
    auto operator<=>(const BlobId&) const = default;
};

/// A durable (or about to be durable, see Engine::new_blob) piece of immutable bytes.
struct BlobRef {
    BlobId id;
    std::uint64_t size = 0;      ///< octets of the content, without the card
    std::uint32_t card_size = 0; ///< octets of the card that precedes it
    auto operator<=>(const BlobRef&) const = default;
};

} // namespace tegami::store
