#include "acme/renewal.h"

#include "acme/answers.h"
#include "base/ascii.h"
#include "message/date.h"

namespace tegami::acme {

namespace {

/// Limit: how deep the answer may nest.
constexpr std::size_t kRenewalDepthMax = 6;

/// So many digits at the beginning, which are taken away with the separator behind them.
std::optional<unsigned> take_number(std::string_view& text, std::size_t digits, char separator) {
    if (text.size() < digits) return std::nullopt;
    const auto number = ascii::parse_number<unsigned>(text.substr(0, digits));
    text.remove_prefix(digits);
    if (separator == '\0') return number;
    if (text.empty() || ascii::lower(text.substr(0, 1)).front() != separator) return std::nullopt;
    text.remove_prefix(1);
    return number;
}

/// `Z`, or `+09:00`.
std::optional<std::chrono::minutes> take_zone(std::string_view text) {
    if (ascii::iequals(text, "z")) return std::chrono::minutes(0);
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
    const bool is_behind = text.front() == '-';
    text.remove_prefix(1);
    const auto hours = take_number(text, 2, ':');
    const auto minutes = take_number(text, 2, '\0');
    if (!hours || !minutes || *hours > 23 || *minutes > 59 || !text.empty()) return std::nullopt;
    const std::chrono::minutes offset(*hours * 60 + *minutes);
    return is_behind ? -offset : offset;
}

} // namespace

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
    const auto year = take_number(text, 4, '-');
    const auto month = take_number(text, 2, '-');
    const auto day = take_number(text, 2, 't');
    const auto hour = take_number(text, 2, ':');
    const auto minute = take_number(text, 2, ':');
    const auto second = take_number(text, 2, '\0');
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    if (text.starts_with('.')) text.remove_prefix(std::min(text.size(), text.find_first_not_of("0123456789", 1)));
    const auto zone = take_zone(text);
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                           std::chrono::day(*day)};
    // A leap second counts as the first one after it.
    if (!zone || !date.ok() || *year < 1970 || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second) - *zone;
}

Result<RenewalWindow, std::string> parse_renewal_info(std::string_view body) {
    const auto value = body.size() > kAnswerBytesMax ? std::nullopt : read_json(body, kRenewalDepthMax);
    const json::value* const found =
        value && value->is_object() ? value->get_object().if_contains("suggestedWindow") : nullptr;
    if (found == nullptr || !found->is_object()) return failure(std::string("it has no suggestedWindow"));
    const auto moment = [&](std::string_view name) -> std::optional<Timestamp> {
        const json::value* const text = found->get_object().if_contains(name);
        return text != nullptr && text->is_string() ? parse_rfc3339(text->get_string()) : std::nullopt;
    };
    const auto start = moment("start");
    const auto end = moment("end");
    if (!start || !end || *end <= *start) return failure(std::string("its suggestedWindow is none"));
    return RenewalWindow{.start = *start, .end = *end};
}

Timestamp moment_in(const RenewalWindow& window, RandomSource& random) {
    const auto length = std::chrono::duration_cast<Duration>(window.end - window.start);
    return window.start + Duration(random.below(static_cast<std::uint64_t>(length.count())));
}

Timestamp usual_renewal(Timestamp not_before, Timestamp not_after) {
    return not_after - (not_after - not_before) / 3;
}

std::optional<Duration> parse_retry_after(std::string_view text, Timestamp now) {
    constexpr Duration kLongest = std::chrono::hours(24);
    text = ascii::trim(text);
    if (const auto seconds = ascii::parse_number<std::uint32_t>(text))
        return std::min<Duration>(std::chrono::seconds(*seconds), kLongest);
    const auto date = message::parse_date(text);
    if (!date) return std::nullopt;
    return std::clamp<Duration>(date->utc - now, Duration(0), kLongest);
}

} // namespace tegami::acme
