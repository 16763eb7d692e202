#include "signing/zone_publisher.h"

namespace tegami::signing {

namespace {

/// How long others may remember it.
constexpr std::uint32_t kKeyRecordTtlSeconds = 3600;
/// Limit: one string of a TXT record (RFC 1035 §3.3).
constexpr std::size_t kTextStringBytesMax = 255;

dns::TxtData text_data_of(std::string_view text) {
    dns::TxtData data;
    for (; text.size() > kTextStringBytesMax; text.remove_prefix(kTextStringBytesMax))
        data.strings.emplace_back(text.substr(0, kTextStringBytesMax));
    data.strings.emplace_back(text);
    return data;
}

} // namespace

async::Awaitable<Result<Published, std::string>> ZonePublisher::publish(dns::Name name, std::string text) {
    std::vector<dns::Data> added{text_data_of(text)};
    co_return co_await replace(std::move(name), std::move(added));
}

async::Awaitable<Result<Published, std::string>> ZonePublisher::withdraw(dns::Name name) {
    std::vector<dns::Data> none;
    co_return co_await replace(std::move(name), std::move(none));
}

async::Awaitable<Result<Published, std::string>> ZonePublisher::replace(dns::Name name, std::vector<dns::Data> added) {
    CO_TRY(const std::unique_ptr<net::DnsPrimary> primary, new_primary_());
    dns::Name asked = name;
    CO_TRY(const std::optional<dns::Name> zone, co_await primary->zone_of(std::move(asked)));
    if (!zone) co_return Published::elsewhere;
    dns::SetUpdate update{.zone = *zone, .name = std::move(name), .type = dns::Type::txt, .removes_others = true};
    update.added = std::move(added);
    update.ttl_seconds = kKeyRecordTtlSeconds;
    CO_TRY_VOID(co_await primary->update(std::move(update)));
    co_return Published::done;
}

} // namespace tegami::signing
