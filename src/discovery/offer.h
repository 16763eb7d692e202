// What a server offers to mail programs, and where it tells them of it.
#pragma once

#include "message/address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::discovery {

enum class Protocol : std::uint8_t { imap, pop3, submission };

enum class Security : std::uint8_t {
    tls,      ///< from the first octet on
    starttls, ///< asked for in the protocol
};

/// One way to connect, always encrypted.
struct Service {
    Protocol protocol = Protocol::imap;
    Security security = Security::tls;
    std::uint16_t port = 0;

    bool operator==(const Service&) const = default;
};

struct Offer {
    std::string host;              ///< A-labels
    std::vector<Service> services; ///< of each protocol, TLS from the first octet on is before STARTTLS (RFC 8314 §3)
    std::optional<std::uint16_t> https_port; ///< where the answers are; nothing: nobody serves them
};

/// Paths of the answers.
inline constexpr std::string_view kAutoconfigPath = "/mail/config-v1.1.xml";
inline constexpr std::string_view kWellKnownAutoconfigPath = "/.well-known/autoconfig/mail/config-v1.1.xml";
inline constexpr std::string_view kAutodiscoverPath = "/autodiscover/autodiscover.xml";
inline constexpr std::string_view kAutodiscoverJsonPath = "/autodiscover/autodiscover.json";
inline constexpr std::string_view kProfilePath = "/mail/settings.mobileconfig";
inline constexpr std::string_view kPagePath = "/mail/settings";

/// The names below a domain that programs ask: autoconfig.DOMAIN, autodiscover.DOMAIN.
inline constexpr std::string_view kAutoconfigHost = "autoconfig.";
inline constexpr std::string_view kAutodiscoverHost = "autodiscover.";

/// The best way to use the protocol; null: it is not offered.
const Service* best_service(const Offer& offer, Protocol protocol);

/// "imap", "pop3", "submission".
std::string_view to_string(Protocol protocol);
/// "tls", "starttls".
std::string_view to_string(Security security);

/// Where the server serves a path that begins with "/"; nothing if it serves none.
std::optional<std::string> url_of(const Offer& offer, std::string_view path);

/// Where the profile for an address is.
std::optional<std::string> profile_url(const Offer& offer, const message::EmailAddress& address);
/// Where the page for an address is (settings_page.h).
std::optional<std::string> page_url(const Offer& offer, const message::EmailAddress& address);

} // namespace tegami::discovery
