#include "acme/url.h"

#include "base/ascii.h"

#include <fmt/format.h>

namespace tegami::acme {

std::optional<Url> parse_url(std::string_view text) {
    constexpr std::string_view kScheme = "https://";
    constexpr std::uint16_t kPort = 443;
    if (text.size() > kUrlBytesMax || !ascii::istarts_with(text, kScheme)) return std::nullopt;
    if (!std::ranges::all_of(text, [](char c) { return ascii::is_vchar(c) && c != '#' && c != '"' && c != '\\'; }))
        return std::nullopt;
    text.remove_prefix(kScheme.size());
    const auto path = text.find_first_of("/?");
    const std::string_view authority = text.substr(0, path);
    const auto colon = authority.find(':');
    Url url{.host = ascii::lower(authority.substr(0, colon))};
    const auto is_of_name = [](char c) { return ascii::is_alnum(c) || c == '-' || c == '.'; };
    if (url.host.empty() || !std::ranges::all_of(url.host, is_of_name)) return std::nullopt;
    if (colon != std::string_view::npos) {
        const auto port = ascii::parse_number<std::uint16_t>(authority.substr(colon + 1));
        if (!port || *port == 0) return std::nullopt;
        url.port = *port;
    }
    url.authority = url.port == kPort ? url.host : fmt::format("{}:{}", url.host, url.port);
    url.target = path == std::string_view::npos ? "" : text.substr(path);
    if (!url.target.starts_with('/')) url.target.insert(0, "/");
    return url;
}

} // namespace tegami::acme
