#include "service/httpd/settings_routes.h"

#include "discovery/apple_profile.h"
#include "discovery/autoconfig.h"
#include "discovery/autodiscover.h"
#include "discovery/query.h"
#include "net/tls_signature.h"
#include "service/httpd/host_asked.h"

#include <fmt/format.h>

namespace tegami::httpd {

namespace {

constexpr std::string_view kXmlType = "text/xml; charset=utf-8";

net::HttpResponse document(std::string_view type, std::string body, unsigned status = 200) {
    net::HttpResponse response;
    response.status = status;
    response.fields.add("Content-Type", std::string(type));
    response.body = std::move(body);
    return response;
}

net::HttpResponse nothing_there() {
    return net::text_response(404, "not found");
}

bool is_ours(const SettingsSource& source, const message::Domain& domain) {
    return source.directory.domains()->contains(domain);
}

/// The domain of ours whose settings are asked for: that of the address, or without one of the host.
std::optional<message::Domain> domain_of_settings(const SettingsSource& source, const net::HttpRequest& request) {
    const auto named = discovery::query_value(request.target, "emailaddress");
    const auto address = message::parse_email_address(named.value_or(""));
    std::string host = host_asked(request);
    if (host.starts_with(discovery::kAutoconfigHost)) host.erase(0, discovery::kAutoconfigHost.size());
    const auto domain = address ? std::optional(address->domain) : message::Domain::parse(host);
    return domain && is_ours(source, *domain) ? domain : std::nullopt;
}

async::Awaitable<net::HttpResponse> answer_autoconfig(const SettingsSource* source, const net::HttpRequest* request) {
    const auto domain = domain_of_settings(*source, *request);
    if (!domain) co_return nothing_there();
    co_return document(kXmlType, discovery::autoconfig_xml(source->offer, *domain));
}

async::Awaitable<net::HttpResponse> answer_autodiscover_elsewhere(const SettingsSource* source) {
    const auto url = discovery::url_of(source->offer, discovery::kAutodiscoverPath);
    if (!url) co_return nothing_there();
    net::HttpResponse response = net::text_response(302, "this is served under HTTPS alone");
    response.fields.add("Location", *url);
    co_return response;
}

async::Awaitable<net::HttpResponse> answer_autodiscover(const SettingsSource* source, net::BodySource* body) {
    const auto octets = co_await net::read_whole(body, discovery::kAutodiscoverBytesMax);
    const auto asked = octets ? discovery::read_autodiscover(*octets) : std::nullopt;
    if (!asked) co_return net::text_response(400, "this is no request of Autodiscover");
    const auto address = address_of_ours(*source, asked->address);
    if (!address) co_return nothing_there();
    if (!discovery::wants_settings(*asked)) co_return document(kXmlType, discovery::autodiscover_refusal());
    co_return document(kXmlType, discovery::autodiscover_xml(source->offer, *address));
}

/// The address is in the query, or the last part of the path.
async::Awaitable<net::HttpResponse> answer_autodiscover_json(const SettingsSource* source,
                                                             const net::HttpRequest* request) {
    const std::string_view path = request->path();
    const auto named = discovery::query_value(request->target, "Email");
    const auto address = address_of_ours(*source, named ? *named : path.substr(path.rfind('/') + 1));
    if (!address) co_return nothing_there();
    discovery::AutodiscoverJson answer =
        discovery::autodiscover_json(source->offer, discovery::query_value(request->target, "Protocol"));
    co_return document("application/json", std::move(answer.body), answer.status);
}

async::Awaitable<net::HttpResponse> answer_profile(const SettingsSource* source, const net::HttpRequest* request) {
    const auto address = address_of_ours(*source, discovery::query_value(request->target, "emailaddress").value_or(""));
    if (!address) co_return nothing_there();
    const auto sign = [profile = discovery::apple_profile(source->offer, *address), context = source->tls.get(),
                       host = source->offer.host] {
        // Unsigned where the key cannot sign so: devices say that, and take it.
        return net::sign_message(context->for_client(host, {}), profile).value_or(profile);
    };
    std::string profile = co_await async::run(&source->workers, sign);
    net::HttpResponse response = document("application/x-apple-aspen-config", std::move(profile));
    response.fields.add("Content-Disposition", "attachment; filename=\"mail.mobileconfig\"");
    co_return response;
}

void add_autoconfig_routes(net::HttpRoutes& routes, const SettingsSource& source) {
    for (const std::string_view path : {discovery::kAutoconfigPath, discovery::kWellKnownAutoconfigPath})
        routes.add("GET", std::string(path), [source = &source](net::HttpRequest* request, net::BodySource*) {
            return answer_autoconfig(source, request);
        });
}

} // namespace

std::optional<message::EmailAddress> address_of_ours(const SettingsSource& source, std::string_view text) {
    auto address = message::parse_email_address(text);
    if (!address || !is_ours(source, address->domain)) return std::nullopt;
    return *std::move(address);
}

void add_plain_settings_routes(net::HttpRoutes& routes, const SettingsSource& source) {
    add_autoconfig_routes(routes, source);
    routes.add_in_any_case(
        "GET", std::string(discovery::kAutodiscoverPath),
        [source = &source](net::HttpRequest*, net::BodySource*) { return answer_autodiscover_elsewhere(source); });
}

void add_settings_routes(net::HttpRoutes& routes, const SettingsSource& source) {
    add_autoconfig_routes(routes, source);
    routes.add_in_any_case(
        "POST", std::string(discovery::kAutodiscoverPath),
        [source = &source](net::HttpRequest*, net::BodySource* body) { return answer_autodiscover(source, body); });
    for (const std::string_view rest : {"", "/*"})
        routes.add_in_any_case("GET", std::string(discovery::kAutodiscoverJsonPath) + std::string(rest),
                               [source = &source](net::HttpRequest* request, net::BodySource*) {
                                   return answer_autodiscover_json(source, request);
                               });
    routes.add(
        "GET", std::string(discovery::kProfilePath),
        [source = &source](net::HttpRequest* request, net::BodySource*) { return answer_profile(source, request); });
}

} // namespace tegami::httpd
