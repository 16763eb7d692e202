#include "ingest/intake.h"

#include "base/assert.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace tegami::ingest {

namespace {

/// Limit: octets that a blob writer holds before they go to the disk (store/engine/blob_builder.h).
constexpr std::uint64_t kWriterBytesMax = 1u << 20;
/// What a message takes however small it is.
constexpr std::uint64_t kLeastBytes = 8 * 1024;
/// What the parser holds of messages that real people write is less.
constexpr std::size_t kHeavyBytes = 48 * 1024;
/// Limit: ids kept of each field that leads to a message's conversation; the store looks at fewer.
constexpr std::size_t kThreadIdsMax = 14;

} // namespace

store::Error no_memory() {
    return {store::ErrorCode::unavailable, "too many messages at once for the memory budget"};
}

store::ThreadHints thread_hints(const message::Card& card) {
    const auto count = [](const std::vector<std::string>& ids) {
        return static_cast<std::ptrdiff_t>(std::min(ids.size(), kThreadIdsMax));
    };
    return {.message_id = card.message_id,
            .in_reply_to = {card.in_reply_to.begin(), card.in_reply_to.begin() + count(card.in_reply_to)},
            .references = {card.references.end() - count(card.references), card.references.end()}};
}

Intake::Intake(store::Engine& engine) : blob_(engine.new_blob()), charge_(nullptr), workers_(nullptr) {}

Intake::Intake(store::Engine& engine, Guards guards)
    : blob_(engine.new_blob()), charge_(&guards.memory), workers_(&guards.workers) {}

store::StoreResult<> Intake::count() {
    if (charge_.resize(kLeastBytes + std::min(written_bytes_, kWriterBytesMax) + parser_.memory_bytes())) return {};
    return failure(no_memory());
}

/// Whether the next piece may take a thread for more than a moment: so many parts, or so long a header.
bool Intake::is_heavy() const {
    return workers_ != nullptr && parser_.memory_bytes() > kHeavyBytes;
}

void Intake::add_tap(Tap tap) {
    taps_.push_back(std::move(tap));
}

void Intake::show_taps(std::string_view octets) {
    const auto has_enough = [octets](const Tap& tap) {
        try {
            return !tap(octets);
        } catch (const std::exception&) {
            return true;
        }
    };
    std::erase_if(taps_, has_enough);
}

async::Awaitable<store::StoreResult<>> Intake::append(std::string octets) {
    ASSERT(!letter_);
    CO_TRY_VOID(count());
    octets = line_ends_.complete(std::move(octets));
    co_return co_await take(std::move(octets));
}

/// Takes octets as they are stored.
async::Awaitable<store::StoreResult<>> Intake::take(std::string octets) {
    written_bytes_ += octets.size();
    show_taps(octets);
    if (is_heavy()) {
        co_await async::run(workers_, [&] { parser_.feed(octets); });
    } else {
        parser_.feed(octets);
    }
    co_return co_await blob_->append(std::move(octets));
}

async::Awaitable<store::StoreResult<const Letter*>> Intake::complete() {
    ASSERT(!letter_);
    CO_TRY_VOID(count());
    std::string rest = line_ends_.finish();
    if (!rest.empty()) {
        CO_TRY_VOID(co_await take(std::move(rest)));
    }
    const auto make = [this] {
        message::Structure structure = parser_.finish();
        letter_.emplace(Letter{.card = {}, .header_bytes = structure.header_bytes});
        letter_->card = message::make_card(std::move(structure));
    };
    heavy_ = is_heavy();
    if (heavy_) {
        co_await async::run(workers_, make);
    } else {
        make();
    }
    co_return &*letter_;
}

async::Awaitable<store::StoreResult<Arrival>> Intake::store(std::string front, std::string journey) {
    ASSERT(letter_);
    Arrival arrival{.blob = {}, .card = std::move(letter_->card), .card_octets = {}};
    const auto make = [&] {
        message::put_in_front(front, arrival.card);
        arrival.card.journey = std::move(journey);
        arrival.card_octets = message::encode_card(arrival.card);
    };
    if (heavy_) {
        co_await async::run(workers_, make);
    } else {
        make();
    }
    std::string card = arrival.card_octets;
    CO_TRY(arrival.blob, co_await blob_->finish(std::move(card), std::move(front)));
    co_return arrival;
}

} // namespace tegami::ingest
