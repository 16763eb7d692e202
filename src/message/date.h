// The date and time of header fields (RFC 5322 §3.3), read tolerantly (obsolete zones, two-digit years, missing
// seconds, comments, asctime order) and printed strictly.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::message {

/// The names of the months, as RFC 5322 §3.3 and RFC 9051 §9 write them.
inline constexpr std::array<std::string_view, 12> kMonthNames{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct DateTime {
    std::chrono::sys_seconds utc{};
    /// What the writer's clock was ahead of UTC.
    std::chrono::minutes offset{0};
    /// `-0000`: the time is UTC but the writer's zone is not known (RFC 5322 §3.3).
    bool zone_unknown = false;

    /// The calendar day on the writer's clock, which IMAP's SENTBEFORE compares (RFC 9051 §6.4.4).
    std::chrono::sys_days local_day() const { return std::chrono::floor<std::chrono::days>(utc + offset); }

    bool operator==(const DateTime&) const = default;
};

/// The moment a Date value names, or nothing if it names none between the years 1 and 9999.
std::optional<DateTime> parse_date(std::string_view value);

/// `Sun, 22 Nov 2026 20:54:16 +0900`.
std::string print_date(const DateTime& date);

} // namespace tegami::message
