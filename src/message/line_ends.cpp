#include "message/line_ends.h"

#include "message/line_scan.h"

namespace tegami::message {

std::string LineEnds::complete(std::string octets) {
    if (waiting_cr_ == 0 && has_only_crlf(octets)) {
        if (!octets.empty()) last_ = octets.back();
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
