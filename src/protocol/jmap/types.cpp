#include "protocol/jmap/types.h"

#include "base/ascii.h"

#include <fmt/chrono.h>

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

std::optional<message::DateTime> read_date(const json::value& value) {
    const json::string* const given = value.if_string();
    const std::string_view text = given == nullptr ? std::string_view() : std::string_view(*given);
    if (text.size() < 20 || text[10] != 'T') return std::nullopt;
    const auto number = [text](std::size_t at, std::size_t length) -> std::optional<int> {
        const auto digits = ascii::parse_number<std::uint16_t>(text.substr(at, length));
        return digits ? std::optional<int>(*digits) : std::nullopt;
    };
    const auto year = number(0, 4), month = number(5, 2), day = number(8, 2), hour = number(11, 2),
               minute = number(14, 2), second = number(17, 2);
    if (!year || !month || !day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok() || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') return std::nullopt;
    message::DateTime result;
    std::size_t at = 19;
    if (text[at] == '.') at = std::min(text.find_first_not_of("0123456789", at + 1), text.size());
    if (text.substr(at) != "Z") {
        const auto hours = number(at + 1 > text.size() ? text.size() : at + 1, 2);
        const auto minutes = at + 4 <= text.size() ? number(at + 4, 2) : std::nullopt;
        if (text.size() != at + 6 || (text[at] != '+' && text[at] != '-') || text[at + 3] != ':' || !hours ||
            !minutes || *hours > 23 || *minutes > 59)
            return std::nullopt;
        result.offset = std::chrono::minutes(*hours * 60 + *minutes) * (text[at] == '-' ? -1 : 1);
    }
    result.utc = std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                 std::chrono::seconds(*second) - result.offset;
    return result;
}

std::optional<std::chrono::sys_seconds> read_utc_date(const json::value& value) {
    const auto date = read_date(value);
    if (!date || !value.get_string().ends_with('Z')) return std::nullopt;
    return date->utc;
}

std::string print_utc_date(std::chrono::sys_seconds date) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", date);
}

} // namespace tegami::jmap
