#include "admin/policy_fetch.h"

#include "base/ascii.h"
#include "discovery/offer.h"
#include "net/https_client.h"
#include "trust/tls_policy/mta_sts.h"

#include <fmt/format.h>

namespace tegami::admin {

namespace {

/// Limit: octets of settings.
constexpr std::size_t kSettingsBytesMax = 64 * 1024;

std::string problem_with(const net::HttpResponse& response, std::string_view type_wanted) {
    if (response.status != 200) return fmt::format("answered with status {}", response.status);
    const std::string_view type = response.fields.find("Content-Type").value_or("");
    if (!ascii::iequals(ascii::trim(type.substr(0, type.find(';'))), type_wanted))
        return fmt::format("answered with something else than {}", type_wanted);
    return {};
}

async::Awaitable<std::optional<dns_setup::FetchedPage>> fetch(const PageFetching* with, async::Timers* timers,
                                                              net::Resolver* resolver, net::HttpsQuestion question,
                                                              std::string type_wanted) {
    const auto host = dns::Name::parse(question.host);
    if (!host || with->network == nullptr) co_return std::nullopt;
    question.deadline = timers->instant() + Duration(kPolicyFetchTime);
    for (const dns::Type type : {dns::Type::aaaa, dns::Type::a}) {
        const net::DnsAnswer answer = co_await resolver->query(*host, type);
        for (const dns::Record& record : answer.records)
            if (const auto* const data = std::get_if<dns::AddressData>(&record.data))
                question.endpoints.push_back({data->address, with->port});
    }
    if (question.endpoints.empty()) co_return std::nullopt;
    auto response = co_await net::https_get(with->network, with->tls, std::move(question));
    dns_setup::FetchedPage fetched;
    if (response) {
        fetched.problem = problem_with(*response, type_wanted);
        fetched.octets = std::move(response->body);
    } else {
        fetched.problem = response.error().text;
    }
    co_return fetched;
}

} // namespace

async::Awaitable<std::optional<dns_setup::FetchedPage>> fetch_policy(const PageFetching* with, async::Timers* timers,
                                                                     net::Resolver* resolver, message::Domain domain) {
    // RFC 8461 §3.3: nothing but 200 and plain text.
    net::HttpsQuestion question{.host = "mta-sts." + domain.ascii(),
                                .target = "/.well-known/mta-sts.txt",
                                .endpoints = {},
                                .body_bytes_max = tls_policy::kStsPolicyBytesMax,
                                .deadline = {}};
    return fetch(with, timers, resolver, std::move(question), "text/plain");
}

async::Awaitable<std::optional<dns_setup::FetchedPage>>
fetch_settings(const PageFetching* with, async::Timers* timers, net::Resolver* resolver, message::Domain domain) {
    net::HttpsQuestion question{
        .host = std::string(discovery::kAutoconfigHost) + domain.ascii(),
        .target = fmt::format("{}?emailaddress=postmaster%40{}", discovery::kAutoconfigPath, domain.ascii()),
        .endpoints = {},
        .body_bytes_max = kSettingsBytesMax,
        .deadline = {}};
    return fetch(with, timers, resolver, std::move(question), "text/xml");
}

} // namespace tegami::admin
