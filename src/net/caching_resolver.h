// Remembers answers for as long as they hold, so that what every message asks (the sender policy of a large provider,
// its keys) costs neither a question nor a way to another thread.
//
// 1. An answer is remembered for its TTL, and no longer than kRememberedTime; that there is none (failures, forged
//    answers) for kFailureTime.
// 2. A hit has the octets of the first answer; of its TTL what is left.
// 3. What is remembered takes at most the octets that it is given: of two generations the older one is forgotten when
//    the younger is full, and what is asked again becomes young.
#pragma once

#include "async/timer.h"
#include "net/resolver.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace tegami::net {

/// Limit: how long an answer is remembered, whatever its TTL.
inline constexpr auto kRememberedTime = std::chrono::hours(1);
/// RFC 9520 §3.2: at least this long; the resolver behind knows how soon to try again.
inline constexpr auto kFailureTime = std::chrono::seconds(1);
/// Limit: octets of all that is remembered; an entry of a usual answer takes some 500.
inline constexpr std::size_t kRememberedBytesMax = std::size_t{16} << 20;

class CachingResolver final : public Resolver {
public:
    /// `timers` outlive it.
    CachingResolver(std::unique_ptr<Resolver> asked, async::Timers* timers, std::size_t bytes_max = kRememberedBytesMax)
        : asked_(std::move(asked)), timers_(timers), generation_bytes_max_(bytes_max / (2 * kShards)) {}

    async::Awaitable<DnsAnswer> query(dns::Name name, dns::Type type) override;
    std::optional<DnsAnswer> remembered(const dns::Name& name, dns::Type type) override;

private:
    static constexpr std::size_t kShards = 16;

    struct Entry {
        DnsAnswer answer;
        Instant until{};
        std::size_t bytes = 0;
    };

    using Generation = std::unordered_map<std::string, Entry>;

    /// Of the names whose hash leads here.
    struct Shard {
        std::mutex guard;
        Generation young;
        Generation old;
        std::size_t young_bytes = 0;
    };

    Shard& shard_of(const std::string& key) { return shards_[std::hash<std::string>{}(key) % kShards]; }

    void remember(std::string key, const DnsAnswer& answer, Duration time);
    void add(Shard& shard, std::string key, Entry entry) const;

    const std::unique_ptr<Resolver> asked_;
    async::Timers* const timers_;
    const std::size_t generation_bytes_max_;
    std::array<Shard, kShards> shards_;
};

} // namespace tegami::net
