#include "json/json.h"

#include "base/visible.h"
#include "message/utf8.h"

#include <fmt/format.h>

namespace tegami {

namespace {

void append_octet(std::string& out, unsigned char octet) {
    out += fmt::format("\\\\x{:02x}", octet);
}

// RFC 8259 §7: beyond the first plane as a pair of surrogates.
void append_character(std::string& out, char32_t character) {
    const auto unit = [&out](std::uint32_t value) { out += fmt::format("\\u{:04x}", value); };
    const auto code_point = static_cast<std::uint32_t>(character);
    if (code_point < 0x10000) return unit(code_point);
    unit(0xd800 + ((code_point - 0x10000) >> 10));
    unit(0xdc00 + ((code_point - 0x10000) & 0x3ff));
}

} // namespace

std::string write_json(const json::value& value) {
    // Outside of strings there is nothing but ASCII that is seen, and in them no control character below a space.
    return visible(json::serialize(value), {.octet = append_octet, .character = append_character});
}

bool is_utf8(const json::value& value) {
    return message::is_utf8(json::serialize(value));
}

std::optional<json::value> read_json(std::string_view octets, std::size_t depth_max) {
    boost::system::error_code error;
    json::value value = json::parse(octets, error, {}, {.max_depth = depth_max});
    if (error) return std::nullopt;
    return value;
}

} // namespace tegami
