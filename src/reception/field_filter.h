// Leaves fields out of a message's header as its octets stream by, whatever their spelling: letters of either case,
// folded, with white space before the colon (RFC 5322 §4.5), any number of them. Lines that mark the beginning of a
// message in an mbox file (`From x@y Thu Nov 26 …`) go too where they stand first: cron of illumos and scripts that
// send such files bring them along, and behind our trace fields they would end the header for many a reader.
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
/// So are Authentication-Results that have not said by then whose they are.
inline constexpr std::size_t kHeldBytesMax = 4 * 1024;

/// Stands for Authentication-Results that say that we have looked: nobody but we may write them (RFC 8601 §5).
inline constexpr std::string_view kAuthenticationResults = "Authentication-Results";

/// What a message from this client may not bring along. Bcc, when users hand in their mail: who got a blind copy is
/// nobody else's affair (RFC 5322 §3.6.3). Return-Path always: final delivery writes it (RFC 5321 §4.4). And always
/// Authentication-Results in our name, and the fields by which we tell a reader's program which logo to show
/// (draft-brand-indicators-for-message-identification §5.6).
std::vector<std::string_view> fields_left_out(Role role);

class FieldFilter {
public:
    /// The names' octets outlive it; `own_name` is how we call ourselves in Authentication-Results.
    FieldFilter(std::vector<std::string_view> names, std::string own_name)
        : names_(std::move(names)), own_name_(std::move(own_name)) {}

    /// The next octets of a message in, what stays of them out.
    std::string pass(std::string octets);
    /// The message has ended: the octets that were held back.
    std::string finish();

private:
    enum class Place : std::uint8_t {
        line_start,
        line_end, ///< behind a CR at the start of a line
        name,
        server,  ///< inside Authentication-Results, before it is known whose they are
        kept,    ///< inside a field that stays
        dropped, ///< inside one that goes
        body,
    };

    void begin_line(char c, std::string& out);
    void take_name(char c, std::string& out);
    void take_server(char c, std::string& out);
    void settle(bool goes, std::string& out);
    void end_line(char c);
    bool may_go_on() const;
    bool may_be_mbox_line() const;

    std::vector<std::string_view> names_;
    std::string own_name_;
    bool at_start_ = true; ///< no field has come yet
    Place place_ = Place::line_start;
    Place field_ = Place::kept; ///< what the line before belongs to: name, server, kept or dropped
    std::string held_;
    std::size_t value_at_ = 0; ///< in held_
};

} // namespace tegami::reception
