// Which form a store's records have: docs/formats/engine_rocksdb.md, "Schema versions".
#pragma once

#include <cstdint>

namespace tegami::store {

/// The schema of a store that this program makes.
inline constexpr std::uint32_t kSchemaVersion = 7;

/// What a store says of itself.
struct SchemaMark {
    std::uint32_t version = kSchemaVersion;
    bool complete = true; ///< false: a step to this schema, or back from it, has begun and must be ended

    bool operator==(const SchemaMark&) const = default;
};

} // namespace tegami::store
