#include "app/units.h"

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

std::string print_duration(std::chrono::seconds duration) {
    return print(static_cast<std::uint64_t>(duration.count()), kTimeUnits);
}

} // namespace tegami::app
