// Walks everything the store keeps in an engine, decodes every record and checks what must hold between them.
//
// 1. It changes nothing and needs no lock: where something seems wrong that a change in between may explain, it looks
//    again, a few times.
// 2. A record that cannot be read is reported by its key, and the walk goes on.
#pragma once

#include "async/awaitable.h"
#include "base/progress.h"
#include "store/engine/engine.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tegami::store {

/// Limit: problems reported in full; more are only counted.
inline constexpr std::size_t kProblemsMax = 1000;

struct VerifyReport {
    std::uint64_t accounts = 0;
    std::uint64_t mailboxes = 0;
    std::uint64_t messages = 0;
    std::uint64_t emails = 0;
    std::uint64_t queue_entries = 0;
    std::uint64_t journey_events = 0;
    std::uint64_t records = 0;
    std::uint64_t problems = 0;
    std::vector<std::string> findings; ///< in plain words, with the domain and the key in hexadecimal

    bool sound() const { return problems == 0; }
};

struct VerifyOptions {
    /// Let the engine read all its octets too, so that every checksum is checked (Engine::check).
    bool read_blobs = false;
    /// How people call the accounts.
    std::map<AccountId, std::string> names;
    ProgressPtr progress = std::make_shared<Progress>();
};

/// Errors: unavailable (the engine cannot be read at all).
async::Awaitable<StoreResult<VerifyReport>> verify(Engine* engine, VerifyOptions options);

} // namespace tegami::store
