#include "admin/log_feed.h"

#include "base/ascii.h"

#include <algorithm>
#include <utility>

namespace tegami::admin {

namespace {

std::size_t bytes_of(const LogLine& line) {
    std::size_t bytes = sizeof(LogLine) + line.event.size();
    for (const auto& [name, value] : line.fields)
        bytes += sizeof(std::pair<std::string, std::string>) + name.size() + value.size();
    return bytes;
}

} // namespace

std::string_view to_string(LogLevel level) {
    switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
    }
    std::unreachable();
}

bool LogFilter::takes(const LogLine& line) const {
    if (line.level < least) return false;
    const auto has = [&](std::string_view name, std::string_view wanted) {
        return std::ranges::any_of(line.fields, [&](const auto& field) {
            return (name.empty() || field.first == name) && ascii::iequals(field.second, wanted);
        });
    };
    return (service.empty() || has("service", service)) && (journey.empty() || has("journey", journey)) &&
           (address.empty() || has("", address));
}

void LogFeed::add(Timestamp time, LogLevel level, std::string_view event, LogFields fields) {
    LogLine line{.number = 0, .time = time, .level = level, .event = std::string(event)};
    line.fields.reserve(fields.size());
    for (const LogField& field : fields)
        line.fields.emplace_back(field.name, field.value.substr(0, kLogValueBytesMax));
    const std::size_t bytes = bytes_of(line);
    const std::lock_guard lock(guard_);
    line.number = ++newest_;
    lines_.push_back(std::make_shared<const LogLine>(std::move(line)));
    bytes_ += bytes;
    while (lines_.size() > kLogLinesKept || (bytes_ > kLogBytesKept && lines_.size() > 1)) {
        bytes_ -= bytes_of(*lines_.front());
        lines_.pop_front();
    }
}

void LogFeed::close() {
    const std::lock_guard lock(guard_);
    closed_ = true;
}

bool LogFeed::is_closed() const {
    const std::lock_guard lock(guard_);
    return closed_;
}

LogFeed::Page LogFeed::lines_after(std::uint64_t number, std::size_t count_max) const {
    const std::lock_guard lock(guard_);
    Page page;
    if (lines_.empty()) return page;
    const std::uint64_t oldest = lines_.front()->number;
    if (number > newest_) number = oldest - 1;
    if (number + 1 < oldest) page.left_out = oldest - 1 - number;
    const std::uint64_t first = std::max(number + 1, oldest) - oldest;
    for (std::size_t at = first; at < lines_.size() && page.lines.size() < count_max; ++at)
        page.lines.push_back(lines_[at]);
    return page;
}

std::uint64_t LogFeed::before_last(std::size_t count, const LogFilter& filter) const {
    const std::lock_guard lock(guard_);
    std::uint64_t place = newest_;
    for (auto line = lines_.rbegin(); line != lines_.rend() && count > 0; ++line) {
        if (!filter.takes(**line)) continue;
        place = (*line)->number - 1;
        --count;
    }
    return place;
}

std::optional<LogFeed::Place> LogFeed::enter() {
    const std::lock_guard lock(guard_);
    if (readers_ == kLogReadersMax) return std::nullopt;
    ++readers_;
    return Place(this);
}

void LogFeed::leave() {
    const std::lock_guard lock(guard_);
    --readers_;
}

} // namespace tegami::admin
