#include "trust/tls_report/record.h"

#include "base/ascii.h"
#include "base/ip_address.h"
#include "message/domain.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::tls_report {

namespace {

constexpr std::string_view kVersion = "v=TLSRPTv1";
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::size_t kKeyBytesMax = 32;

bool begins_as_record(std::string_view text) {
    return text.starts_with(kVersion) && ascii::trim_wsp(text.substr(kVersion.size())).starts_with(';');
}

/// tlsrpt-ext-name.
bool is_field_name(std::string_view text) {
    return !text.empty() && text.size() <= kKeyBytesMax && ascii::is_alnum(text.front()) &&
           std::ranges::all_of(text, [](char c) { return ascii::is_alnum(c) || c == '_' || c == '-' || c == '.'; });
}

/// RFC 3986 §2.1; nothing if a percent sign stands alone.
std::optional<std::string> undo_percent(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        if (at + 2 >= text.size() || !ascii::is_hex_digit(text[at + 1]) || !ascii::is_hex_digit(text[at + 2]))
            return std::nullopt;
        out += static_cast<char>(ascii::hex_value(text[at + 1]) * 16 + ascii::hex_value(text[at + 2]));
        at += 2;
    }
    return out;
}

std::optional<ReportAddress> parse_mailto(std::string_view rest) {
    const auto path = undo_percent(rest.substr(0, rest.find('?')));
    if (!path) return std::nullopt;
    auto mailbox = message::parse_email_address(*path);
    if (!mailbox) return std::nullopt;
    return *std::move(mailbox);
}

std::optional<ReportAddress> parse_https(std::string_view rest) {
    if (!rest.starts_with("//")) return std::nullopt;
    rest.remove_prefix(2);
    rest = rest.substr(0, rest.find('#'));
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    std::string_view authority = rest.substr(0, end);
    WebAddress address{.host = {}, .port = kHttpsPort, .target = std::string(rest.substr(end))};
    if (!address.target.starts_with('/')) address.target.insert(0, 1, '/');
    if (const std::size_t colon = authority.find(':'); colon != std::string_view::npos) {
        const auto port = ascii::parse_number<std::uint16_t>(authority.substr(colon + 1));
        if (!port || *port == 0) return std::nullopt;
        address.port = *port;
        authority = authority.substr(0, colon);
    }
    const auto host = message::Domain::parse(authority);
    if (!host || host->is_address_literal() || IpAddress::parse(authority)) return std::nullopt;
    address.host = host->ascii();
    return address;
}

std::optional<ReportAddress> parse_uri(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.size() > kTlsReportUriBytesMax) return std::nullopt;
    if (!std::ranges::all_of(text, [](char c) { return ascii::is_vchar(c) && c != '!'; })) return std::nullopt;
    const std::string_view rest = text.substr(colon + 1);
    if (ascii::iequals(text.substr(0, colon), "mailto")) return parse_mailto(rest);
    if (ascii::iequals(text.substr(0, colon), "https")) return parse_https(rest);
    return std::nullopt;
}

std::vector<ReportAddress> parse_addresses(std::string_view value) {
    std::vector<ReportAddress> addresses;
    std::size_t seen = 0;
    for (const std::string_view each : ascii::split(value, ',')) {
        if (seen++ == kTlsReportUrisMax) break;
        auto address = parse_uri(ascii::trim_wsp(each));
        if (address && std::ranges::find(addresses, *address) == addresses.end())
            addresses.push_back(*std::move(address));
    }
    return addresses;
}

} // namespace

std::string WebAddress::to_string() const {
    return port == kHttpsPort ? fmt::format("https://{}{}", host, target)
                              : fmt::format("https://{}:{}{}", host, port, target);
}

std::vector<ReportAddress> find_report_addresses(const std::vector<std::string>& texts) {
    if (std::ranges::count_if(texts, begins_as_record) != 1) return {};
    const std::string& text = *std::ranges::find_if(texts, begins_as_record);
    if (text.size() > kTlsReportRecordBytesMax) return {};
    std::vector<std::string_view> fields = ascii::split(text, ';');
    if (ascii::trim_wsp(fields.back()).empty()) fields.pop_back();
    std::optional<std::string_view> rua;
    for (std::size_t index = 1; index < fields.size(); ++index) {
        const std::string_view field = ascii::trim_wsp(fields[index]);
        const std::size_t equals = field.find('=');
        if (equals == std::string_view::npos || !is_field_name(field.substr(0, equals))) return {};
        if (field.substr(0, equals) == "rua" && !rua) rua = field.substr(equals + 1);
    }
    return parse_addresses(rua.value_or(""));
}

} // namespace tegami::tls_report
