#include "service/webd/negotiation.h"

#include "base/ascii.h"

#include <algorithm>

namespace tegami::webd {

namespace {

/// Whether parameters say q=0, with up to three more zeros: "not this one".
bool is_refused(std::string_view parameters) {
    for (const std::string_view each : ascii::split(parameters, ';')) {
        const std::string_view weight = ascii::trim_wsp(each);
        if (ascii::istarts_with(weight, "q=") && weight.size() > 2)
            return std::ranges::all_of(weight.substr(2), [](char c) { return c == '0' || c == '.'; });
    }
    return false;
}

} // namespace

Encoding encoding_wanted(std::string_view accept_encoding, bool has_gzip, bool has_brotli) {
    bool takes_gzip = false;
    bool takes_brotli = false;
    for (const std::string_view each : ascii::split(accept_encoding, ',')) {
        const auto end = each.find(';');
        const std::string_view name = ascii::trim_wsp(each.substr(0, end));
        const bool taken = end == std::string_view::npos || !is_refused(each.substr(end + 1));
        if (ascii::iequals(name, "gzip")) takes_gzip = taken;
        if (ascii::iequals(name, "br")) takes_brotli = taken;
    }
    if (has_brotli && takes_brotli) return Encoding::brotli;
    return has_gzip && takes_gzip ? Encoding::gzip : Encoding::plain;
}

bool matches_tag(std::string_view field, std::string_view tag) {
    for (std::string_view one : ascii::split(field, ',')) {
        one = ascii::trim_wsp(one);
        if (one.starts_with("W/")) one.remove_prefix(2);
        if (one == "*" || one == tag) return true;
    }
    return false;
}

} // namespace tegami::webd
