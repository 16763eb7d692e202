#include "store/kept_policies.h"

#include "store/engine/scan.h"
#include "store/policy_records.h"
#include "store/record_coding.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tegami::store {

namespace {

/// A policy may have 64 KiB.
constexpr std::size_t kPoliciesAtOnce = 50;

} // namespace

async::Awaitable<StoreResult<std::optional<KeptPolicy>>> KeptPolicies::find(std::string domain) {
    const std::string key = record::kept_policy_key(domain);
    CO_TRY(const std::optional<std::string> value, co_await engine_->get(record::kPolicyDomain, key));
    if (!value) co_return std::nullopt;
    co_return record::decode_kept_policy(key, *value);
}

async::Awaitable<StoreResult<>> KeptPolicies::keep(KeptPolicy policy) {
    Batch batch{.domain = record::kPolicyDomain, .expected = {}, .assertions = {}, .operations = {}};
    batch.operations.emplace_back(Put{record::kept_policy_key(policy.domain), record::encode_kept_policy(policy)});
    CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> KeptPolicies::sweep(Timestamp now, std::size_t count_max) {
    std::vector<std::pair<Timestamp, std::string>> kept;
    std::vector<std::string> gone;
    const std::string first(record::kPolicyPrefix);
    Scan scan(engine_, record::kPolicyDomain,
              {.begin = first, .end = record::behind(first), .rows_max = kPoliciesAtOnce});
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        for (const Row& row : page.rows) {
            const auto policy = record::decode_kept_policy(row.key, row.value);
            if (!policy) continue; // for repair
            if (policy->expires < now)
                gone.push_back(row.key);
            else
                kept.emplace_back(policy->expires, row.key);
        }
    }
    if (kept.size() > count_max) {
        const auto first_kept = kept.begin() + static_cast<std::ptrdiff_t>(kept.size() - count_max);
        std::ranges::nth_element(kept, first_kept);
        for (auto each = kept.begin(); each != first_kept; ++each)
            gone.push_back(std::move(each->second));
    }
    const std::size_t at_once = std::min<std::size_t>(engine_->limits().batch_operations_max, 1000);
    for (std::size_t at = 0; at < gone.size(); at += at_once) {
        Batch batch{.domain = record::kPolicyDomain, .expected = {}, .assertions = {}, .operations = {}};
        for (std::size_t index = at; index < std::min(gone.size(), at + at_once); ++index)
            batch.operations.emplace_back(Delete{std::move(gone[index])});
        CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
    }
    co_return StoreResult<>{};
}

} // namespace tegami::store
