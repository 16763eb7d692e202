#include "service/httpd/sts_routes.h"

#include "service/httpd/host_asked.h"
#include "trust/tls_policy/own_policy.h"

#include <optional>
#include <string_view>
#include <utility>

namespace tegami::httpd {

namespace {

constexpr std::string_view kPath = "/.well-known/mta-sts.txt";
constexpr std::string_view kHostPrefix = "mta-sts.";

/// The domain whose policy the host of a request has; nothing if it is no such host.
std::optional<message::Domain> domain_asked(const net::HttpRequest& request) {
    const std::string host = host_asked(request);
    if (!host.starts_with(kHostPrefix)) return std::nullopt;
    return message::Domain::parse(std::string_view(host).substr(kHostPrefix.size()));
}

async::Awaitable<net::HttpResponse> answer_policy(const directory::Administration* directory, const dns::Name* host,
                                                  const net::HttpRequest* request) {
    const auto domain = domain_asked(*request);
    const std::shared_ptr<const directory::DomainTable> table = directory->domains();
    const auto found = domain ? table->find(*domain) : table->end();
    if (found == table->end()) co_return net::text_response(404, "not found");
    net::HttpResponse response;
    response.fields.add("Content-Type", "text/plain; charset=utf-8");
    response.body = tls_policy::own_policy(found->second.sts_mode, *host);
    co_return response;
}

} // namespace

void add_sts_routes(net::HttpRoutes& routes, const directory::Administration& directory, dns::Name host) {
    routes.add("GET", std::string(kPath),
               [directory = &directory, host = std::move(host)](net::HttpRequest* request, net::BodySource*) {
                   return answer_policy(directory, &host, request);
               });
}

} // namespace tegami::httpd
