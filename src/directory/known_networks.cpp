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
    const auto address = co_await get_row(&engine_, records::id_key(account), &records::decode_address);
    if (!address) co_return failure(address.error());
    if (!*address) co_return DirectoryResult<>(); // removed meanwhile
    // No row of an account that is gone: the id must still be there.
    const store::KeyAssertion exists{.key = records::id_key(account), .value = records::encode(**address)};
    const std::string key = records::known_networks_key(account);
    const auto decide =
        [&, day = today()](std::optional<std::vector<KnownNetwork>> row) -> DirectoryResult<store::Update> {
        std::vector<KnownNetwork> networks = std::move(row).value_or(std::vector<KnownNetwork>());
        const auto found = std::ranges::find(networks, network, &KnownNetwork::network);
        if (found != networks.end() && found->day == day) return store::Update();
        // The last used stands in front.
        if (found != networks.end()) networks.erase(found);
        networks.insert(networks.begin(), {.network = network, .day = day});
        if (networks.size() > kKnownNetworksMax) networks.pop_back();
        store::Update update;
        update.operations.emplace_back(store::Put{key, records::encode(networks)});
        update.assertions.push_back(exists);
        return update;
    };
    co_return co_await update_row(&engine_, key, &records::decode_known_networks, decide);
}

} // namespace tegami::directory
