#include "app/server/metrics_text.h"

#include <fmt/format.h>

#include <chrono>

namespace tegami::app {

namespace {

/// A quote and a line end would end the value.
std::string escaped(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\\' || c == '"' || c == '\n') text += '\\';
        text += c == '\n' ? 'n' : c;
    }
    return text;
}

double seconds(std::chrono::microseconds time) {
    return std::chrono::duration<double>(time).count();
}

} // namespace

void MetricsText::begin(std::string_view name, std::string_view type, std::string_view help) {
    family_ = name;
    text_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

void MetricsText::add(std::string_view suffix, Labels labels, std::string_view value) {
    text_ += family_;
    text_ += suffix;
    char before = '{';
    for (const auto& [name, label] : labels) {
        text_ += fmt::format("{}{}=\"{}\"", before, name, escaped(label));
        before = ',';
    }
    if (labels.size() > 0) text_ += '}';
    text_ += fmt::format(" {}\n", value);
}

void MetricsText::sample(Labels labels, std::uint64_t value) {
    add("", labels, fmt::to_string(value));
}

void MetricsText::sample(Labels labels, double value) {
    add("", labels, fmt::format("{}", value));
}

void MetricsText::histogram(std::string_view name, std::string_view help, const DurationHistogram& durations) {
    begin(name, "histogram", help);
    std::uint64_t count = 0;
    for (std::size_t bucket = 0; bucket < DurationHistogram::kBounds.size(); ++bucket) {
        count += durations.in_bucket(bucket);
        add("_bucket", {{"le", fmt::format("{}", seconds(DurationHistogram::kBounds.at(bucket)))}},
            fmt::to_string(count));
    }
    count += durations.in_bucket(DurationHistogram::kBounds.size());
    add("_bucket", {{"le", "+Inf"}}, fmt::to_string(count));
    add("_sum", {}, fmt::format("{}", seconds(durations.sum())));
    add("_count", {}, fmt::to_string(count));
}

} // namespace tegami::app
