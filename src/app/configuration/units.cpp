#include "app/configuration/units.h"

#include "base/ascii.h"

#include <fmt/format.h>

#include <array>
#include <limits>

namespace tegami::app {

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// Smallest first; every factor is a multiple of the one before.
constexpr std::array kByteUnits{Unit{"B", 1}, Unit{"KiB", 1ULL << 10}, Unit{"MiB", 1ULL << 20}, Unit{"GiB", 1ULL << 30},
                                Unit{"TiB", 1ULL << 40}};
constexpr std::array kTimeUnits{Unit{"s", 1}, Unit{"min", 60}, Unit{"h", 3600}, Unit{"d", 86400}};
constexpr std::uint64_t kDurationMax = 10ULL * 366 * 86400;

template <std::size_t N>
std::optional<std::uint64_t> parse(std::string_view text, const std::array<Unit, N>& units) {
    std::size_t digits = 0;
    while (digits < text.size() && ascii::is_digit(text[digits]))
        ++digits;
    const auto number = ascii::parse_number<std::uint64_t>(text.substr(0, digits));
    if (!number) return std::nullopt;
    const std::string_view name = ascii::trim(text.substr(digits));
    for (const Unit& unit : units)
        if (unit.name == name) {
            if (*number > std::numeric_limits<std::uint64_t>::max() / unit.factor) return std::nullopt;
            return *number * unit.factor;
        }
    return std::nullopt;
}

template <std::size_t N>
std::string print(std::uint64_t value, const std::array<Unit, N>& units) {
    const Unit* best = &units.front();
    for (const Unit& unit : units)
        if (value != 0 && value % unit.factor == 0) best = &unit;
    return fmt::format("{}{}", value / best->factor, best->name);
}

} // namespace

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
    return parse(text, kByteUnits);
}

std::string print_bytes(std::uint64_t bytes) {
    return print(bytes, kByteUnits);
}

std::string print_about(std::uint64_t bytes) {
    const Unit* best = &kByteUnits.front();
    for (const Unit& unit : kByteUnits)
        if (bytes >= unit.factor) best = &unit;
    if (best->factor == 1) return fmt::format("{} B", bytes);
    return fmt::format("{:.1f} {}", static_cast<double>(bytes) / static_cast<double>(best->factor), best->name);
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
    const auto seconds = parse(text, kTimeUnits);
    if (!seconds || *seconds > kDurationMax) return std::nullopt;
    return std::chrono::seconds(*seconds);
}

std::optional<std::chrono::sys_seconds> parse_time(std::string_view text) {
    // The form with every digit a 9; the offset is looked at apart.
    static constexpr std::string_view kForm = "9999-99-99T99:99:99";
    const auto number = [&](std::size_t at, std::size_t length) {
        return ascii::parse_number<unsigned>(text.substr(at, length)).value_or(~0U);
    };
    const auto fits = [&](std::size_t at, std::string_view form) {
        if (text.size() < at + form.size()) return false;
        for (std::size_t i = 0; i < form.size(); ++i)
            if (form[i] == '9' ? !ascii::is_digit(text[at + i]) : ascii::to_upper(text[at + i]) != form[i])
                return false;
        return true;
    };
    if (!fits(0, kForm)) return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(number(0, 4))),
                                           std::chrono::month(number(5, 2)), std::chrono::day(number(8, 2)));
    if (!date.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 60) return std::nullopt;
    std::chrono::sys_seconds time = std::chrono::sys_days(date) + std::chrono::hours(number(11, 2)) +
                                    std::chrono::minutes(number(14, 2)) + std::chrono::seconds(number(17, 2));
    const std::size_t at = kForm.size();
    if (text.size() == at + 1 && fits(at, "Z")) return time;
    const bool east = fits(at, "+99:99");
    if (text.size() != at + 6 || (!east && !fits(at, "-99:99")) || number(at + 1, 2) > 23 || number(at + 4, 2) > 59)
        return std::nullopt;
    const auto offset = std::chrono::hours(number(at + 1, 2)) + std::chrono::minutes(number(at + 4, 2));
    return east ? time - offset : time + offset;
}

std::string print_duration(std::chrono::seconds duration) {
    return print(static_cast<std::uint64_t>(duration.count()), kTimeUnits);
}

} // namespace tegami::app
