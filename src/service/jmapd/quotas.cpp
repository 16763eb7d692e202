#include "service/jmapd/quotas.h"

#include "base/ascii.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tegami::jmapd {

namespace {

/// RFC 9425 §3.1, §4.1: all that counts is mail.
constexpr std::string_view kQuotaScope = "account";
constexpr std::string_view kQuotaType = "Email";

struct QuotaKind {
    std::string_view id;
    std::string_view name;
    std::string_view resource;
    std::uint64_t store::Quota::* limit;
    std::uint64_t store::QuotaUse::* used;

    std::optional<Quota> of(const store::QuotaUse& use) const {
        if (use.limit.*limit == 0) return std::nullopt;
        return Quota{.id = id, .name = name, .resource = resource, .used = use.*used, .limit = use.limit.*limit};
    }
};

constexpr std::array kQuotaKinds{
    QuotaKind{"Q1", "storage", "octets", &store::Quota::bytes_max, &store::QuotaUse::bytes},
    QuotaKind{"Q2", "messages", "count", &store::Quota::messages_max, &store::QuotaUse::messages}};

constexpr std::array<std::string_view, 4> kQuotaConditions{"name", "scope", "resourceType", "type"};
constexpr std::array<std::string_view, 2> kQuotaSorts{"name", "used"};

bool condition_holds(const Quota& quota, std::string_view name, std::string_view wanted) {
    if (name == "name") return quota.name.contains(wanted);
    if (name == "scope") return wanted == kQuotaScope;
    if (name == "resourceType") return wanted == quota.resource;
    return wanted == kQuotaType;
}

Result<void, jmap::Fault> check_quota_filter(const jmap::Filter& filter) {
    if (const auto* const group = std::get_if<jmap::Filter::Group>(&filter.is)) {
        for (const jmap::Filter& part : group->parts)
            TRY_VOID(check_quota_filter(part));
        return {};
    }
    for (const auto& [name, value] : *std::get<const json::object*>(filter.is)) {
        if (std::ranges::find(kQuotaConditions, std::string_view(name)) == kQuotaConditions.end())
            return failure(
                jmap::Fault{.type = "unsupportedFilter", .description = std::string(name) + " is no condition"});
        if (!value.is_string())
            return failure(jmap::invalid_arguments({"filter"}, std::string(name) + " is of another type"));
    }
    return {};
}

} // namespace

std::string quota_state(const store::QuotaUse& use) {
    return fmt::format("{}-{}-{}-{}", use.limit.bytes_max, use.limit.messages_max, use.bytes, use.messages);
}

std::optional<store::QuotaUse> parse_quota_state(std::string_view text) {
    std::array<std::uint64_t, 4> numbers{};
    const std::vector<std::string_view> parts = ascii::split(text, '-');
    if (parts.size() != numbers.size()) return std::nullopt;
    for (std::size_t at = 0; at < numbers.size(); ++at) {
        const auto number = ascii::parse_number<std::uint64_t>(parts[at]);
        if (!number) return std::nullopt;
        numbers[at] = *number;
    }
    const store::QuotaUse use{.limit = {numbers[0], numbers[1]}, .bytes = numbers[2], .messages = numbers[3]};
    return quota_state(use) == text ? std::optional(use) : std::nullopt;
}

std::vector<Quota> quotas_of(const store::QuotaUse& use) {
    std::vector<Quota> quotas;
    for (const QuotaKind& kind : kQuotaKinds)
        if (const auto quota = kind.of(use)) quotas.push_back(*quota);
    return quotas;
}

json::object quota_object(const Quota& quota) {
    return {{"id", quota.id},
            {"resourceType", quota.resource},
            {"used", quota.used},
            {"hardLimit", quota.limit},
            {"scope", kQuotaScope},
            {"name", quota.name},
            {"types", json::array{kQuotaType}},
            {"warnLimit", nullptr},
            {"softLimit", nullptr},
            {"description", nullptr}};
}

bool is_quota_property(std::string_view name) {
    return quota_object({}).contains(name);
}

QuotaChanges quota_changes_between(const store::QuotaUse& since, const store::QuotaUse& now, std::uint64_t count_max) {
    QuotaChanges changes{.reached = since};
    std::uint64_t count = 0;
    for (const QuotaKind& kind : kQuotaKinds) {
        const auto before = kind.of(since);
        const auto after = kind.of(now);
        const bool other_limit = since.limit.*kind.limit != now.limit.*kind.limit;
        const bool told = (before || after) && (other_limit || since.*kind.used != now.*kind.used);
        if (told && count == count_max) {
            changes.more = true;
            return changes;
        }
        changes.reached.limit.*kind.limit = now.limit.*kind.limit;
        changes.reached.*kind.used = now.*kind.used;
        if (!told) continue;
        ++count;
        std::vector<std::string>& list = !before ? changes.created : !after ? changes.destroyed : changes.updated;
        list.emplace_back(kind.id);
        if (before && after && other_limit) changes.only_used = false;
    }
    return changes;
}

Result<QuotaSearch, jmap::Fault> take_quota_search(const json::value* filter, const json::value* sort) {
    QuotaSearch search;
    if (filter != nullptr) {
        TRY(search.filter, jmap::parse_filter(*filter));
        TRY_VOID(check_quota_filter(*search.filter));
    }
    TRY(search.sort, jmap::parse_sort(sort));
    for (const jmap::Comparator& one : search.sort)
        if (std::ranges::find(kQuotaSorts, one.property) == kQuotaSorts.end() || !one.collation.empty())
            return failure(jmap::Fault{.type = "unsupportedSort", .description = "quotas are not sorted so"});
    return search;
}

std::vector<std::string> find_quotas(std::vector<Quota> quotas, const QuotaSearch& search) {
    if (search.filter)
        std::erase_if(quotas, [&](const Quota& quota) {
            return !jmap::matches(*search.filter, [&](std::string_view name, const json::value& value) {
                return condition_holds(quota, name, value.get_string());
            });
        });
    std::ranges::sort(quotas, [&](const Quota& left, const Quota& right) {
        for (const jmap::Comparator& one : search.sort) {
            const auto order = one.property == "name" ? left.name <=> right.name : left.used <=> right.used;
            if (order != 0) return one.ascending ? order < 0 : order > 0;
        }
        return left.id < right.id;
    });
    std::vector<std::string> ids;
    for (const Quota& quota : quotas)
        ids.emplace_back(quota.id);
    return ids;
}

} // namespace tegami::jmapd
