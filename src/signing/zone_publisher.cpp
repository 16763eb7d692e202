#include "signing/zone_publisher.h"

#include <algorithm>

namespace tegami::signing {

namespace {

/// How long others may remember it.
constexpr std::uint32_t kKeyRecordTtlSeconds = 3600;

bool is_set(const std::vector<dns::Record>& records, const std::vector<dns::Data>& set) {
    return records.size() == set.size() && std::ranges::all_of(set, [&](const dns::Data& each) {
               return std::ranges::find(records, each, &dns::Record::data) != records.end();
           });
}

} // namespace

async::Awaitable<Result<Published, std::string>> ZonePublisher::publish(dns::Name name, dns::Type type,
                                                                        std::vector<dns::Data> set) {
    CO_TRY(const std::unique_ptr<net::DnsPrimary> primary, new_primary_());
    dns::Name asked = name;
    CO_TRY(const std::optional<dns::Name> zone, co_await primary->zone_of(std::move(asked)));
    if (!zone) co_return Published::elsewhere;
    asked = name;
    CO_TRY(const std::optional<net::DnsAnswer> there, co_await primary->query(std::move(asked), type));
    if (there && !net::is_temporary(there->status) && is_set(there->records, set)) co_return Published::already;
    dns::SetUpdate update{.zone = *zone, .name = std::move(name), .type = type, .removes_others = true};
    update.added = std::move(set);
    update.ttl_seconds = kKeyRecordTtlSeconds;
    CO_TRY_VOID(co_await primary->update(std::move(update)));
    co_return Published::done;
}

} // namespace tegami::signing
