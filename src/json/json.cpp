#include "json/json.h"

#include "base/visible.h"
#include "message/utf8.h"

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace tegami {

namespace {

/// Collects the names of the objects that are open, and ends at an object with two of one name.
struct NameHandler {
    using Error = boost::system::error_code;
    using Text = json::string_view;

    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_object_size = max_array_size;
    static constexpr std::size_t max_string_size = max_array_size;
    static constexpr std::size_t max_key_size = max_array_size;

    std::vector<std::vector<std::string>> open; ///< names of each
    std::string name;                           ///< the part of it that has come
    bool repeated = false;

    bool on_object_begin(Error&) {
        open.emplace_back();
        return true;
    }

    bool on_object_end(std::size_t, Error& error) {
        std::ranges::sort(open.back());
        repeated = std::ranges::adjacent_find(open.back()) != open.back().end();
        open.pop_back();
        if (repeated) error = json::make_error_code(json::error::extra_data); // no more is needed
        return !repeated;
    }

    bool on_key_part(Text part, std::size_t, Error&) {
        name += part;
        return true;
    }

    bool on_key(Text part, std::size_t, Error&) {
        name += part;
        open.back().push_back(std::exchange(name, {}));
        return true;
    }

    // clang-format off
    bool on_document_begin(Error&) { return true; }
    bool on_document_end(Error&) { return true; }
    bool on_array_begin(Error&) { return true; }
    bool on_array_end(std::size_t, Error&) { return true; }
    bool on_string_part(Text, std::size_t, Error&) { return true; }
    bool on_string(Text, std::size_t, Error&) { return true; }
    bool on_number_part(Text, Error&) { return true; }
    bool on_int64(std::int64_t, Text, Error&) { return true; }
    bool on_uint64(std::uint64_t, Text, Error&) { return true; }
    bool on_double(double, Text, Error&) { return true; }
    bool on_bool(bool, Error&) { return true; }
    bool on_null(Error&) { return true; }
    bool on_comment_part(Text, Error&) { return true; }
    bool on_comment(Text, Error&) { return true; }

    // clang-format on
};

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

bool has_repeated_names(std::string_view octets) {
    json::basic_parser<NameHandler> parser({.max_depth = std::numeric_limits<std::size_t>::max()});
    boost::system::error_code error;
    parser.write_some(false, octets.data(), octets.size(), error);
    return parser.handler().repeated;
}

} // namespace tegami
