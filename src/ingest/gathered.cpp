#include "ingest/gathered.h"

#include "async/all_of.h"
#include "base/assert.h"
#include "message/line_ends.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tegami::ingest {

namespace {

/// Limit: messages that wait, and octets of them.
constexpr std::size_t kGatheredMax = 32;
constexpr std::uint64_t kGatheredBytesMax = 2U << 20;
/// What a small message takes beside its octets: its card, twice.
constexpr std::uint64_t kSmallBytes = 4 * 1024;
/// Octets that Intake takes at once.
constexpr std::size_t kPieceBytes = 16 * 1024;

std::unique_ptr<Intake> new_intake(const GatheredDependencies& dependencies) {
    if (dependencies.memory == nullptr) return std::make_unique<Intake>(*dependencies.engine);
    return std::make_unique<Intake>(*dependencies.engine,
                                    Intake::Guards{.memory = *dependencies.memory, .workers = *dependencies.workers});
}

/// A whole message through an intake of its own.
async::Awaitable<store::StoreResult<std::unique_ptr<Intake>>> take_in(const GatheredDependencies* dependencies,
                                                                      std::string octets) {
    std::unique_ptr<Intake> intake = new_intake(*dependencies);
    for (std::size_t at = 0; at < octets.size(); at += kPieceBytes) {
        std::string piece = octets.substr(at, kPieceBytes);
        CO_TRY_VOID(co_await intake->append(std::move(piece)));
    }
    CO_TRY_VOID(co_await intake->complete());
    co_return intake;
}

} // namespace

/// A small one: as it came, and then what became of it.
struct Gathered::Small {
    std::string octets;
    MemoryBudget::Charge charge;
    std::unique_ptr<store::BlobWriter> blob;
    Arrival arrival;
};

/// Some messages that have come whole.
class Gathered::Batch {
public:
    Batch(GatheredDependencies dependencies, std::vector<Message> messages)
        : dependencies_(dependencies), messages_(std::move(messages)) {}

    /// Makes their cards, and what is to be written of them.
    async::Awaitable<> make(store::StoreResult<>* made);
    /// After make(): ends their blobs; what became of each, in their order.
    async::Awaitable<> store(store::StoreResult<std::vector<Arrival>>* stored);

private:
    async::Awaitable<store::StoreResult<>> make_alone();
    store::StoreResult<> make_small();
    static async::Awaitable<> store_one(Message* message, store::StoreResult<Arrival>* into);

    const GatheredDependencies dependencies_;
    std::vector<Message> messages_;
};

async::Awaitable<> Gathered::Batch::make(store::StoreResult<>* made) {
    const auto is_small = [](const Message& message) { return std::holds_alternative<Small>(message); };
    if (std::ranges::none_of(messages_, is_small)) co_return;
    if (messages_.size() == 1)
        *made = co_await make_alone();
    else if (dependencies_.workers == nullptr)
        *made = make_small();
    else
        *made = co_await async::run(dependencies_.workers, [this] { return make_small(); });
}

/// On this thread, as far as it does not take long.
async::Awaitable<store::StoreResult<>> Gathered::Batch::make_alone() {
    std::string octets = std::move(std::get<Small>(messages_.front()).octets);
    messages_.clear(); // with its charge
    CO_TRY(std::unique_ptr<Intake> intake, co_await take_in(&dependencies_, std::move(octets)));
    messages_.emplace_back(std::move(intake));
    co_return store::StoreResult<>{};
}

store::StoreResult<> Gathered::Batch::make_small() {
    for (Message& message : messages_) {
        Small* const small = std::get_if<Small>(&message);
        if (small == nullptr) continue;
        message::LineEnds line_ends;
        std::string octets = line_ends.complete(std::move(small->octets));
        octets += line_ends.finish();
        small->arrival.card = message::make_card(message::parse_structure(octets));
        small->arrival.card_octets = message::encode_card(small->arrival.card);
        small->blob = dependencies_.engine->new_blob();
        TRY_VOID(small->blob->prepare(std::move(octets), small->arrival.card_octets));
    }
    return {};
}

