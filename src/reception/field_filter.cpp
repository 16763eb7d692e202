#include "reception/field_filter.h"

#include "base/ascii.h"
#include "trust/authentication_results.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tegami::reception {

namespace {

/// RFC 976 §2.4: how such a line begins, the second where it has travelled before.
constexpr std::array<std::string_view, 2> kMboxLines{"From ", ">From "};

} // namespace

std::vector<std::string_view> fields_left_out(Role role) {
    std::vector<std::string_view> names{"Return-Path", kAuthenticationResults, "BIMI-Location", "BIMI-Indicator",
                                        "BIMI-Logo-Preference"};
    if (role == Role::submission) names.insert(names.end(), {"Bcc", "Resent-Bcc"});
    return names;
}

std::string FieldFilter::pass(std::string octets) {
    if (place_ == Place::body) return octets;
    std::string out;
    std::size_t at = 0;
    while (at < octets.size() && place_ != Place::body) {
        if (place_ == Place::kept || place_ == Place::dropped) {
            const std::size_t newline = octets.find('\n', at);
            const std::size_t end = newline == std::string::npos ? octets.size() : newline + 1;
            if (place_ == Place::kept) out.append(octets, at, end - at);
            if (newline != std::string::npos) {
                field_ = place_;
                place_ = Place::line_start;
            }
            at = end;
        } else if (place_ == Place::name) {
            take_name(octets[at++], out);
        } else if (place_ == Place::server) {
            take_server(octets[at++], out);
        } else {
            begin_line(octets[at++], out);
        }
    }
    out.append(octets, at);
    return out;
}

/// `c` is the first octet of a line, or the second behind a CR.
void FieldFilter::begin_line(char c, std::string& out) {
    if (place_ == Place::line_start && ascii::is_wsp(c)) {
        place_ = field_; // the field goes on
        at_start_ = at_start_ && field_ == Place::dropped;
        if (place_ == Place::name) return take_name(c, out);
        if (place_ == Place::server) return take_server(c, out);
        if (place_ == Place::kept) out += c;
        return;
    }
    out += std::exchange(held_, {});
    if (c == '\n') {
        out += c;
        place_ = Place::body;
    } else if (c == '\r' && place_ == Place::line_start) {
        out += c;
        place_ = Place::line_end;
    } else if (place_ == Place::line_end) { // a line that begins with CR is no field
        out += c;
        place_ = Place::kept;
    } else {
        place_ = Place::name;
        take_name(c, out);
    }
}

void FieldFilter::take_name(char c, std::string& out) {
    held_ += c;
    if (may_be_mbox_line()) {
        if (std::ranges::find(kMboxLines, held_) == kMboxLines.end()) return;
        held_.clear();
        place_ = field_ = Place::dropped;
        return;
    }
    at_start_ = false;
    if (c == ':' && may_go_on()) {
        const std::string_view name = ascii::trim(std::string_view(held_).substr(0, held_.size() - 1));
        const bool goes =
            std::ranges::any_of(names_, [name](std::string_view each) { return ascii::iequals(each, name); });
        if (goes && ascii::iequals(name, kAuthenticationResults)) {
            value_at_ = held_.size();
            place_ = Place::server;
        } else {
            settle(goes, out);
        }
    } else if (!may_go_on()) {
        settle(false, out);
    } else if (held_.size() > kHeldBytesMax) {
        settle(true, out);
    }
    end_line(c);
}

void FieldFilter::take_server(char c, std::string& out) {
    held_ += c;
    // The name ends before one of these.
    if (c == ';' || c == '(' || ascii::is_space(c)) {
        if (const auto server = trust::server_named(std::string_view(held_).substr(value_at_)))
            settle(ascii::iequals(*server, own_name_), out);
    }
    if (held_.size() > kHeldBytesMax) settle(true, out);
    end_line(c);
}

/// Whether the field that is held goes is known now.
void FieldFilter::settle(bool goes, std::string& out) {
    if (!goes) out += held_;
    held_.clear();
    place_ = goes ? Place::dropped : Place::kept;
}

void FieldFilter::end_line(char c) {
    if (c != '\n') return;
    field_ = place_;
    place_ = Place::line_start;
}

/// Whether what is held may be the beginning of one of the names, or the whole of one with white space behind it.
bool FieldFilter::may_go_on() const {
    std::string_view text = held_;
    if (text.ends_with(':')) text.remove_suffix(1);
    const std::string_view name = ascii::trim(text);
    if (name.empty() || !text.starts_with(name)) return false;
    const bool ended = name.size() < held_.size();
    return std::ranges::any_of(names_, [&](std::string_view each) {
        return ended ? ascii::iequals(each, name) : ascii::istarts_with(each, name);
    });
}

bool FieldFilter::may_be_mbox_line() const {
    return at_start_ &&
           std::ranges::any_of(kMboxLines, [this](std::string_view each) { return each.starts_with(held_); });
}

std::string FieldFilter::finish() {
    if (place_ == Place::server || (place_ == Place::line_start && field_ == Place::server)) {
        const auto server = trust::server_named(held_.substr(value_at_) + ";");
        if (server && ascii::iequals(*server, own_name_)) held_.clear();
    }
    place_ = Place::body;
    return std::exchange(held_, {});
}

} // namespace tegami::reception
