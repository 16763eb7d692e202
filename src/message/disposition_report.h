// The message disposition notification, what people call a read receipt (RFC 8098), in the multipart/report of RFC 6522: written,
// and its second part read.
#pragma once

#include "message/address.h"
#include "message/date.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::message {

/// Limits: fields of a notification that are kept, and octets of the value of one.
inline constexpr std::size_t kDispositionFieldsMax = 50;
inline constexpr std::size_t kDispositionValueBytesMax = 2000;

enum class DispositionType : std::uint8_t { deleted, dispatched, displayed, processed };

/// "displayed"
std::string_view name_of(DispositionType type);
/// In any case of letters.
std::optional<DispositionType> find_disposition_type(std::string_view name);

/// What was done with a message, and how much of it a person did (RFC 8098 §3.2.6).
struct DispositionMode {
    bool automatic_action = false;
    bool sent_automatically = false;
    DispositionType type = DispositionType::displayed;

    bool operator==(const DispositionMode&) const = default;
};

/// The fields of the part message/disposition-notification. Values are one line each.
struct DispositionFields {
    std::optional<std::string> reporting_ua;
    std::optional<std::string> gateway;
    std::optional<std::string> original_recipient;  ///< "rfc822; anna@example.org"
    std::string final_recipient;                    ///< likewise
    std::optional<std::string> original_message_id; ///< with its brackets
    DispositionMode mode;
    std::vector<std::string> errors;
    std::vector<std::pair<std::string, std::string>> extensions; ///< fields that the standard does not know

    bool operator==(const DispositionFields&) const = default;
};

/// Whether the standard has a field of this name (RFC 8098 §3.2), so that none of an extension may have it.
bool is_disposition_field(std::string_view name);

/// Whether it may be written as a value: one line, printable ASCII, not too long.
bool is_disposition_value(std::string_view value);

/// The body of the part.
std::string print_notification(const DispositionFields& fields);
/// Nothing without a recipient and a disposition that can be read; what else cannot be read is left out.
std::optional<DispositionFields> parse_notification(std::string_view octets);

struct DispositionReport {
    HeaderAddress from;
    std::vector<HeaderAddress> to;
    std::string subject; ///< UTF-8
    DateTime date;
    std::string message_id;                         ///< without brackets
    std::optional<std::string> original_message_id; ///< for In-Reply-To and References, without brackets
    std::string text;                               ///< UTF-8, for people
    DispositionFields fields;
    bool returns_message = false;
    bool returned_has_high_octets = false;
    /// Does not occur in what is returned; the caller makes it from random octets.
    std::string boundary;
};

/// The notification up to where the octets of the returned message follow, or up to its end.
std::string begin_disposition_report(const DispositionReport& report);
/// What follows the returned message.
std::string end_disposition_report(const DispositionReport& report);

} // namespace tegami::message
