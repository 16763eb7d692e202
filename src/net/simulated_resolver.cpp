#include "net/simulated_resolver.h"

#include "base/assert.h"

#include <algorithm>

namespace tegami::net {

namespace {

/// Limit: as resolvers have one.
constexpr std::size_t kAliasesMax = 11;
constexpr std::uint32_t kTtlSeconds = 300;

dns::Name name_of(std::string_view text) {
    const auto name = dns::Name::parse(text);
    ASSERT(name);
    return *name;
}

} // namespace

void SimulatedResolver::add(std::string_view name, std::string_view type, std::string_view data) {
    const auto known = dns::parse_type(type);
    ASSERT(known);
    auto parsed = dns::parse_rdata(*known, data);
    ASSERT(parsed);
    add(dns::Record{name_of(name), *known, kTtlSeconds, std::move(*parsed)});
}

void SimulatedResolver::add(dns::Record record) {
    const dns::Name name = record.name;
    records_.emplace(name, std::move(record));
}

void SimulatedResolver::fail(std::string_view name, DnsStatus status) {
    failures_[name_of(name)] = status;
}

void SimulatedResolver::forget_failure(std::string_view name) {
    failures_.erase(name_of(name));
}

void SimulatedResolver::set_secure(std::string_view name, bool secure) {
    secure_[name_of(name)] = secure;
}

void SimulatedResolver::clear() {
    records_.clear();
    failures_.clear();
    secure_.clear();
}

async::Awaitable<DnsAnswer> SimulatedResolver::query(dns::Name name, dns::Type type) {
    co_await async::sleep(timers_, latency_);
    co_return answer(name, type);
}

DnsAnswer SimulatedResolver::answer(const dns::Name& name, dns::Type type) const {
    DnsAnswer answer;
    dns::Name current = name;
    answer.secure = true;
    answer.status = DnsStatus::server_failure; // what a chain without an end gets
    while (answer.aliases.size() <= kAliasesMax) {
        const auto secure = secure_.find(current);
        answer.secure = answer.secure && secure != secure_.end() && secure->second;
        if (const auto failure = failures_.find(current); failure != failures_.end()) {
            answer.status = failure->second;
            break;
        }
        const auto [begin, end] = records_.equal_range(current);
        const dns::Record* alias = nullptr;
        for (auto at = begin; at != end; ++at) {
            if (at->second.type == type) answer.records.push_back(at->second);
            if (at->second.type == dns::Type::cname) alias = &at->second;
        }
        if (!answer.records.empty()) {
            answer.status = DnsStatus::no_error;
            answer.ttl_seconds = answer.records.front().ttl_seconds;
            break;
        }
        if (alias == nullptr) {
            // A name also exists if one below it does (RFC 8020 §2).
            const bool exists =
                std::ranges::any_of(records_, [&current](const auto& entry) { return entry.first.is_within(current); });
            answer.status = exists ? DnsStatus::no_data : DnsStatus::name_does_not_exist;
            break;
        }
        current = std::get<dns::NameData>(alias->data).name;
        answer.aliases.push_back(current);
    }
    if (is_temporary(answer.status)) answer.secure = false;
    answer.text = describe(name, type, answer);
    return answer;
}

} // namespace tegami::net
