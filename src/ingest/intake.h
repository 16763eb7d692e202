// Takes a message's octets as they arrive, writes them to a blob and makes the card on the way: for DATA, APPEND and
// the letters we write ourselves.
//
// 1. Memory is bounded by the parser's and the blob writer's limits, whatever the size of the message, and counted
//    against the budget as it grows.
// 2. What is put in front of the message is given at the end, when it is known what to say; it is part of the blob and
//    of the card.
// 3. Taps see every octet of the message once, in order, and never the front. A tap that has seen enough or
//    throws hears no more; the message does not notice.
// 4. Every line of what is stored ends in CRLF (message/line_ends.h); taps and parser see the octets that are stored.
// 5. Dropping the intake before store() leaves nothing behind.
#pragma once

#include "async/awaitable.h"
#include "async/worker_pool.h"
#include "base/memory_budget.h"
#include "message/card.h"
#include "message/header.h"
#include "message/line_ends.h"
#include "message/structure.h"
#include "store/account.h"
#include "store/engine/engine.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::ingest {

/// What is known of a message that has come whole.
struct Letter {
    message::Card card;
    /// The octets of its header, at most message::kHeaderBytesMax.
    std::string header_bytes;

    /// Its fields; only as long as the letter is where it is and has no front.
    message::Header header() const { return {header_bytes, card.header_fields, card.header_size}; }
};

/// A message that is in a blob: durable no later than the first batch that references it.
struct Arrival {
    store::BlobRef blob;
    message::Card card;
    std::string card_octets; ///< the card as it is in the blob
};

/// Why a message is not taken that the budget has no room for.
store::Error no_memory();

/// What joins the message to a conversation: of each field the ids nearest to it, more than the store looks at.
store::ThreadHints thread_hints(const message::Card& card);

/// Looks at octets as they stream by, for a moment and without waiting; false: it wants no more of this message.
using Tap = std::function<bool(std::string_view octets)>;

class Intake {
public:
    /// For messages of others: where their memory is counted, and where a message is taken apart that is made to take
    /// long. Both outlive the intake.
    struct Guards {
        MemoryBudget& memory;
        async::WorkerPool& workers;
    };

    /// For what we write ourselves: nothing is counted.
    explicit Intake(store::Engine& engine);
    Intake(store::Engine& engine, Guards guards);

    /// From now on `tap` sees what is appended; taps of one message are asked in the order in which they were added.
    void add_tap(Tap tap);
    /// The next octets of the message. Errors: no_space, unavailable (also: too many messages at once for the budget).
    async::Awaitable<store::StoreResult<>> append(std::string octets);
    /// The message is complete: nothing is appended after this. What is returned lives as long as the intake, until
    /// store(). Errors: unavailable (as above).
    async::Awaitable<store::StoreResult<const Letter*>> complete();
    /// After complete(): ends the blob with `front` (whole header fields, or nothing) before the message; `journey`
    /// goes into the card. Errors: invalid (a front over the engine's limit), no_space, unavailable.
    async::Awaitable<store::StoreResult<Arrival>> store(std::string front, std::string journey);

private:
    void show_taps(std::string_view octets);
    async::Awaitable<store::StoreResult<>> take(std::string octets);
    store::StoreResult<> count();
    bool is_heavy() const;

    std::unique_ptr<store::BlobWriter> blob_;
    message::LineEnds line_ends_;
    message::StructureParser parser_;
    std::vector<Tap> taps_;
    std::optional<Letter> letter_;
    bool heavy_ = false; ///< the letter
    std::uint64_t written_bytes_ = 0;
    MemoryBudget::Charge charge_;
    async::WorkerPool* workers_;
};

} // namespace tegami::ingest
