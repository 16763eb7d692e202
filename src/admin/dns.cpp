// The operations on what is to stand in the DNS for our domains.
#include "admin/dns_domain.h"
#include "admin/operation.h"
#include "admin/parameters.h"
#include "dns_setup/check.h"
#include "dns_setup/zone.h"
#include "signing/key_plan.h"
#include "verification/inquiry.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::admin {

namespace {

/// Limit: addresses that a request names.
constexpr std::size_t kAddressesMax = 20;

dns_setup::KeyState state_of(const directory::SigningKey& key) {
    switch (key.state) {
    case directory::SigningKeyState::announced: return dns_setup::KeyState::announced;
    case directory::SigningKeyState::signing: return dns_setup::KeyState::signing;
    case directory::SigningKeyState::retired: return dns_setup::KeyState::retired;
    }
    std::unreachable();
}

std::vector<dns_setup::SigningKey> public_keys(const Dependencies* on, const message::Domain& domain) {
    std::vector<dns_setup::SigningKey> keys;
    const auto table = on->directory.signing_keys().table();
    const auto found = table->find(domain);
    if (found == table->end()) return keys;
    for (const directory::SigningKey& key : found->second)
        for (const dkim::KeyType type : signing::kKeyTypes)
            if (key.algorithm == dkim::to_string(type))
                keys.push_back(
                    {.name = signing::record_name(key), .type = type, .record = key.record, .state = state_of(key)});
    return keys;
}

Result<std::vector<IpAddress>, Refusal> named_addresses(const json::object& request) {
    std::vector<IpAddress> addresses;
    const json::value* const list = request.if_contains("addresses");
    if (!list) return addresses;
    if (!list->is_array() || list->get_array().size() > kAddressesMax)
        return failure(Refusal{400, fmt::format("addresses must be a list of at most {}", kAddressesMax)});
    for (const json::value& value : list->get_array()) {
        const auto address = value.is_string() ? IpAddress::parse(std::string_view(value.get_string())) : std::nullopt;
        if (!address) return failure(Refusal{400, fmt::format("{} is not an IP address", write_json(value))});
        if (std::ranges::find(addresses, address->unmapped()) == addresses.end())
            addresses.push_back(address->unmapped());
    }
    return addresses;
}

} // namespace

Result<dns_setup::Facts, Refusal> facts_for(const Dependencies* on, const json::object& request) {
    TRY(message::Domain domain, required_domain(request, "domain"));
    const std::shared_ptr<const directory::DomainTable> domains = on->directory.administration().domains();
    const auto settings = domains->find(domain);
    if (settings == domains->end()) return failure(no_domain(domain));
    TRY(std::vector<IpAddress> addresses, named_addresses(request));
    dns_setup::Facts facts{
        .domain = domain, .host = on->host(), .keys = public_keys(on, domain), .sts_mode = settings->second.sts_mode};
    if (!addresses.empty()) facts.host.addresses = std::move(addresses);
    return facts;
}

json::object record_json(const dns_setup::PlannedRecord& record) {
    return {{"name", record.name ? json::value(record.name->to_string()) : json::value()},
            {"type", dns::to_string(record.type)},
            {"data", record.data ? json::value(dns_setup::plain_value(*record.data)) : json::value()},
            {"needed", record.needed},
            {"what_for", record.what_for},
            {"without", record.without}};
}

json::object start_answer(const dns_setup::Facts& facts) {
    return {{"domain", facts.domain.ascii()},
            {"display", facts.domain.display()},
            {"host", facts.host.name.to_string()},
            {"address_known", !facts.host.addresses.empty()}};
}

namespace {

json::object finding_json(const dns_setup::Finding& finding) {
    json::object shown = record_json(finding.record);
    shown["state"] = dns_setup::to_string(finding.state);
    shown["mail_suffers"] = finding.suffers;
    shown["found"] = to_array(finding.found);
    shown["words"] = finding.words;
    return shown;
}

async::Awaitable<Answer> dns_records(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const dns_setup::Facts facts, facts_for(on, request));
    const std::vector<dns_setup::PlannedRecord> planned = dns_setup::plan_records(facts);
    json::array records;
    for (const dns_setup::PlannedRecord& record : planned)
        records.push_back(record_json(record));
    json::object answer = start_answer(facts);
    answer["records"] = std::move(records);
    answer["zone"] = to_array(dns_setup::zone_lines(planned, facts.domain));
    co_return answer;
}

async::Awaitable<Answer> dns_check(const Dependencies* on, Caller, json::object request) {
    CO_TRY(dns_setup::Facts facts, facts_for(on, request));
    const auto resolver = on->new_resolver();
    if (!resolver) co_return failure(Refusal{503, resolver.error()});
    if (facts.host.has_https && facts.sts_mode != tls_policy::StsMode::none) {
        auto fetched = co_await fetch_policy(&on->pages, &on->timers, resolver->get(), facts.domain);
        facts.policy = std::move(fetched);
    }
    if (facts.host.has_https) {
        auto fetched = co_await fetch_settings(&on->pages, &on->timers, resolver->get(), facts.domain);
        facts.settings = std::move(fetched);
    }
    verification::Inquiry inquiry(**resolver, on->timers);
    using Findings = std::vector<dns_setup::Finding>;
    const trust::Evaluator<Findings> evaluate = [&facts, now = on->timers.now()](const trust::DnsAnswers& answers) {
        return dns_setup::check_records(facts, answers, now);
    };
    const Findings findings = co_await inquiry.settle(evaluate);
    json::array records;
    for (const dns_setup::Finding& finding : findings)
        records.push_back(finding_json(finding));
    json::object answer = start_answer(facts);
    answer["mail_suffers"] = std::ranges::any_of(findings, &dns_setup::Finding::suffers);
    answer["records"] = std::move(records);
    co_return answer;
}

} // namespace

std::span<const Operation> dns_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/dns/records",
         Access::read,
         "domain",
         dns_records,
         "The records that a domain needs",
         {kDomainParameter, {"addresses", list, "Addresses of this server in place of those it knows"}}},
        {"/dns/check",
         Access::read,
         "domain",
         dns_check,
         "The same with what the DNS has",
         {kDomainParameter, {"addresses", list, "Addresses of this server in place of those it knows"}}},
        {"/dns/publish",
         Access::change,
         "domain",
         dns_publish,
         "Changes what is missing or wrong at the primary name server",
         {kDomainParameter,
          {"addresses", list, "Addresses of this server in place of those it knows"},
          {"dry_run", flag, "Only say what would be changed"}}},
    };
    return kOperations;
}

} // namespace tegami::admin
