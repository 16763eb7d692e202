#include "simulation/scenario.h"

#include "base/random.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace tegami::simulation {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(EventKind::kinds)> kNames{
    "submit",      "outside", "imap",      "pop",        "crash", "crash_at",  "restart",  "cut",
    "cut_one_way", "weather", "disk_full", "disk_error", "rot",   "dns_fails", "dns_lies", "clock_jump"};

/// The next word of a line, cut off its front.
std::string_view next_word(std::string_view& line) {
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t end = std::min(line.find(' ', begin), line.size());
    const std::string_view word = line.substr(begin, end - begin);
    line.remove_prefix(end);
    return word;
}

std::optional<std::uint32_t> number_of(std::string_view word) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return number;
}

/// "90s", "5m", "2h", "6d".
std::optional<Duration> duration_of(std::string_view word) {
    if (word.empty()) return std::nullopt;
    const auto number = number_of(word.substr(0, word.size() - 1));
    if (!number) return std::nullopt;
    switch (word.back()) {
    case 's': return std::chrono::seconds(*number);
    case 'm': return std::chrono::minutes(*number);
    case 'h': return std::chrono::hours(*number);
    case 'd': return std::chrono::days(*number);
    default: return std::nullopt;
    }
}

/// "3..8" or "3", read by `read`.
template <class T>
bool read_bounds(std::string_view word, std::optional<T> (*read)(std::string_view), T& least, T& most) {
    const std::size_t dots = word.find("..");
    const auto first = read(word.substr(0, dots));
    const auto last = dots == std::string_view::npos ? first : read(word.substr(dots + 2));
    if (!first || !last || *last < *first) return false;
    least = *first;
    most = *last;
    return true;
}

/// "TIMES [COUNT..COUNT] [for TIME..TIME]".
bool read_portion(std::string_view line, Portion& portion) {
    const auto times = number_of(next_word(line));
    if (!times) return false;
    portion.times = *times;
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
        if (word == "for") {
            if (!read_bounds(next_word(line), duration_of, portion.lasts_min, portion.lasts_max)) return false;
        } else if (!read_bounds(word, number_of, portion.count_min, portion.count_max)) {
            return false;
        }
    }
    return true;
}

bool read_line(std::string_view line, Scenario& scenario) {
    const std::string_view key = next_word(line);
    if (key == "about") {
        scenario.text = line.substr(std::min<std::size_t>(1, line.size()));
        return true;
    }
    const auto known = std::ranges::find(kNames, key);
    if (known != kNames.end()) return read_portion(line, scenario.portions[known - kNames.begin()]);
    const std::string_view value = next_word(line);
    if (key == "lasts") {
        const auto lasts = duration_of(value);
        scenario.lasts = lasts.value_or(Duration{});
        return lasts.has_value();
    }
    for (const auto& [name, setting] : {std::pair{"servers", &scenario.servers}, std::pair{"users", &scenario.users},
                                        std::pair{"large", &scenario.large_in_hundred}}) {
        if (key != name) continue;
        const auto number = number_of(value);
        *setting = number.value_or(0);
        return number.has_value();
    }
    return false;
}

} // namespace

std::string_view name_of(EventKind kind) {
    return kNames.at(static_cast<std::size_t>(kind));
}

Result<Scenario, std::string> parse_scenario(std::string_view name, std::string_view text) {
    Scenario scenario{.name = std::string(name), .text = {}};
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, std::min(end, text.find('#')));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.find_first_not_of(' ') == std::string_view::npos) continue;
        if (!read_line(line, scenario)) return failure(fmt::format("line {} makes no sense: {}", number, line));
    }
    if (scenario.servers < 1 || scenario.servers > 8 || scenario.users < 1 || scenario.users > 50)
        return failure(std::string("1 to 8 servers with 1 to 50 users each"));
    return scenario;
}

std::vector<Event> make_plan(const Scenario& scenario, std::uint64_t seed) {
    SeededRandom random(seed);
    const auto between = [&random](auto least, auto most) {
        return least + static_cast<decltype(least)>(random.below(static_cast<std::uint64_t>(most - least) + 1));
    };
    std::vector<Event> plan;
    for (std::size_t kind = 0; kind < kNames.size(); ++kind) {
        const Portion& portion = scenario.portions[kind];
        // A fault that is foreseen does not come in every run: what happens without it is worth seeing too.
        const bool fault = kind >= static_cast<std::size_t>(EventKind::crash);
        const std::uint32_t times = fault ? between(0U, portion.times) : portion.times;
        for (std::uint32_t i = 0; i < times; ++i) {
            Event event{.kind = static_cast<EventKind>(kind)};
            event.at = Duration(between(Duration::rep{0}, scenario.lasts.count()));
            event.lasts = Duration(between(portion.lasts_min.count(), portion.lasts_max.count()));
            event.count = between(portion.count_min, portion.count_max);
            event.seed = random.number();
            plan.push_back(event);
        }
    }
    std::ranges::sort(plan, {}, &Event::at);
    for (std::uint32_t i = 0; i < plan.size(); ++i)
        plan[i].id = i;
    return plan;
}

} // namespace tegami::simulation
