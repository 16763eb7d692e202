// Reads records of one version of an account, around what the disk has damaged.
#pragma once

#include "base/log.h"
#include "store/engine/engine.h"
#include "store/ids.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tegami::store {

/// A record and the number (UID, page, mailbox, email) that its key ends with.
struct NumberedRow {
    std::uint32_t number;
    Row row;
};

/// A value: copies are as good. Everything it answers belongs to `version`; where the domain has moved on, the answer
/// is the error `conflict`, and the caller begins again with what it keeps in memory.
class RecordReader {
public:
    /// `log` may be null.
    RecordReader(Engine* engine, Domain domain, Version version, Log* log)
        : engine_(engine), domain_(domain), version_(version), log_(log) {}

    /// The rows of [begin, end) that can be read; each range that cannot is logged and added to `damaged`.
    async::Awaitable<StoreResult<std::vector<Row>>> around(std::string begin, std::string end,
                                                           std::vector<DamagedKeys>* damaged) const;
    /// The rows whose key is `prefix` and a number from `first` to `last`, in order. The numbers of those that cannot
    /// be read, if they are there at all, go into `unreadable`.
    async::Awaitable<StoreResult<std::vector<NumberedRow>>> numbered(std::string prefix, std::uint32_t first,
                                                                     std::uint32_t last, UidSet* unreadable) const;
    /// The lowest such row from `first` on, if there is one. Sets `damaged` if something before it cannot be read.
    async::Awaitable<StoreResult<std::optional<NumberedRow>>> next_numbered(std::string prefix, std::uint32_t first,
                                                                            bool* damaged) const;
    /// One value. Errors: damaged.
    async::Awaitable<StoreResult<std::optional<std::string>>> get(std::string key) const;

    /// Logs that a record cannot be read.
    void tell_damage(std::string record) const;

    const Domain& domain() const { return domain_; }

    Version version() const { return version_; }

private:
    async::Awaitable<StoreResult<>> check_version() const;
    async::Awaitable<StoreResult<>> probe(std::string prefix, std::vector<std::uint32_t> numbers,
                                          std::vector<NumberedRow>* rows, UidSet* unreadable) const;

    Engine* engine_;
    Domain domain_;
    Version version_;
    Log* log_;
};

} // namespace tegami::store
