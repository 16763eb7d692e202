#include "delivery/intake.h"

#include <algorithm>
#include <utility>

namespace tegami::delivery {

namespace {

/// Limit: octets that a blob writer holds before they go to the disk (store/engine/blob_builder.h).
constexpr std::uint64_t kWriterBytesMax = 1u << 20;
/// What a message takes however small it is.
constexpr std::uint64_t kLeastBytes = 8 * 1024;
/// What the parser holds of messages that real people write is less.
constexpr std::size_t kHeavyBytes = 48 * 1024;

} // namespace

Intake::Intake(store::Engine& engine)
    : blob_(engine.new_blob()), holding_(false), charge_(nullptr), workers_(nullptr) {}

Intake::Intake(store::Engine& engine, Guards guards, FrontMatter front_matter)
    : blob_(engine.new_blob()), front_matter_(std::move(front_matter)), holding_(static_cast<bool>(front_matter_)),
      charge_(&guards.memory), workers_(&guards.workers) {}

store::StoreResult<> Intake::count() {
    const std::uint64_t bytes =
        kLeastBytes + std::min(written_bytes_, kWriterBytesMax) + held_.capacity() + parser_.memory_bytes();
    if (charge_.resize(bytes)) return {};
    return failure(store::Error{store::ErrorCode::unavailable, "too many messages at once for the memory budget"});
}

/// Whether the next piece may take a thread for more than a moment: so many parts, or so long a header.
bool Intake::is_heavy() const {
    return workers_ != nullptr && parser_.memory_bytes() > kHeavyBytes;
}

async::Awaitable<store::StoreResult<>> Intake::append(std::string octets) {
    CO_TRY_VOID(count());
    if (!holding_) co_return co_await write(std::move(octets));
    const std::size_t looked_at = held_.size() < 3 ? 0 : held_.size() - 3;
    held_ += octets;
    const bool header_complete = held_.starts_with("\r\n") || held_.find("\r\n\r\n", looked_at) != std::string::npos;
    if (!header_complete && held_.size() < kHeldHeaderBytesMax) co_return store::StoreResult<>{};
    co_return co_await release_header();
}

async::Awaitable<store::StoreResult<>> Intake::release_header() {
    holding_ = false;
    const message::Header header(held_);
    hops_ = header.find_all("Received").size();
    std::string octets = front_matter_(header);
    octets += held_;
    std::string().swap(held_); // assigning would keep its memory
    co_return co_await write(std::move(octets));
}

async::Awaitable<store::StoreResult<>> Intake::write(std::string octets) {
    written_bytes_ += octets.size();
    if (is_heavy()) {
        co_await async::run(workers_, [&] { parser_.feed(octets); });
    } else {
        parser_.feed(octets);
    }
    co_return co_await blob_->append(std::move(octets));
}

async::Awaitable<store::StoreResult<Arrival>> Intake::finish() {
    if (holding_) {
        CO_TRY_VOID(co_await release_header());
    }
    CO_TRY_VOID(count());
    Arrival arrival{.blob = {}, .card = {}, .hops = hops_};
    std::string encoded;
    const auto make = [&] {
        arrival.card = message::make_card(parser_.finish());
        encoded = message::encode_card(arrival.card);
    };
    if (is_heavy()) {
        co_await async::run(workers_, make);
    } else {
        make();
    }
    CO_TRY(arrival.blob, co_await blob_->finish(std::move(encoded), {}));
    co_return arrival;
}

} // namespace tegami::delivery
