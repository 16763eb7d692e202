// A Date value is cut into words and numbers; which is which follows from their form, so that the orders found in the
// wild (RFC 5322, asctime, ISO 8601 dates) all go through one reader.
#include "message/date.h"

#include "base/ascii.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace tegami::message {
namespace {

using namespace std::chrono;

/// Limit: octets of a Date value that are looked at.
constexpr std::size_t kDateBytesMax = 1'000;

/// Limit: words of a Date value that are passed over.
constexpr int kWordsPassedMax = 6;

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

struct Zone {
    std::string_view name;
    int hours;
};

/// RFC 5322 §4.3, and a few more whose meaning nobody doubts.
constexpr std::array kZones = {Zone{"UT", 0},   Zone{"GMT", 0},  Zone{"UTC", 0},  Zone{"Z", 0},    Zone{"EST", -5},
                               Zone{"EDT", -4}, Zone{"CST", -6}, Zone{"CDT", -5}, Zone{"MST", -7}, Zone{"MDT", -6},
                               Zone{"PST", -8}, Zone{"PDT", -7}, Zone{"JST", 9},  Zone{"KST", 9},  Zone{"CET", 1},
                               Zone{"CEST", 2}, Zone{"MET", 1},  Zone{"MEST", 2}, Zone{"BST", 1},  Zone{"EET", 2},
                               Zone{"EEST", 3}, Zone{"MSK", 3}};

struct MonthName {
    std::string_view start;
    unsigned month;
};

/// Interop: months in the languages of those whose programs write them (German, French, Spanish, Italian, Dutch,
/// Portuguese, Scandinavian, Polish), by how they begin, where they do not begin as in English.
constexpr MonthName kForeignMonths[] = {
    {"ene", 1},  {"gen", 1},  {"sty", 1},  {"fév", 2},  {"fev", 2},  {"lut", 2},  {"mär", 3},  {"mrz", 3},
    {"mrt", 3},  {"maa", 3},  {"avr", 4},  {"abr", 4},  {"kwi", 4},  {"mai", 5},  {"mag", 5},  {"mei", 5},
    {"maj", 5},  {"juin", 6}, {"giu", 6},  {"cze", 6},  {"juil", 7}, {"lug", 7},  {"lip", 7},  {"ago", 8},
    {"aoû", 8},  {"aou", 8},  {"sie", 8},  {"set", 9},  {"wrz", 9},  {"okt", 10}, {"out", 10}, {"ott", 10},
    {"paź", 10}, {"lis", 11}, {"dez", 12}, {"déc", 12}, {"dic", 12}, {"des", 12}, {"gru", 12},
};

std::optional<unsigned> month_of(std::string_view word) {
    for (unsigned index = 0; index < kMonthNames.size(); ++index)
        if (ascii::istarts_with(word, kMonthNames[index])) return index + 1;
    for (const MonthName& name : kForeignMonths)
        if (ascii::istarts_with(word, name.start)) return name.month;
    return std::nullopt;
}

/// What a number is in Chinese, Japanese and Korean, from the character behind it.
enum class Unit : std::uint8_t { none, year, month, day };

Unit take_unit(std::string_view& rest) {
    struct Name {
        std::string_view text;
        Unit unit;
    };

    for (const Name& name : {Name{"年", Unit::year}, Name{"년", Unit::year}, Name{"月", Unit::month},
                             Name{"월", Unit::month}, Name{"日", Unit::day}, Name{"일", Unit::day}}) {
        if (!rest.starts_with(name.text)) continue;
        rest.remove_prefix(name.text.size());
        return name.unit;
    }
    return Unit::none;
}

bool is_word_octet(char c) {
    return ascii::is_alpha(c) || ascii::is_high(c);
}

/// The value without comments (RFC 5322 §3.2.2); one that never ends takes the rest with it.
std::string without_comments(std::string_view value) {
    std::string out;
    int depth = 0;
    for (std::size_t at = 0; at < value.size(); ++at) {
        const char c = value[at];
        if (c == '\\' && depth > 0)
            ++at;
        else if (c == '(')
            ++depth;
        else if (c == ')' && depth > 0)
            --depth, out += ' ';
        else if (depth == 0)
            out += c;
    }
    return out;
}

/// Two-digit and three-digit years of RFC 5322 §4.3.
int full_year(int year, std::size_t digits) {
    if (digits == 2) return year < 50 ? year + 2000 : year + 1900;
    return digits == 3 ? year + 1900 : year;
}

class DateReader {
public:
    std::optional<DateTime> read(std::string_view value) {
        const std::string text = without_comments(value.substr(0, kDateBytesMax));
        std::string_view rest = text;
        while (!rest.empty() && take_piece(rest)) {
        }
        if (!rest.empty()) return std::nullopt;
        return result();
    }

private:
    /// Takes one word, number, time or zone from the front; false if something makes no sense.
    bool take_piece(std::string_view& rest) {
        const char c = rest.front();
        if (ascii::is_space(c) || c == ',' || c == '.') {
            rest.remove_prefix(1);
            return true;
        }
        if ((c == '+' || c == '-') && has_time_) return take_offset(rest);
        if (c == '-' || c == '/') {
            rest.remove_prefix(1);
            return true;
        }
        if (is_word_octet(c)) return take_word(rest);
        if (ascii::is_digit(c)) return take_number(rest);
        return false;
    }

