#include "service/webd/letter_addresses.h"

#include "base/ascii.h"
#include "message/domain.h"
#include "message/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tegami::webd {

namespace {

struct NamedCharacter {
    std::string_view name;
    std::string_view text;
};

/// Those that stand in addresses, or end them.
constexpr NamedCharacter kNamed[] = {{"amp", "&"},    {"quot", "\""}, {"apos", "'"},  {"lt", "<"},     {"gt", ">"},
                                     {"colon", ":"},  {"sol", "/"},   {"num", "#"},   {"quest", "?"},  {"equals", "="},
                                     {"period", "."}, {"comma", ","}, {"plus", "+"},  {"percnt", "%"}, {"lowbar", "_"},
                                     {"semi", ";"},   {"excl", "!"},  {"commat", "@"}};

/// Limit: octets of a reference to a character, behind "&".
constexpr std::size_t kReferenceMax = 10;

/// What "&…;" at the beginning of the text stands for is appended; returns its octets, 0 if it stands for itself.
std::size_t take_reference(std::string_view text, std::string& out) {
    const auto is_of_name = [](char c) { return ascii::is_alnum(c) || c == '#'; };
    std::string_view name = text.substr(1, kReferenceMax);
    const auto end = std::ranges::find_if_not(name, is_of_name);
    name = name.substr(0, static_cast<std::size_t>(end - name.begin()));
    const std::size_t taken = 1 + name.size() + (text.substr(1 + name.size()).starts_with(';') ? 1 : 0);
    if (name.starts_with("#")) {
        name.remove_prefix(1);
        const bool hex = ascii::istarts_with(name, "x");
        if (hex) name.remove_prefix(1);
        char32_t character = 0;
        for (const char digit : name) {
            const int value = ascii::hex_value(digit);
            if (value < 0 || (!hex && value > 9)) return 0;
            character = std::min<char32_t>(character * (hex ? 16 : 10) + static_cast<char32_t>(value), 0x10ffff);
        }
        if (name.empty()) return 0;
        message::append_utf8(out, character);
        return taken;
    }
    for (const NamedCharacter& each : kNamed) {
        // Interop: "&amp" without its end is read so, too.
        if (name != each.name) continue;
        out += each.text;
        return taken;
    }
    return 0;
}

/// The text of all attributes as a browser has it. Line ends and tabs in addresses are passed over.
std::string without_references(std::string_view html) {
    std::string text;
    text.reserve(html.size());
    for (std::size_t at = 0; at < html.size();) {
        const std::size_t reference = html[at] == '&' ? take_reference(html.substr(at), text) : 0;
        if (reference == 0 && html[at] != '\t' && html[at] != '\r' && html[at] != '\n') text += html[at];
        at += std::max<std::size_t>(reference, 1);
    }
    return text;
}

/// "%" with two digits undone, in lower case.
std::string plain(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool is_octet = text[at] == '%' && at + 2 < text.size() && ascii::is_hex_digit(text[at + 1]) &&
                              ascii::is_hex_digit(text[at + 2]);
        const char octet = is_octet
                               ? static_cast<char>(16 * ascii::hex_value(text[at + 1]) + ascii::hex_value(text[at + 2]))
                               : text[at];
        clean += ascii::to_lower(octet);
        if (is_octet) at += 2;
    }
    return clean;
}

/// What stands around an address.
bool is_boundary(char c) {
    return std::string_view(" \"'`<>(),=").contains(c);
}

/// Whether what stands before "//" at `at` makes it the beginning of such an address.
bool begins(std::string_view text, std::size_t at, bool secure) {
    std::string_view before = text.substr(0, at);
    if (before.ends_with(':')) {
        const std::string_view scheme = secure ? "https:" : "http:";
        if (!before.ends_with(scheme)) return false;
        before.remove_suffix(scheme.size());
        return before.empty() || !ascii::is_alnum(before.back());
    }
    // Our page is under https, and an address without a scheme has that of its page.
    return secure && (before.empty() || is_boundary(before.back()));
}

/// How the address may stand behind "//".
std::vector<std::string> spellings(const net::WebUrl& url) {
    std::vector<std::string> hosts{url.host};
    const auto domain = message::Domain::parse(url.host);
    if (domain && domain->display() != url.host) hosts.push_back(domain->display());
    std::vector<std::string> ports{fmt::format(":{}", url.port)};
    if (url.authority() == url.host) ports.emplace_back(); // a browser leaves it out
    const std::string target = plain(url.target);
    std::vector<std::string> all;
    for (const std::string& host : hosts) {
        for (const std::string& port : ports) {
            all.push_back(fmt::format("{}{}{}", host, port, target));
            // A browser writes the "/" that a letter may leave out.
            if (target == "/" || target.starts_with("/?"))
                all.push_back(fmt::format("{}{}{}", host, port, target.substr(1)));
        }
    }
    return all;
}

} // namespace

bool names_address(std::string_view html, const net::WebUrl& url) {
    const std::string text = plain(without_references(html));
    const std::vector<std::string> wanted = spellings(url);
    for (std::size_t at = text.find("//"); at != std::string::npos; at = text.find("//", at + 1)) {
        if (!begins(text, at, url.secure)) continue;
        const std::string_view rest = std::string_view(text).substr(at + 2);
        for (const std::string& each : wanted) {
            if (!rest.starts_with(each)) continue;
            const std::string_view behind = rest.substr(each.size());
            if (behind.empty() || behind.front() == '#' || is_boundary(behind.front())) return true;
        }
    }
    return false;
}

} // namespace tegami::webd
