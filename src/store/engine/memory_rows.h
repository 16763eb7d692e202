// The rows and references of an engine that keeps them in memory: domains with their versions, and which tags keep
// which blob alive. Pure state, one thread at a time; MemoryEngine and LoggedMemoryEngine are built on it.
#pragma once

#include "store/engine/engine.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::store {

/// A failed result of an engine in memory.
inline std::unexpected<Error> error(ErrorCode code, std::string_view detail) {
    return failure(Error{code, std::string(detail)});
}

class MemoryRows {
public:
    /// Whether the batch may be applied now. Errors: conflict, not_found (a blob that was never added).
    StoreResult<> check(const Batch& batch) const;
    /// The assertions alone. Errors: conflict.
    StoreResult<> check_assertions(const Batch& batch) const;
    /// The blobs alone. Errors: not_found.
    StoreResult<> check_blobs(const Batch& batch) const;
    /// Applies the operations of a batch that was checked; returns the domain's new version.
    Version apply(const Batch& batch);

    Version version(Domain domain) const;
    /// Errors: damaged (see damage_row()).
    StoreResult<Page> scan(Domain domain, const Range& range, std::size_t rows_max) const;
    StoreResult<std::optional<std::string>> get(Domain domain, const std::string& key) const;
    std::vector<Domain> domains(DomainKind kind, std::uint64_t after, std::size_t count_max) const;
    /// Every domain that was ever written, with its version.
    std::map<Domain, Version> versions() const;
    std::uint64_t row_count() const;
    /// From now on the row cannot be read, until it is written over or deleted.
    void damage_row(Domain domain, std::string key);

    /// From now on batches may refer to the blob.
    void add_blob(BlobId blob);
    void remove_blob(BlobId blob);
    bool has_blob(BlobId blob) const;
    bool is_referenced(BlobId blob) const;
    std::vector<BlobId> unreferenced() const;

private:
    struct DomainState {
        Version version;
        std::map<std::string, std::string> rows;
        std::set<std::string> damaged; ///< keys of rows that cannot be read
    };

    const DomainState& find(Domain domain) const;
    void apply(DomainState& domain, const Operation& operation);

    std::map<Domain, DomainState> domains_;
    std::map<BlobId, std::set<std::string>> references_;
};

} // namespace tegami::store