    static std::string_view take_while(std::string_view& rest, bool (*wanted)(char)) {
        std::size_t length = 0;
        while (length < rest.size() && wanted(rest[length]))
            ++length;
        const std::string_view taken = rest.substr(0, length);
        rest.remove_prefix(length);
        return taken;
    }

    static std::string_view skip_space(std::string_view rest) {
        take_while(rest, ascii::is_space);
        return rest;
    }

    bool take_word(std::string_view& rest) {
        const std::string_view word = take_while(rest, is_word_octet);
        // The T of ISO 8601 between day and time.
        if (has_day_ && !has_time_ && ascii::iequals(word, "T")) return true;
        if (has_time_ && (month_ || has_day_)) {
            for (const Zone& zone : kZones) {
                if (!ascii::iequals(word, zone.name)) continue;
                // Interop: "GMT+0900" as JavaScript and Java print it: the offset from GMT follows and is what counts.
                return (zone.hours == 0 && starts_with_offset(rest)) || set_zone(hours(zone.hours), false);
            }
        }
        // A word before the day may be a weekday that looks like a month ("mar., 24 nov. 2026").
        if (const auto month = month_of(word); month && !has_day_ && !weekday_like_) {
            month_ = month, weekday_like_ = true;
            return true;
        } else if (month && (!month_ || weekday_like_)) {
            month_ = month, weekday_like_ = false;
            return true;
        }
        if (ascii::iequals(word, "AM") || ascii::iequals(word, "PM")) return take_half_day(word);
        // Weekdays say nothing that the date does not. Interop: nor do they, or zones, in languages that we do not know
        // (RFC 5322 §4.3: other letters mean -0000): one odd word does not spoil the rest.
        return ++words_passed_ <= kWordsPassedMax;
    }

    static bool starts_with_offset(std::string_view rest) {
        return rest.size() >= 2 && (rest[0] == '+' || rest[0] == '-') && ascii::is_digit(rest[1]);
    }

    bool take_half_day(std::string_view word) {
        if (!has_time_ || hour_ < 1 || hour_ > 12) return false;
        hour_ = hour_ % 12 + (ascii::iequals(word, "PM") ? 12 : 0);
        return true;
    }

    bool take_number(std::string_view& rest) {
        const std::string_view digits = take_while(rest, ascii::is_digit);
        if (digits.size() > 9) return false;
        const int number = static_cast<int>(*ascii::parse_number<unsigned>(digits));
        // RFC 5322 §4.3: space was once allowed around the colons.
        const std::string_view after_space = skip_space(rest);
        if (!has_time_ && after_space.starts_with(':')) {
            rest = after_space;
            return take_time(number, rest);
        }
        // Interop: "12.30.00" for a time, after a full date.
        if (!has_time_ && has_day_ && has_year_ && rest.starts_with('.')) return take_time(number, rest);
        const Unit unit = take_unit(rest);
        if (unit == Unit::month) {
            if (number < 1 || number > 12) return false;
            month_ = static_cast<unsigned>(number);
        } else if (unit == Unit::day) {
            day_ = number, has_day_ = true;
        } else if (unit == Unit::year) {
            year_ = number, has_year_ = true;
        } else if (!has_day_ && !month_ && digits.size() == 4) {
            // ISO 8601: year, month, day.
            year_ = number, has_year_ = true, iso_ = true;
        } else if (iso_ && !month_) {
            if (number < 1 || number > 12) return false;
            month_ = static_cast<unsigned>(number);
        } else if (!has_day_) {
            day_ = number, has_day_ = true;
        } else if (!has_year_) {
            year_ = full_year(number, digits.size()), has_year_ = true;
        } else {
            return false;
        }
        return true;
    }

