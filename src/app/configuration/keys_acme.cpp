// The keys of [acme].
#include "app/configuration/config_keys.h"

#include "acme/url.h"
#include "message/address.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::app {

namespace {

constexpr std::array kChallenges{Choice<acme::ChallengeKind>{"http-01", acme::ChallengeKind::http},
                                 Choice<acme::ChallengeKind>{"tls-alpn-01", acme::ChallengeKind::tls_alpn},
                                 Choice<acme::ChallengeKind>{"dns-01", acme::ChallengeKind::dns}};

void read_acme_directory(ConfigReading& reading, const toml::node& node, Config& config) {
    reading.text(node, config.acme.directory);
    if (node.is_string() && !acme::parse_url(config.acme.directory))
        reading.problem("must be an address with https://, such as \"https://acme-v02.api.letsencrypt.org/directory\"");
}

void read_acme_contact(ConfigReading& reading, const toml::node& node, Config& config) {
    std::string text;
    reading.text(node, text);
    if (!node.is_string()) return;
    const auto address = message::parse_email_address(text);
    // RFC 8555 §7.3: one address and nothing else, as in a link.
    if (!address || ascii::has_high_octet(text) || text.find_first_of("?%,\" ") != std::string::npos)
        return reading.problem("must be an address such as \"postmaster@example.org\"");
    config.acme.contact = text;
}

void read_acme_names(ConfigReading& reading, const toml::node& node, Config& config) {
    // Limit: authorities take 100 names in one certificate; the host name is one of them.
    constexpr std::size_t kMost = 99;
    for (const std::string& text : reading.texts(node, "[\"www.example.org\"]")) {
        const std::string_view wildcard = text.starts_with("*.") ? "*." : "";
        const auto name = message::Domain::parse(std::string_view(text).substr(wildcard.size()));
        if (!name || name->is_address_literal() || !name->ascii().contains('.') || IpAddress::parse(text)) {
            reading.problem(fmt::format("\"{}\" is no name such as \"www.example.org\" or \"*.example.org\"",
                                        ascii::printable(text)));
            continue;
        }
        std::string ascii = std::string(wildcard) + name->ascii();
        if (std::ranges::find(config.acme.names, ascii) == config.acme.names.end())
            config.acme.names.push_back(std::move(ascii));
    }
    if (config.acme.names.size() > kMost) reading.problem(fmt::format("must name {} at most", kMost));
}

const std::array kAcmeKeys{
    ConfigKey{"acme", "directory", read_acme_directory},
    ConfigKey{"acme", "terms_agreed",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.boolean(n, c.acme.terms_agreed); }},
    ConfigKey{"acme", "contact", read_acme_contact},
    ConfigKey{"acme", "challenge",
              [](ConfigReading& r, const toml::node& n, Config& c) { choose(r, n, c.acme.challenge, kChallenges); }},
    ConfigKey{"acme", "names", read_acme_names},
    ConfigKey{"acme", "authorities",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.path(n, c.acme.authorities); }},
    ConfigKey{"acme", "external_account",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.text(n, c.acme.external_account); }},
    ConfigKey{"acme", "external_account_file",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.path(n, c.acme.external_account_file); }},
};

} // namespace

std::span<const ConfigKey> acme_keys() {
    return kAcmeKeys;
}

} // namespace tegami::app
