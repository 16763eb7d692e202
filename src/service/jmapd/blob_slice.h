// A range of a blob's octets, decoded, a piece at a time (RFC 9404).
#pragma once

#include "store/part_reader.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tegami::jmapd {

class BlobSlice {
public:
    /// The store outlives it. `length`: nothing for all that follow `offset`.
    BlobSlice(store::Store* store, store::PartPlace blob, std::uint64_t offset, std::optional<std::uint64_t> length);

    /// The next octets; none only at the end.
    async::Awaitable<store::StoreResult<std::string>> next();

    /// At the end: the blob does not have all of the range.
    bool is_cut() const { return skip_ != 0 || left_.value_or(0) != 0; }

private:
    store::PartReader reader_;
    std::uint64_t skip_; ///< octets before the range
    std::optional<std::uint64_t> left_;
};

} // namespace tegami::jmapd