    bool take_time(int hour, std::string_view& rest) {
        hour_ = hour;
        int* const fields[] = {&minute_, &second_};
        for (int* field : fields) {
            const std::string_view next = skip_space(rest);
            if (next.starts_with(':'))
                rest = skip_space(next.substr(1));
            else if (rest.starts_with('.'))
                rest.remove_prefix(1);
            else
                break;
            const std::string_view digits = take_while(rest, ascii::is_digit);
            if (digits.empty() || digits.size() > 2) return false;
            *field = static_cast<int>(*ascii::parse_number<unsigned>(digits));
        }
        // Fractions of a second are below what a Date can say.
        if (rest.starts_with('.')) {
            rest.remove_prefix(1);
            take_while(rest, ascii::is_digit);
        }
        has_time_ = true;
        return true;
    }

    bool take_offset(std::string_view& rest) {
        const bool negative = rest.front() == '-';
        rest.remove_prefix(1);
        rest = skip_space(rest);
        // Interop: "--0400" and "+-0400": the last sign counts.
        if (rest.starts_with('+') || rest.starts_with('-')) return true;
        std::string_view digits = take_while(rest, ascii::is_digit);
        std::string joined(digits);
        if (rest.starts_with(':')) {
            rest.remove_prefix(1);
            joined += take_while(rest, ascii::is_digit);
        }
        if (joined.empty() || joined.size() > 4) return false;
        if (joined.size() <= 2) joined += "00";
        const int number = static_cast<int>(*ascii::parse_number<unsigned>(joined));
        const minutes offset = hours(number / 100) + minutes(number % 100);
        // Limit: RFC 5322 §3.3 lets two digits say any number of hours; a day is more than any clock differs.
        if (number % 100 >= 60 || offset >= hours(24)) return set_zone(minutes(0), true);
        return set_zone(negative ? -offset : offset, negative && number == 0);
    }

    bool set_zone(minutes offset, bool unknown) {
        // What is said first counts: "+0900 JST" often comes with a wrong name.
        if (zone_known_) return true;
        offset_ = offset, zone_unknown_ = unknown, zone_known_ = true;
        return true;
    }

    std::optional<DateTime> result() const {
        if (!has_day_ || !month_ || !has_year_) return std::nullopt;
        if (year_ < 1 || year_ > 9999 || day_ < 1 || day_ > 31) return std::nullopt;
        const year_month_day date{year(year_), month(*month_), day(static_cast<unsigned>(day_))};
        if (!date.ok() || hour_ > 24 || minute_ > 59 || second_ > 60) return std::nullopt;
        if (hour_ == 24 && (minute_ != 0 || second_ != 0)) return std::nullopt;
        const sys_seconds local = sys_days(date) + hours(hour_) + minutes(minute_) + seconds(std::min(second_, 59));
        return DateTime{local - offset_, offset_, zone_unknown_ || !zone_known_};
    }

    int day_ = 0, year_ = 0, hour_ = 0, minute_ = 0, second_ = 0;
    std::optional<unsigned> month_;
    bool weekday_like_ = false; ///< month_ came from a word before the day
    int words_passed_ = 0;
    minutes offset_{0};
    bool has_day_ = false, has_year_ = false, has_time_ = false, iso_ = false;
    bool zone_known_ = false, zone_unknown_ = false;
};

} // namespace

std::optional<DateTime> parse_date(std::string_view value) {
    return DateReader().read(value);
}

std::string print_date(const DateTime& date) {
    const sys_seconds local = date.utc + date.offset;
    const sys_days days = floor<std::chrono::days>(local);
    const year_month_day ymd(days);
    const hh_mm_ss time(local - days);
    const long offset = std::abs(date.offset.count());
    const bool negative = date.offset.count() < 0 || date.zone_unknown;
    return fmt::format("{}, {} {} {:04} {:02}:{:02}:{:02} {}{:02}{:02}", kDays[weekday(days).c_encoding()],
                       static_cast<unsigned>(ymd.day()), kMonthNames[static_cast<unsigned>(ymd.month()) - 1],
                       static_cast<int>(ymd.year()), time.hours().count(), time.minutes().count(),
                       time.seconds().count(), negative ? '-' : '+', offset / 60, offset % 60);
}

} // namespace tegami::message
