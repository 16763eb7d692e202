// A new message on its way into a blob of its own, made of octets and of other blobs. It is never whole in memory.
#pragma once

#include "async/awaitable.h"
#include "ingest/intake.h"
#include "message/transfer_encoding.h"
#include "service/jmapd/blob.h"
#include "service/jmapd/call.h"

#include <memory>
#include <string>

namespace tegami::jmapd {

/// Errors of each: no_space, unavailable (also: the memory budget); of octets from a blob also not_found, damaged.
class MessageIntake {
public:
    /// The call outlives it.
    explicit MessageIntake(Call* call);

    async::Awaitable<store::StoreResult<>> append(std::string octets);
    async::Awaitable<store::StoreResult<>> append(store::PartPlace blob, message::TransferEncoding encoding);

    /// The message is complete; what is returned lives until store().
    async::Awaitable<store::StoreResult<const ingest::Letter*>> complete() { co_return co_await intake_->complete(); }

    bool has_nul() const { return has_nul_; }

    /// After complete(). Durable no later than the first batch that refers to it.
    async::Awaitable<store::StoreResult<ingest::Arrival>> store() {
        std::string front;
        std::string journey;
        co_return co_await intake_->store(std::move(front), std::move(journey));
    }

private:
    Call* const call_;
    const std::unique_ptr<ingest::Intake> intake_;
    MemoryBudget::Charge pieces_;
    bool has_nul_ = false;
};

} // namespace tegami::jmapd
