#include "net/web_url.h"

#include "base/ascii.h"
#include "protocol/dns/name.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::net {

namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

/// A name that cannot be taken for an address: readers of numbers take "0x7f.1" and "2130706433" for one. The last label
/// of a name that is in use begins with a letter.
bool is_name(std::string_view host) {
    const auto is_of_name = [](char c) { return ascii::is_alnum(c) || c == '-' || c == '.' || c == '_'; };
    if (host.empty() || !std::ranges::all_of(host, is_of_name) || !dns::Name::parse(host)) return false;
    return ascii::is_alpha(host[host.rfind('.') + 1]);
}

/// Without "." and ".." segments (RFC 3986 §5.2.4). The path begins with "/".
std::string without_dots(std::string_view path) {
    std::vector<std::string_view> segments;
    bool ends_open = false; // with a "/"
    for (std::string_view segment : ascii::split(path.substr(1), '/')) {
        ends_open = segment == "." || segment == "..";
        if (segment == ".." && !segments.empty()) segments.pop_back();
        if (!ends_open) segments.push_back(segment);
    }
    std::string clean;
    for (const std::string_view segment : segments)
        (clean += '/') += segment;
    return ends_open || clean.empty() ? clean + '/' : clean;
}

/// With "%" and two digits for all that no address has.
std::string visible(std::string_view text) {
    std::string clean;
    for (const char c : text) {
        if (ascii::is_vchar(c) && c != '"' && c != '<' && c != '>' && c != '\\')
            clean += c;
        else
            clean += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return clean;
}

} // namespace

std::string WebUrl::authority() const {
    return port == (secure ? kHttpsPort : kHttpPort) ? host : fmt::format("{}:{}", host, port);
}

std::string WebUrl::to_string() const {
    return fmt::format("{}://{}{}", secure ? "https" : "http", authority(), target);
}

std::optional<WebUrl> parse_web_url(std::string_view text) {
    if (text.size() > kWebUrlBytesMax || !std::ranges::all_of(text, ascii::is_vchar)) return std::nullopt;
    const std::size_t scheme = text.find("://");
    if (scheme == std::string_view::npos) return std::nullopt;
    WebUrl url{.secure = ascii::iequals(text.substr(0, scheme), "https")};
    if (!url.secure && !ascii::iequals(text.substr(0, scheme), "http")) return std::nullopt;
    text = text.substr(scheme + 3);
    text = text.substr(0, text.find('#'));
    const std::size_t path = std::min(text.find_first_of("/?"), text.size());
    const std::string_view authority = text.substr(0, path);
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    url.host = ascii::lower(authority.substr(0, colon));
    if (url.host.ends_with('.')) url.host.pop_back();
    if (!is_name(url.host)) return std::nullopt;
    url.port = url.secure ? kHttpsPort : kHttpPort;
    if (colon + 1 < authority.size()) {
        const auto port = ascii::parse_number<std::uint16_t>(authority.substr(colon + 1));
        if (!port || *port == 0) return std::nullopt;
        url.port = *port;
    }
    url.target = text.substr(path);
    if (!url.target.starts_with('/')) url.target.insert(0, "/");
    return url;
}

std::optional<WebUrl> resolve(const WebUrl& base, std::string_view reference) {
    if (reference.size() > kWebUrlBytesMax) return std::nullopt;
    const std::string text = visible(reference.substr(0, reference.find('#')));
    // RFC 3986 §3.1: what stands before the first ":" and has no "/" is a scheme.
    if (text.substr(0, text.find('/')).contains(':')) return parse_web_url(text);
    const std::string_view scheme = base.secure ? "https" : "http";
    if (text.starts_with("//")) return parse_web_url(fmt::format("{}:{}", scheme, text));
    const std::string_view old_target = base.target;
    const std::string_view old_path = old_target.substr(0, old_target.find('?'));
    const std::size_t query = std::min(text.find('?'), text.size());
    std::string path = text.substr(0, query);
    WebUrl url = base;
    if (path.empty())
        url.target = query < text.size() ? std::string(old_path) + text.substr(query) : base.target;
    else
        url.target =
            without_dots(path.starts_with('/') ? path
                                               : std::string(old_path.substr(0, old_path.rfind('/') + 1)) + path) +
            text.substr(query);
    return url.to_string().size() <= kWebUrlBytesMax ? std::optional(url) : std::nullopt;
}

} // namespace tegami::net
