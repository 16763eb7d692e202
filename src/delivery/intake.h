// Takes a message's octets as they arrive, writes them to a blob and makes the card on the way: for DATA, APPEND and
// the reports we write ourselves.
//
// 1. Memory is bounded by kHeldHeaderBytesMax and the parser's and the blob writer's limits, whatever the size of the
//    message, and counted against the budget as it grows.
// 2. What is put in front of the message (trace fields, missing fields) is part of the blob and of the card.
// 3. Dropping the intake before finish() leaves nothing behind.
#pragma once

#include "async/awaitable.h"
#include "async/worker_pool.h"
#include "base/memory_budget.h"
#include "message/card.h"
#include "message/header.h"
#include "message/structure.h"
#include "store/engine/engine.h"

#include <functional>
#include <memory>
#include <string>

namespace tegami::delivery {

/// Limit: header octets held back until what goes in front of them is known; a longer header is judged by these.
inline constexpr std::size_t kHeldHeaderBytesMax = 128 * 1024;

/// A message that is in a blob: durable no later than the first batch that references it.
struct Arrival {
    store::BlobRef blob;
    message::Card card;
    /// Received fields that were there before our front matter (RFC 5321 §6.3); 0 without front matter.
    std::size_t hops = 0;
};

class Intake {
public:
    /// Given the header as far as it is held, returns the octets to put in front of the message: whole fields.
    using FrontMatter = std::function<std::string(const message::Header& header)>;

    /// For messages of others: where their memory is counted, and where a message is taken apart that is made to take
    /// long. Both outlive the intake.
    struct Guards {
        MemoryBudget& memory;
        async::WorkerPool& workers;
    };

    /// For what we write ourselves: nothing is counted.
    explicit Intake(store::Engine& engine);
    /// Nothing is put in front if `front_matter` is empty.
    Intake(store::Engine& engine, Guards guards, FrontMatter front_matter = {});

    /// The next octets of the message. Errors: no_space, unavailable (also: too many messages at once for the budget).
    async::Awaitable<store::StoreResult<>> append(std::string octets);
    /// The message is complete.
    async::Awaitable<store::StoreResult<Arrival>> finish();

private:
    async::Awaitable<store::StoreResult<>> release_header();
    async::Awaitable<store::StoreResult<>> write(std::string octets);
    store::StoreResult<> count();
    bool is_heavy() const;

    std::unique_ptr<store::BlobWriter> blob_;
    message::StructureParser parser_;
    FrontMatter front_matter_;
    bool holding_;
    std::string held_;
    std::size_t hops_ = 0;
    std::uint64_t written_bytes_ = 0;
    MemoryBudget::Charge charge_;
    async::WorkerPool* workers_;
};

} // namespace tegami::delivery
