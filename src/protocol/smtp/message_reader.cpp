#include "protocol/smtp/message_reader.h"

namespace tegami::smtp {

namespace {

std::optional<Reply> fault_of(const DataReader& data, const ServerLimits& limits) {
    // Interop: Exchange made this status known for bare line ends; RFC 3463 has none for them.
    if (data.bare_line_end()) return make_reply(550, "5.6.11", "The message has line ends other than CR LF");
    if (data.message_bytes() > limits.message_bytes) return make_reply(552, "5.3.4", "The message is too big");
    return std::nullopt;
}

} // namespace

MessageReader::Step MessageReader::read(std::string_view waiting, const ServerLimits& limits) {
    Step step;
    step.bytes.reserve(waiting.size());
    const DataReader::Progress progress = data_.read(waiting, step.bytes);
    step.used = progress.used;
    step.ended = progress.ended;
    if (!refusal_) {
        refusal_ = fault_of(data_, limits);
        step.refused_now = refusal_.has_value();
    }
    if (refusal_) {
        step.bytes.clear();
        refused_bytes_ += progress.used;
        step.given_up = !progress.ended && refused_bytes_ > limits.refused_bytes;
    }
    return step;
}

} // namespace tegami::smtp
