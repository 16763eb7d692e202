// Leaves fields out of a message's header as its octets stream by, whatever their spelling: letters of either case,
// folded, with white space before the colon (RFC 5322 §4.5), any number of them. Lines that mark the beginning of a
// message in an mbox file (`From x@y Thu Nov 26 …`) go too where they stand first: cron of illumos and scripts that send
// such files bring them along, and behind our trace fields they would end the header for many a reader.
//
// 1. Nothing but those fields and lines is changed, for any split of the octets; the body passes untouched.
// 2. It holds back only the beginning of a field that may be one of them, at most kHeldBytesMax octets.
#pragma once

#include "reception/client.h"

#include <string>
#include <string_view>
#include <vector>

namespace tegami::reception {

/// Limit: octets held back; a field whose name is still without its colon then is left out: no other has such a name.
inline constexpr std::size_t kHeldBytesMax = 4 * 1024;

/// What a message from this client may not bring along. Bcc, when users hand in their mail: who got a blind copy is
/// nobody else's affair (RFC 5322 §3.6.3). Return-Path always: final delivery writes it (RFC 5321 §4.4).
std::vector<std::string_view> fields_left_out(Role role);

class FieldFilter {
public:
    /// The names' octets outlive it.
    explicit FieldFilter(std::vector<std::string_view> names) : names_(std::move(names)) {}

    /// The next octets of a message in, what stays of them out.
    std::string pass(std::string octets);
    /// The message has ended: the octets that were held back.
    std::string finish();

private:
    enum class Place : std::uint8_t {
        line_start,
        line_end, ///< behind a CR at the start of a line
        name,
        kept,    ///< inside a field that stays
        dropped, ///< inside one that goes
        body,
    };

    void begin_line(char c, std::string& out);
    void take_name(char c, std::string& out);
    bool may_go_on() const;
    bool may_be_mbox_line() const;

    std::vector<std::string_view> names_;
    bool at_start_ = true; ///< no field has come yet
    Place place_ = Place::line_start;
    Place field_ = Place::kept; ///< what the line before belongs to: name, kept or dropped
    std::string held_;
};

} // namespace tegami::reception
