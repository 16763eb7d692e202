#include "protocol/jmap/types.h"

#include "base/ascii.h"

#include <algorithm>
#include <cmath>

namespace tegami::jmap {

bool is_id(std::string_view text) {
    constexpr std::size_t kIdBytesMax = 255;
    return !text.empty() && text.size() <= kIdBytesMax &&
           std::ranges::all_of(text, [](char octet) { return ascii::is_alnum(octet) || octet == '-' || octet == '_'; });
}

std::optional<std::int64_t> read_int(const json::value& value) {
    std::int64_t number = 0;
    if (const auto* const whole = value.if_int64()) {
        number = *whole;
    } else if (const auto* const real = value.if_double()) {
        if (std::trunc(*real) != *real || std::abs(*real) > static_cast<double>(kIntMax)) return std::nullopt;
        number = static_cast<std::int64_t>(*real);
    } else {
        return std::nullopt; // text, or a whole number beyond every limit
    }
    if (number > kIntMax || number < -kIntMax) return std::nullopt;
    return number;
}

} // namespace tegami::jmap
