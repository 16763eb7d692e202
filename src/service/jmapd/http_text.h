// What requests say in addresses and fields, and answers in theirs: read strictly, written safely.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmapd {

/// The segments of a path behind `prefix`, with "%" and two digits undone (RFC 3986 §2.1). Nothing if a "%" is no octet.
std::optional<std::vector<std::string>> path_segments(std::string_view path, std::string_view prefix);

/// Octets of a whole: [begin, begin + length).
struct OctetRange {
    std::uint64_t begin = 0;
    std::uint64_t length = 0;

    bool operator==(const OctetRange&) const = default;
};

enum class RangeKind : std::uint8_t {
    whole,         ///< no range, or one that is not understood: everything is answered (RFC 9110 §14.2)
    part,          ///< 206
    unsatisfiable, ///< 416
};

struct AskedRange {
    RangeKind kind = RangeKind::whole;
    OctetRange octets{};

    bool operator==(const AskedRange&) const = default;
};

/// The field Range of a request for `size` octets; several ranges count as none.
AskedRange parse_range(std::string_view field, std::uint64_t size);

/// "type/subtype", with a charset if there is one, out of what a client asks for; "application/octet-stream" for
/// everything else, such as "*/*" (RFC 8620 §6.2).
std::string media_type(std::string_view asked);

} // namespace tegami::jmapd
