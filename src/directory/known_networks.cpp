#include "directory/known_networks.h"

#include "directory/engine_access.h"

#include <algorithm>

namespace tegami::directory {

std::uint64_t KnownNetworks::today() const {
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::days>(clock_.now()).time_since_epoch().count());
}

async::Awaitable<DirectoryResult<bool>> KnownNetworks::contains(AccountId account, std::string network) {
    const auto row = co_await get_row(&engine_, records::known_networks_key(account), &records::decode_known_networks);
    if (!row) co_return failure(row.error());
    if (!*row) co_return false;
    const auto found = std::ranges::find(**row, network, &KnownNetwork::network);
    co_return found != (*row)->end() && today() < found->day + kKnownNetworkTime.count();
}

async::Awaitable<DirectoryResult<>> KnownNetworks::note(AccountId account, std::string network) {
    const std::string key = records::known_networks_key(account);
    const std::uint64_t day = today();
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
        const auto address = co_await get_row(&engine_, records::id_key(account), &records::decode_address);
        if (!address) co_return failure(address.error());
        if (!*address) co_return DirectoryResult<>(); // removed meanwhile
        const auto row = co_await get_row(&engine_, key, &records::decode_known_networks);
        if (!row) co_return failure(row.error());
        std::vector<KnownNetwork> networks = row->value_or(std::vector<KnownNetwork>());
        const auto found = std::ranges::find(networks, network, &KnownNetwork::network);
        if (found != networks.end() && found->day == day) co_return DirectoryResult<>();
        // The last used stands in front.
        if (found != networks.end()) networks.erase(found);
        networks.insert(networks.begin(), {.network = network, .day = day});
        if (networks.size() > kKnownNetworksMax) networks.pop_back();
        store::KeyAssertion unchanged{.key = key};
        if (*row) unchanged.value = records::encode(**row);
        store::Batch batch{.domain = kShard,
                           .assertions = {std::move(unchanged),
                                          {.key = records::id_key(account), .value = records::encode(**address)}},
                           .operations = {store::Put{key, records::encode(networks)}}};
        const auto committed = co_await engine_.commit(std::move(batch));
        if (committed) co_return DirectoryResult<>();
        if (committed.error().code != store::ErrorCode::conflict) co_return failure(from_store(committed.error()));
    }
    co_return failure(busy());
}

} // namespace tegami::directory
