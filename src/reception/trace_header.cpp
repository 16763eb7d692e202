#include "reception/trace_header.h"

#include "base/ascii.h"
#include "message/date.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::reception {

namespace {

/// A name the client chose, made harmless inside a structured field: A-labels where it is a domain beyond ASCII, and
/// "?" for whatever has no place in a host name or literal.
std::string safe_helo(std::string_view name) {
    std::string safe(name.substr(0, 255));
    if (std::ranges::any_of(safe, ascii::is_high))
        if (const auto domain = message::Domain::parse(safe)) safe = domain->ascii();
    const auto is_odd = [](char c) { return !ascii::is_alnum(c) && !std::string_view("-._:[]").contains(c); };
    std::ranges::replace_if(safe, is_odd, '?');
    return safe.empty() ? "unknown" : safe;
}

std::string address_literal(const IpAddress& address) {
    const IpAddress plain = address.unmapped();
    return plain.is_v4() ? "[" + plain.to_string() + "]" : "[IPv6:" + plain.to_string() + "]";
}

} // namespace

std::string received_field(const Client& client, const Trace& trace) {
    std::string field = "Received:";
    if (!client.identity)
        field += fmt::format(" from {} ({})", safe_helo(client.helo_name), address_literal(client.endpoint.address));
    field += fmt::format("{}by {} (Tegami)", client.identity ? " " : "\r\n\t", trace.by_host);
    field += fmt::format("\r\n\twith {} id {}", client.transmission_type, trace.id);
    if (!client.tls.empty()) field += fmt::format("\r\n\t({})", client.tls);
    if (trace.recipient) field += fmt::format("\r\n\tfor <{}>", trace.recipient->to_string());
    const message::DateTime now{.utc = std::chrono::floor<std::chrono::seconds>(trace.time)};
    return field + ";\r\n\t" + message::print_date(now) + "\r\n";
}

std::string return_path_field(const std::optional<message::EmailAddress>& reverse_path) {
    return fmt::format("Return-Path: <{}>\r\n", reverse_path ? reverse_path->to_string() : "");
}

} // namespace tegami::reception
