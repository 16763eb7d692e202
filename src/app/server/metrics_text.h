// Writes metrics in the text format of Prometheus (0.0.4): for each family its help and its type, then its samples.
#pragma once

#include "base/counter.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tegami::app {

class MetricsText {
public:
    using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    /// Begins a family that only grows; its name ends in _total.
    void counter(std::string_view name, std::string_view help) { begin(name, "counter", help); }

    /// Begins a family that goes up and down.
    void gauge(std::string_view name, std::string_view help) { begin(name, "gauge", help); }

    /// A sample of the family that was begun last. Label names are ours; values may be anything.
    void sample(Labels labels, std::uint64_t value);
    void sample(Labels labels, double value);

    /// A whole family, in seconds.
    void histogram(std::string_view name, std::string_view help, const DurationHistogram& durations);

    std::string take() { return std::move(text_); }

private:
    void begin(std::string_view name, std::string_view type, std::string_view help);
    void add(std::string_view suffix, Labels labels, std::string_view value);

    std::string text_;
    std::string family_;
};

} // namespace tegami::app
