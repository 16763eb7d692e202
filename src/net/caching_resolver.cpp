#include "net/caching_resolver.h"

#include "base/ascii.h"

#include <algorithm>
#include <utility>

namespace tegami::net {

namespace {

/// What finds an answer: names are compared without regard to case (RFC 4343).
std::string key_of(const dns::Name& name, dns::Type type) {
    const auto number = static_cast<std::uint16_t>(type);
    std::string key;
    key.reserve(name.wire().size() + sizeof number);
    key = name.wire();
    std::ranges::transform(key, key.begin(), ascii::to_lower);
    key.push_back(static_cast<char>(number >> 8U));
    key.push_back(static_cast<char>(number));
    return key;
}

std::size_t bytes_of(const dns::Data& data) {
    const auto* const text = std::get_if<dns::TxtData>(&data);
    if (text == nullptr) return dns::kNameBytesMax;
    std::size_t bytes = 0;
    for (const std::string& each : text->strings)
        bytes += sizeof(std::string) + each.capacity();
    return bytes;
}

/// About what an entry takes.
std::size_t bytes_of(const std::string& key, const DnsAnswer& answer) {
    std::size_t bytes = 2 * sizeof(DnsAnswer) + key.capacity() + answer.text.capacity();
    for (const dns::Record& record : answer.records)
        bytes += sizeof(dns::Record) + record.name.wire().capacity() + bytes_of(record.data);
    for (const dns::Name& alias : answer.aliases)
        bytes += sizeof(dns::Name) + alias.wire().capacity();
    return bytes;
}

} // namespace

async::Awaitable<DnsAnswer> CachingResolver::query(dns::Name name, dns::Type type) {
    if (auto known = remembered(name, type)) co_return *std::move(known);
    std::string key = key_of(name, type);
    DnsAnswer answer = co_await asked_->query(std::move(name), type);
    const Duration time = is_temporary(answer.status)
                              ? Duration(kFailureTime)
                              : std::min<Duration>(std::chrono::seconds(answer.ttl_seconds), kRememberedTime);
    if (time > Duration::zero()) remember(std::move(key), answer, time);
    co_return answer;
}

std::optional<DnsAnswer> CachingResolver::remembered(const dns::Name& name, dns::Type type) {
    std::string key = key_of(name, type);
    const Instant now = timers_->instant();
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.guard);
    auto found = shard.young.find(key);
    if (found == shard.young.end()) {
        auto moved = shard.old.extract(key);
        if (moved.empty()) return std::nullopt;
        add(shard, std::move(moved.key()), std::move(moved.mapped()));
        found = shard.young.find(key);
    }
    const Entry& entry = found->second;
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(entry.until - now).count();
    if (entry.until <= now) {
        shard.young_bytes -= entry.bytes;
        shard.young.erase(found);
        return std::nullopt;
    }
    DnsAnswer answer = entry.answer;
    answer.ttl_seconds = static_cast<std::uint32_t>(left);
    return answer;
}

void CachingResolver::remember(std::string key, const DnsAnswer& answer, Duration time) {
    Entry entry{.answer = answer, .until = timers_->instant() + time, .bytes = bytes_of(key, answer)};
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.guard);
    shard.old.erase(key);
    if (const auto before = shard.young.extract(key)) shard.young_bytes -= before.mapped().bytes;
    add(shard, std::move(key), std::move(entry));
}

/// Makes it a young one; the young ones become old if there is no room for it.
void CachingResolver::add(Shard& shard, std::string key, Entry entry) const {
    if (entry.bytes > generation_bytes_max_) return;
    if (shard.young_bytes + entry.bytes > generation_bytes_max_) {
        shard.old = std::exchange(shard.young, {});
        shard.young_bytes = 0;
    }
    shard.young_bytes += entry.bytes;
    shard.young.insert_or_assign(std::move(key), std::move(entry));
}

} // namespace tegami::net
