#include "relay/sts_policies.h"

#include "base/ascii.h"
#include "net/https_client.h"
#include "verification/inquiry.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::relay {

namespace {

using tls_policy::StsPolicy;
using tls_policy::StsPolicyError;

constexpr const char* kPath = "/.well-known/mta-sts.txt"; // RFC 8461 §3.2
constexpr Duration kRecordTimeMax = std::chrono::hours(1);

std::string_view describe(StsPolicyError error) {
    switch (error) {
    case StsPolicyError::too_long: return "the policy is too long";
    case StsPolicyError::malformed: return "the policy has a line that is no key and value";
    case StsPolicyError::wrong_version: return "the policy does not say that it is STSv1";
    case StsPolicyError::wrong_mode: return "the policy has no mode that is known";
    case StsPolicyError::wrong_max_age: return "the policy does not say how long it is good (max_age)";
    case StsPolicyError::wrong_mx: break;
    }
    return "the policy does not name the servers (mx)";
}

/// RFC 8461 §3.2: nobody's HTML or pictures.
bool is_plain_text(const net::HttpResponse& response) {
    const std::string_view type = response.fields.find("Content-Type").value_or("");
    return ascii::iequals(ascii::trim(type.substr(0, type.find(';'))), "text/plain");
}

StsFailure not_fetched(std::string reason) {
    return {.type = tls_report::ResultType::sts_policy_fetch_error, .reason = std::move(reason)};
}

Result<StsPolicy, StsFailure> policy_of(const net::HttpResponse& response) {
    // RFC 8461 §3.3: 200 alone; redirects are not followed.
    if (response.status != 200) return failure(not_fetched(fmt::format("answered with status {}", response.status)));
    if (!is_plain_text(response)) return failure(not_fetched("answered with something else than text/plain"));
    auto policy = tls_policy::parse_sts_policy(response.body);
    if (!policy)
        return failure(StsFailure{.type = tls_report::ResultType::sts_policy_invalid,
                                  .reason = std::string(describe(policy.error()))});
    return *std::move(policy);
}

} // namespace

bool StsPolicies::is_live(const Entry& entry) const {
    return entry.policy && dependencies_.timers.now() <= entry.fetched + entry.policy->max_age;
}

async::Awaitable<store::StoreResult<std::optional<StsPolicy>>> StsPolicies::find(message::Domain domain) {
    // RFC 8461 §3.4: address literals have no policy.
    if (!dependencies_.tls || domain.is_address_literal()) co_return std::nullopt;
    const auto name = dns::Name::parse(domain.ascii());
    if (!name) co_return std::nullopt;
    const std::shared_ptr<Entry> known = entry(domain.ascii());
    if (dependencies_.timers.instant() >= known->ask_after) {
        const async::Mutex::Lock turn = co_await known->mutex.lock();
        if (!known->recalled) {
            CO_TRY_VOID(co_await recall(known));
        }
        if (dependencies_.timers.instant() >= known->ask_after) co_await look(known, *name);
    }
    if (!is_live(*known) || known->policy->mode == tls_policy::StsMode::none) co_return std::nullopt;
    co_return known->policy;
}

std::optional<StsFailure> StsPolicies::failure_of(const message::Domain& domain) const {
    const auto found = entries_.find(domain.ascii());
    return found == entries_.end() ? std::nullopt : found->second->failure;
}

std::shared_ptr<StsPolicies::Entry> StsPolicies::entry(const std::string& domain) {
    if (const auto found = entries_.find(domain); found != entries_.end()) return found->second;
    if (entries_.size() >= kStsDomainsMax) {
        std::erase_if(entries_,
                      [this](const auto& each) { return each.second.use_count() == 1 && !is_live(*each.second); });
        if (entries_.size() >= kStsDomainsMax)
            entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& each) {
                const Entry& known = *each.second;
                return known.policy ? known.fetched + known.policy->max_age : Timestamp{};
            }));
    }
    const auto made = std::make_shared<Entry>();
    made->domain = domain;
    entries_.emplace(domain, made);
    return made;
}

