#include "app/command_line/transfer_progress.h"

#include "app/command_line/commands.h"
#include "app/configuration/units.h"

#include "app/command_line/phrase.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

std::string in_words(std::chrono::seconds time) {
    if (time < std::chrono::minutes(2)) return say("{} s", time.count());
    if (time < std::chrono::hours(2)) return say("{} min", time.count() / 60);
    return say("{} h", time.count() / 3600);
}

/// ", 4 min left", if that can be said.
std::string time_left(std::uint64_t done, std::uint64_t total, double seconds) {
    if (done == 0 || done >= total) return {};
    const double left = seconds / static_cast<double>(done) * static_cast<double>(total - done);
    return say(", {} left", in_words(std::chrono::seconds(static_cast<std::int64_t>(left))));
}

} // namespace

std::string describe_progress(std::optional<std::uint64_t> messages, std::uint64_t bytes, std::uint64_t bytes_total,
                              Duration since_begin) {
    const double seconds = std::chrono::duration<double>(since_begin).count();
    std::string line = messages ? count_of(*messages, "message") + ", " : std::string();
    line += say("{} of {}", print_about(bytes), print_about(std::max(bytes, bytes_total)));
    if (seconds < 1 || bytes == 0) return line;
    if (messages)
        line += say(", {} a second", fmt::format("{:.0f}", static_cast<double>(*messages) / seconds));
    else
        line += say(", {} a second", print_about(static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds)));
    return line + time_left(bytes, bytes_total, seconds);
}

std::string describe_progress(const Progress::Step& step, Duration since_begin) {
    if (step.unit == Progress::Unit::octets) return describe_progress({}, step.done, step.total, since_begin);
    const double seconds = std::chrono::duration<double>(since_begin).count();
    std::string line = say("{} of {}", step.done, count_of(std::max(step.done, step.total), "message"));
    if (seconds < 1 || step.done == 0) return line;
    line += say(", {} a second", fmt::format("{:.0f}", static_cast<double>(step.done) / seconds));
    return line + time_left(step.done, step.total, seconds);
}

TransferProgress::TransferProgress(bool as_json, std::uint64_t bytes_total)
    : as_json_(as_json), bytes_total_(bytes_total) {}

TransferProgress::~TransferProgress() {
    show_passing_line("");
}

void TransferProgress::show(std::optional<std::uint64_t> messages, std::uint64_t bytes) {
    const Instant now = clock_.instant();
    const auto pause = as_json_ ? std::chrono::milliseconds(1000) : std::chrono::milliseconds(200);
    if (now - shown_ < pause || !(as_json_ || has_terminal())) return;
    shown_ = now;
    if (as_json_)
        print_json(json::object{{"event", "progress"},
                                {"messages", messages.value_or(0)},
                                {"bytes", bytes},
                                {"bytes_total", bytes_total_}});
    else
        show_passing_line(
            describe_progress(messages, bytes, bytes_total_, std::chrono::duration_cast<Duration>(now - begun_)));
}

void TransferProgress::tell(json::object event, const std::string& sentence) {
    show_passing_line("");
    if (as_json_)
        print_json(event);
    else
        print_line(sentence);
}

void TransferProgress::complain_of(json::object event, const std::string& sentence) {
    show_passing_line("");
    if (as_json_)
        print_json(event);
    else
        complain(kFailed, sentence);
}

} // namespace tegami::app
