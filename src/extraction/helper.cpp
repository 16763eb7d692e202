#include "extraction/helper.h"

#include "extraction/pipe.h"

namespace tegami::extraction {

void Helper::begin(Format format) {
    if (!pipes_ && !renew()) return; // finish() says so
    const int requests = pipes_->requests.get();
    if (begun_) write_number(requests, kForget);
    begun_ = true;
    format_ = format;
    write_number(requests, static_cast<std::uint32_t>(format));
}

void Helper::feed(std::string_view octets) {
    if (octets.empty() || !pipes_) return;
    const int requests = pipes_->requests.get();
    if (write_number(requests, static_cast<std::uint32_t>(octets.size()))) write_octets(requests, octets);
}

Result<std::string, HelperEnd> Helper::finish() {
    begun_ = false;
    if (!pipes_ || !write_number(pipes_->requests.get(), 0)) return lose();
    const int answers = pipes_->answers.get();
    const auto size = read_number(answers);
    if (!size || *size > output_bytes_max(format_)) return lose();
    std::string text(*size, '\0');
    if (!read_octets(answers, text.data(), text.size())) return lose();
    return text;
}

bool Helper::renew() {
    pipes_.reset();
    if (auto made = helpers_->make()) pipes_.emplace(*std::move(made));
    return pipes_.has_value();
}

Result<std::string, HelperEnd> Helper::lose() {
    return failure(renew() ? HelperEnd::replaced : HelperEnd::gone);
}

} // namespace tegami::extraction
