#include "ingest/gathered.h"

#include "async/all_of.h"

namespace tegami::ingest {

namespace {

/// Limit: messages that wait, and octets of them.
constexpr std::size_t kGatheredMax = 32;
constexpr std::uint64_t kGatheredBytesMax = 2U << 20;

async::Awaitable<> store_one(Intake* intake, store::StoreResult<Arrival>* into) {
    *into = co_await intake->store({}, {});
}

} // namespace

void Gathered::add(std::unique_ptr<Intake> intake, std::uint64_t octets) {
    intakes_.push_back(std::move(intake));
    octets_ += octets;
}

bool Gathered::is_full() const {
    return intakes_.size() >= kGatheredMax || octets_ >= kGatheredBytesMax;
}

async::Awaitable<store::StoreResult<std::vector<Arrival>>> Gathered::store() {
    const std::vector<std::unique_ptr<Intake>> intakes = std::exchange(intakes_, {});
    octets_ = 0;
    std::vector<store::StoreResult<Arrival>> results(intakes.size(), Arrival());
    std::vector<async::Awaitable<>> works;
    for (std::size_t at = 0; at < intakes.size(); ++at)
        works.push_back(store_one(intakes[at].get(), &results[at]));
    co_await async::all_of(std::move(works));
    std::vector<Arrival> arrivals;
    arrivals.reserve(results.size());
    for (store::StoreResult<Arrival>& result : results) {
        CO_TRY(Arrival arrival, std::move(result));
        arrivals.push_back(std::move(arrival));
    }
    co_return arrivals;
}

} // namespace tegami::ingest
