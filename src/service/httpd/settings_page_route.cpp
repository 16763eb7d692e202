#include "service/httpd/settings_page_route.h"

#include "discovery/query.h"
#include "discovery/settings_page.h"
#include "service/httpd/page_fields.h"

namespace tegami::httpd {

namespace {

async::Awaitable<net::HttpResponse> answer_page(const SettingsSource* source, const net::HttpRequest* request) {
    const auto address = address_of_ours(*source, discovery::query_value(request->target, "emailaddress").value_or(""));
    if (!address) co_return net::text_response(404, "not found");
    const Language language = discovery::language_wanted(request->fields.find("Accept-Language").value_or(""));
    net::HttpResponse response;
    response.fields.add("Content-Type", "text/html; charset=utf-8");
    response.fields.add("Vary", "Accept-Language");
    add_page_fields(response, "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
                              "frame-ancestors 'none'");
    response.body = discovery::settings_page(source->offer, *address, language);
    co_return response;
}

} // namespace

void add_settings_page_route(net::HttpRoutes& routes, const SettingsSource& source) {
    routes.add(
        "GET", std::string(discovery::kPagePath),
        [source = &source](net::HttpRequest* request, net::BodySource*) { return answer_page(source, request); });
}

} // namespace tegami::httpd
