#include "service/httpd/host_asked.h"

#include "base/ascii.h"

#include <algorithm>

namespace tegami::httpd {

namespace {

/// Limit: a name and a port.
constexpr std::size_t kAuthorityBytesMax = 255 + 6;

} // namespace

std::string host_asked(const net::HttpRequest& request) {
    const std::vector<std::string_view> hosts = request.fields.all("Host");
    if (hosts.size() != 1 || hosts.front().size() > kAuthorityBytesMax) return {};
    std::string name = ascii::lower(hosts.front().substr(0, hosts.front().find(':')));
    const auto is_of_name = [](char c) { return ascii::is_alnum(c) || c == '-' || c == '.' || c == '_'; };
    return std::ranges::all_of(name, is_of_name) ? name : std::string();
}

} // namespace tegami::httpd
