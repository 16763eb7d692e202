#include "net/forwarded.h"

#include "base/ascii.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::net {

namespace {

/// One proxy's word.
struct Hop {
    std::optional<IpAddress> client; ///< nothing: it does not tell, or not in a way we read
    std::optional<bool> secure;
};

/// Cuts at a character that does not stand in quotes.
std::vector<std::string_view> split_unquoted(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quoted && text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (text[i] == at && !quoted) {
            parts.push_back(text.substr(begin, i - begin));
            begin = i + 1;
        }
    }
    parts.push_back(text.substr(begin));
    return parts;
}

std::string unquoted(std::string_view value) {
    if (value.size() < 2 || !value.starts_with('"') || !value.ends_with('"')) return std::string(value);
    value = value.substr(1, value.size() - 2);
    std::string text;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '\\' && i + 1 < value.size()) ++i;
        text += value[i];
    }
    return text;
}

/// RFC 7239 §6: "192.0.2.1", "192.0.2.1:4711", "[2001:db8::1]", "[2001:db8::1]:4711"; of X-Forwarded-For "2001:db8::1" too.
std::optional<IpAddress> parse_node(std::string_view text) {
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos || (end + 1 != text.size() && text[end + 1] != ':')) return std::nullopt;
        const auto address = IpAddress::parse(text.substr(1, end - 1));
        return address && address->is_v6() ? address : std::nullopt;
    }
    if (std::ranges::count(text, ':') == 1) text = text.substr(0, text.find(':'));
    return IpAddress::parse(text);
}

std::optional<bool> parse_protocol(std::string_view text) {
    if (ascii::iequals(text, "https")) return true;
    if (ascii::iequals(text, "http")) return false;
    return std::nullopt;
}

/// RFC 7239 §4: pairs between semicolons.
Hop parse_element(std::string_view element) {
    Hop hop;
    for (const std::string_view pair : split_unquoted(element, ';')) {
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view name = ascii::trim_wsp(pair.substr(0, equals));
        const std::string value = unquoted(ascii::trim_wsp(pair.substr(equals + 1)));
        if (ascii::iequals(name, "for")) hop.client = parse_node(value);
        if (ascii::iequals(name, "proto")) hop.secure = parse_protocol(value);
    }
    return hop;
}

std::vector<Hop> forwarded_hops(const HttpFields& fields) {
    std::vector<Hop> hops;
    for (const std::string_view value : fields.all("Forwarded"))
        for (const std::string_view element : split_unquoted(value, ','))
            hops.push_back(parse_element(element));
    return hops;
}

/// The protocol that the nearest proxy names is that of them all: no other list has as many entries for certain.
std::vector<Hop> x_forwarded_hops(const HttpFields& fields) {
    std::vector<Hop> hops;
    for (const std::string_view value : fields.all("X-Forwarded-For"))
        for (const std::string_view address : ascii::split(value, ','))
            hops.push_back({.client = parse_node(ascii::trim_wsp(address)), .secure = {}});
    const std::vector<std::string_view> protocols = fields.all("X-Forwarded-Proto");
    if (protocols.empty()) return hops;
    const std::string_view last = protocols.back();
    const auto secure = parse_protocol(ascii::trim_wsp(last.substr(last.rfind(',') + 1)));
    if (hops.empty()) hops.emplace_back();
    for (Hop& hop : hops)
        hop.secure = secure;
    return hops;
}

std::optional<ForwardedClient> believe(const std::vector<Hop>& hops, std::span<const IpNetwork> trusted) {
    if (hops.empty()) return std::nullopt;
    ForwardedClient believed;
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
        believed.secure = hop->secure;
        if (!hop->client) break;
        believed.client = hop->client->unmapped();
        if (!is_in_networks(trusted, *hop->client)) break;
    }
    return believed;
}

} // namespace

bool is_in_networks(std::span<const IpNetwork> networks, const IpAddress& address) {
    return std::ranges::any_of(networks, [&address](const IpNetwork& one) { return one.contains(address); });
}

std::optional<ForwardedClient> forwarded_for(const HttpRequest& request, std::span<const IpNetwork> trusted) {
    if (!is_in_networks(trusted, request.client.address)) return std::nullopt;
    const auto said = believe(forwarded_hops(request.fields), trusted);
    const auto said_by_others = believe(x_forwarded_hops(request.fields), trusted);
    if (!said || !said_by_others) return said ? said : said_by_others;
    return *said == *said_by_others ? said : std::nullopt;
}

} // namespace tegami::net
