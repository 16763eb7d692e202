// Where each account has logged in from: networks, kept in the directory's rows, so that guessing at a login from
// elsewhere never locks its owner out of them, also after a restart. docs/formats/directory.md, row `k`.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "directory/types.h"
#include "store/engine/engine.h"

#include <chrono>
#include <cstddef>
#include <string>

namespace tegami::directory {

/// Limit: networks remembered of one account; the one used longest ago gives way.
inline constexpr std::size_t kKnownNetworksMax = 32;
/// How long a network is known after the last login from it.
inline constexpr auto kKnownNetworkTime = std::chrono::days(180);

class KnownNetworks {
public:
    /// Both outlive it.
    KnownNetworks(store::Engine& engine, const Clock& clock) : engine_(engine), clock_(clock) {}

    /// Whether the account has logged in from this network.
    async::Awaitable<DirectoryResult<bool>> contains(AccountId account, std::string network);
    /// A login from this network; written at most once a day.
    async::Awaitable<DirectoryResult<>> note(AccountId account, std::string network);

private:
    std::uint64_t today() const;

    store::Engine& engine_;
    const Clock& clock_;
};

} // namespace tegami::directory
