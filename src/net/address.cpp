#include "net/address.h"

#include "base/ascii.h"

namespace tegami::net {

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    const auto address = IpAddress::parse(host);
    const auto port = ascii::parse_number<std::uint16_t>(text.substr(colon + 1));
    if (!address || !port || address->is_v6() != bracketed) return std::nullopt;
    return Endpoint{*address, *port};
}

std::string Endpoint::to_string() const {
    const std::string host = address.to_string();
    return (address.is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

} // namespace tegami::net
