#include "admin/policy_fetch.h"

#include "base/ascii.h"
#include "net/https_client.h"
#include "trust/tls_policy/mta_sts.h"

#include <fmt/format.h>

namespace tegami::admin {

namespace {

/// RFC 8461 §3.3: nothing but 200 and plain text.
std::string problem_with(const net::HttpResponse& response) {
    if (response.status != 200) return fmt::format("answered with status {}", response.status);
    const std::string_view type = response.fields.find("Content-Type").value_or("");
    if (!ascii::iequals(ascii::trim(type.substr(0, type.find(';'))), "text/plain"))
        return "answered with something else than text/plain";
    return {};
}

} // namespace

async::Awaitable<std::optional<dns_setup::FetchedPolicy>>
fetch_policy(const PolicyFetching* with, async::Timers* timers, net::Resolver* resolver, dns::Name host) {
    net::HttpsQuestion question{.host = host.to_string(),
                                .target = "/.well-known/mta-sts.txt",
                                .endpoints = {},
                                .body_bytes_max = tls_policy::kStsPolicyBytesMax,
                                .deadline = timers->instant() + Duration(kPolicyFetchTime)};
    for (const dns::Type type : {dns::Type::aaaa, dns::Type::a}) {
        const net::DnsAnswer answer = co_await resolver->query(host, type);
        for (const dns::Record& record : answer.records)
            if (const auto* const data = std::get_if<dns::AddressData>(&record.data))
                question.endpoints.push_back({data->address, with->port});
    }
    if (question.endpoints.empty() || with->network == nullptr) co_return std::nullopt;
    auto response = co_await net::https_get(with->network, with->tls, std::move(question));
    dns_setup::FetchedPolicy fetched;
    if (response) {
        fetched.problem = problem_with(*response);
        fetched.octets = std::move(response->body);
    } else {
        fetched.problem = response.error().text;
    }
    co_return fetched;
}

} // namespace tegami::admin
