#include "app/command_line/source_message.h"

#include <algorithm>

namespace tegami::app {

void Filling::begin(SourceMessage* message) {
    message_ = message;
    line_ends_ = {};
}

void Filling::append(std::string octets) {
    if (!message_->problem.empty()) return;
    if (message_->octets.size() + octets.size() > transfer::kMessageBytesMax)
        message_->problem = "it is larger than 1 GiB";
    else
        keep(line_ends_.complete(std::move(octets)));
}

void Filling::finish() {
    keep(line_ends_.finish());
    if (!message_->problem.empty()) return;
    if (message_->octets.size() == 0) message_->problem = "it is empty";
    if (message_->octets.has_nul()) message_->problem = "it has NUL octets, which no mail may have (RFC 5322 §4)";
    auto& date = message_->date;
    if (date) date = std::clamp(*date, -transfer::kDateMax, transfer::kDateMax);
}

void Filling::keep(std::string_view octets) {
    if (!octets.empty() && !message_->octets.append(octets))
        message_->problem = "there is no room for a temporary file";
}

} // namespace tegami::app