/// Takes over what was known before the start.
async::Awaitable<store::StoreResult<>> StsPolicies::recall(std::shared_ptr<Entry> entry) {
    auto found = co_await dependencies_.kept.find(entry->domain);
    // What is damaged stays so until it is repaired, and mail is not to wait for that.
    if (!found && found.error().code != store::ErrorCode::damaged) co_return failure(found.error());
    entry->recalled = true;
    if (!found || !*found) co_return store::StoreResult<>{};
    const store::KeptPolicy& kept = **found;
    auto policy = tls_policy::parse_sts_policy(kept.text);
    if (!policy) co_return store::StoreResult<>{};
    entry->policy = *std::move(policy);
    entry->id = kept.id;
    // Of a clock that was wrong, not later than now.
    entry->fetched = std::min(kept.fetched, dependencies_.timers.now());
    co_return store::StoreResult<>{};
}

/// Writes down what was fetched. It counts also if that fails, until the next start.
async::Awaitable<> StsPolicies::keep(std::shared_ptr<Entry> entry) {
    store::KeptPolicy kept{.domain = entry->domain,
                           .id = entry->id,
                           .fetched = entry->fetched,
                           .expires = entry->fetched + entry->policy->max_age,
                           .text = fmt::format("{}\n", fmt::join(entry->policy->lines(), "\n"))};
    const auto done = co_await dependencies_.kept.keep(std::move(kept));
    if (!done)
        dependencies_.log.warning("the policy of a domain (MTA-STS) is not kept for after a restart",
                                  {{"domain", entry->domain}, {"reason", done.error().detail}});
}

/// Asks for the record, and fetches the policy if it is another one or an old one (RFC 8461 §3.1, §5.1).
async::Awaitable<> StsPolicies::look(std::shared_ptr<Entry> entry, dns::Name domain) {
    const auto record_name = domain.below("_mta-sts");
    const auto host = domain.below("mta-sts");
    if (!record_name || !host) co_return;
    const net::DnsAnswer answer = co_await dependencies_.resolver.query(*record_name, dns::Type::txt);
    const Instant now = dependencies_.timers.instant();
    if (net::is_temporary(answer.status)) {
        entry->ask_after = now + Duration(kStsRetryTime);
        dependencies_.log.info("whether a domain has a policy (MTA-STS) is not to be learned now",
                               {{"domain", entry->domain}, {"kept", is_live(*entry) ? "yes" : "no"}});
        co_return;
    }
    entry->ask_after = now + std::min<Duration>(std::chrono::seconds(answer.ttl_seconds), kRecordTimeMax);
    const auto id = tls_policy::find_sts_id(trust::texts(verification::to_answer(answer)));
    if (!id) entry->failure.reset();
    if (!id) co_return; // what is kept counts all the same
    const bool young = dependencies_.timers.now() < entry->fetched + kStsRefreshTime;
    if (is_live(*entry) && entry->id == *id && young) co_return;
    if (entry->failed_id == *id && now < entry->fetch_after) co_return;
    auto policy = co_await fetch(*host);
    if (policy) {
        entry->policy = *std::move(policy);
        entry->id = *id;
        entry->fetched = dependencies_.timers.now();
        entry->failed_id.clear();
        entry->failure.reset();
        co_await keep(entry);
        co_return;
    }
    entry->failed_id = *id;
    entry->failure = policy.error();
    entry->fetch_after = dependencies_.timers.instant() + Duration(kStsRetryTime);
    dependencies_.log.info(
        "the policy of a domain (MTA-STS) cannot be fetched",
        {{"domain", domain.to_string()}, {"reason", policy.error().reason}, {"kept", is_live(*entry) ? "yes" : "no"}});
}

async::Awaitable<Result<StsPolicy, StsFailure>> StsPolicies::fetch(dns::Name host) {
    net::HttpsQuestion question{.host = host.to_string(),
                                .target = kPath,
                                .endpoints = {},
                                .body_bytes_max = tls_policy::kStsPolicyBytesMax,
                                .deadline = dependencies_.timers.instant() + Duration(kStsFetchTime)};
    net::HostEndpoints places =
        co_await net::find_endpoints(&dependencies_.resolver, host, dependencies_.port, dependencies_.may_reach);
    if (places.refused) co_return failure(not_fetched("its host is not one of the Internet"));
    question.endpoints = std::move(places.reachable);
    const auto response = co_await net::https_get(&dependencies_.network, dependencies_.tls, std::move(question));
    if (!response && response.error().certificate)
        co_return failure(
            StsFailure{.type = tls_report::ResultType::sts_webpki_invalid, .reason = response.error().text});
    if (!response) co_return failure(not_fetched(response.error().text));
    co_return policy_of(*response);
}

} // namespace tegami::relay
