#include "message/line_ends.h"

#include <algorithm>
#include <utility>

namespace tegami::message {

/// True if each CR is before an LF, and each LF after a CR.
bool LineEnds::is_correct(std::string_view octets) const {
    if (octets.empty() || waiting_cr_ > 0) return false;
    std::size_t line_feeds = 0;
    for (std::size_t at = octets.find('\n'); at != octets.npos; at = octets.find('\n', at + 1), ++line_feeds)
        if (at == 0 || octets[at - 1] != '\r') return false;
    return std::ranges::count(octets, '\r') == static_cast<std::ptrdiff_t>(line_feeds);
}

std::string LineEnds::complete(std::string octets) {
    if (is_correct(octets)) {
        last_ = octets.back();
        return octets;
    }
    std::string out;
    out.reserve(octets.size() + octets.size() / 32 + 2 * waiting_cr_);
    for (const char c : octets) {
        if (c == '\r') {
            if (waiting_cr_ == kWaitingCrMax)
                out += "\r\n";
            else
                ++waiting_cr_;
            continue;
        }
        if (c == '\n') {
            waiting_cr_ = 0;
            out += "\r\n";
            continue;
        }
        for (; waiting_cr_ > 0; --waiting_cr_)
            out += "\r\n";
        out += c;
    }
    if (!out.empty()) last_ = out.back();
    return out;
}

std::string LineEnds::finish() {
    std::string out;
    for (; waiting_cr_ > 0; --waiting_cr_)
        out += "\r\n";
    if (out.empty() && last_ != '\n') out = "\r\n";
    last_ = '\n';
    return out;
}

} // namespace tegami::message
