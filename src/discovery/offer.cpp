#include "discovery/offer.h"

#include "discovery/query.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::discovery {

const Service* best_service(const Offer& offer, Protocol protocol) {
    const auto found = std::ranges::find(offer.services, protocol, &Service::protocol);
    return found == offer.services.end() ? nullptr : &*found;
}

std::string_view to_string(Protocol protocol) {
    switch (protocol) {
    case Protocol::imap: return "imap";
    case Protocol::pop3: return "pop3";
    case Protocol::submission: return "submission";
    }
    std::unreachable();
}

std::string_view to_string(Security security) {
    return security == Security::tls ? "tls" : "starttls";
}

std::optional<std::string> url_of(const Offer& offer, std::string_view path) {
    constexpr std::uint16_t kUsualPort = 443;
    if (!offer.https_port) return std::nullopt;
    const std::string port = *offer.https_port == kUsualPort ? "" : fmt::format(":{}", *offer.https_port);
    return fmt::format("https://{}{}{}", offer.host, port, path);
}

std::optional<std::string> profile_url(const Offer& offer, const message::EmailAddress& address) {
    return url_of(offer, fmt::format("{}?emailaddress={}", kProfilePath, encode_query_value(address.to_string())));
}

std::optional<std::string> page_url(const Offer& offer, const message::EmailAddress& address) {
    return url_of(offer, fmt::format("{}?emailaddress={}", kPagePath, encode_query_value(address.to_string())));
}

} // namespace tegami::discovery