async::Awaitable<> Gathered::Batch::store_one(Message* message, store::StoreResult<Arrival>* into) {
    if (auto* const intake = std::get_if<std::unique_ptr<Intake>>(message)) {
        *into = co_await (*intake)->store({}, {});
        co_return;
    }
    Small& small = std::get<Small>(*message);
    const store::StoreResult<store::BlobRef> blob = co_await small.blob->write();
    if (blob) {
        small.arrival.blob = *blob;
        *into = std::move(small.arrival);
    } else {
        *into = failure(blob.error());
    }
}

async::Awaitable<> Gathered::Batch::store(store::StoreResult<std::vector<Arrival>>* stored) {
    std::vector<store::StoreResult<Arrival>> results(messages_.size(), Arrival());
    std::vector<async::Awaitable<>> works;
    for (std::size_t at = 0; at < messages_.size(); ++at)
        works.push_back(store_one(&messages_[at], &results[at]));
    co_await async::all_of(std::move(works));
    for (store::StoreResult<Arrival>& result : results) {
        if (result)
            (*stored)->push_back(*std::move(result));
        else if (*stored)
            *stored = failure(std::move(result).error());
        if (!*stored) co_return;
    }
}

Gathered::Gathered(GatheredDependencies dependencies) : dependencies_(dependencies) {}

Gathered::~Gathered() = default;

void Gathered::begin(std::uint64_t octets) {
    octets_coming_ = octets;
    if (octets > kHeldWholeBytesMax)
        coming_ = std::make_unique<Message>(new_intake(dependencies_));
    else
        coming_ = std::make_unique<Message>(Small{.charge = MemoryBudget::Charge(dependencies_.memory)});
}

async::Awaitable<store::StoreResult<>> Gathered::append(std::string octets) {
    ASSERT(coming_);
    if (auto* const intake = std::get_if<std::unique_ptr<Intake>>(coming_.get()))
        co_return co_await (*intake)->append(std::move(octets));
    Small& small = std::get<Small>(*coming_);
    if (small.octets.size() + octets.size() > octets_coming_)
        co_return failure(store::Error{store::ErrorCode::invalid, "a message is longer than was said"});
    if (!small.charge.resize(kSmallBytes + octets_coming_)) co_return failure(no_memory());
    if (small.octets.empty()) small.octets.reserve(octets_coming_);
    small.octets += octets;
    co_return store::StoreResult<>{};
}

async::Awaitable<store::StoreResult<>> Gathered::complete() {
    ASSERT(coming_);
    if (auto* const intake = std::get_if<std::unique_ptr<Intake>>(coming_.get())) {
        CO_TRY_VOID(co_await (*intake)->complete());
    }
    whole_.push_back(std::move(*coming_));
    coming_.reset();
    octets_whole_ += octets_coming_;
    co_return store::StoreResult<>{};
}

bool Gathered::is_full() const {
    return whole_.size() >= kGatheredMax || octets_whole_ >= kGatheredBytesMax;
}

bool Gathered::empty() const {
    return whole_.empty() && making_ == nullptr && writing_ == nullptr;
}

async::Awaitable<store::StoreResult<std::vector<Arrival>>> Gathered::advance(async::Awaitable<> more) {
    store::StoreResult<> made;
    store::StoreResult<std::vector<Arrival>> stored;
    if (!whole_.empty()) {
        ASSERT(making_ == nullptr);
        making_ = std::make_unique<Batch>(dependencies_, std::exchange(whole_, {}));
        octets_whole_ = 0;
    }
    std::vector<async::Awaitable<>> works;
    if (writing_) works.push_back(writing_->store(&stored));
    if (making_) works.push_back(making_->make(&made));
    works.push_back(std::move(more));
    co_await async::all_of(std::move(works));
    writing_ = std::move(making_);
    if (!made) co_return failure(std::move(made).error());
    co_return stored;
}

} // namespace tegami::ingest
