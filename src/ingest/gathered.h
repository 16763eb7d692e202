// Messages of one request on their way into blobs: some are ended together, so that the disk is waited for once for all of
// them and not once for each.
#pragma once

#include "ingest/intake.h"

#include <memory>
#include <vector>

namespace tegami::ingest {

class Gathered {
public:
    /// One that has come whole (Intake::complete()) and has `octets`.
    void add(std::unique_ptr<Intake> intake, std::uint64_t octets);

    /// Whether store() is due: what waits is held in memory, as much as two large messages.
    bool is_full() const;

    /// Ends their blobs, without a front; what became of each, in the order in which they were added. Errors of
    /// Intake::store().
    async::Awaitable<store::StoreResult<std::vector<Arrival>>> store();

private:
    std::vector<std::unique_ptr<Intake>> intakes_;
    std::uint64_t octets_ = 0;
};

} // namespace tegami::ingest
