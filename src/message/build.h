// Building messages: header fields folded and encoded, multipart bodies, and the delivery status notification
// (RFC 3464 in the multipart/report of RFC 6522, internationalised by RFC 6533).
//
// All output has CRLF line ends and lines of at most 998 octets.
#pragma once

#include "message/address.h"
#include "message/date.h"
#include "message/header.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::message {

/// Collects header fields. Values with line ends in them are made one line first, so a value can never smuggle in a
/// field of its own.
class HeaderWriter {
public:
    /// `smtputf8`: UTF-8 goes out as it is (RFC 6532 §3.2) instead of as encoded words.
    explicit HeaderWriter(bool smtputf8 = false) : smtputf8_(smtputf8) {}

    /// An unstructured value in UTF-8, such as Subject.
    HeaderWriter& text(std::string_view name, std::string_view utf8);
    /// A structured value already in its final form, folded at spaces.
    HeaderWriter& raw(std::string_view name, std::string_view value);
    /// An address list; names are encoded.
    HeaderWriter& addresses(std::string_view name, const std::vector<HeaderAddress>& list);
    HeaderWriter& date(std::string_view name, const DateTime& date);

    const std::string& str() const { return out_; }

private:
    std::string out_;
    bool smtputf8_;
};

/// An address for a header from its parts.
HeaderAddress header_address(const EmailAddress& address, std::string_view name = {});

enum class DeliveryAction : std::uint8_t { failed, delayed, delivered, relayed, expanded };

struct RecipientStatus {
    std::string final_recipient;                   ///< the address, UTF-8 allowed
    std::optional<std::string> original_recipient; ///< ORCPT as given, `rfc822;user@example`
    DeliveryAction action = DeliveryAction::failed;
    std::string status = "5.0.0"; ///< enhanced status code (RFC 3463 §2)
    std::optional<std::string> remote_mta;
    std::optional<std::string> diagnostic; ///< the remote's reply, with its code
    std::optional<DateTime> last_attempt;
    std::optional<DateTime> will_retry_until;
};

struct DeliveryReport {
    std::string from_name; ///< such as "Mail Delivery System"
    EmailAddress from;     ///< of the header; the envelope sender is empty (RFC 3464 §2)
    EmailAddress to;       ///< the original envelope sender
    std::string subject;   ///< UTF-8
    DateTime date;
    std::string message_id;  ///< without brackets
    std::string explanation; ///< UTF-8, plain language, any line ends
    std::string reporting_mta;
    std::optional<std::string> original_envelope_id;
    std::optional<DateTime> arrival_date;
    std::optional<std::string> original_message_id; ///< for In-Reply-To and References, without brackets
    std::vector<RecipientStatus> recipients;
    /// The message or its header as it was; returned as message/rfc822 or text/rfc822-headers, or their global forms.
    std::string returned;
    enum class Return : std::uint8_t { headers, full } return_kind = Return::headers;
    /// Does not occur in the returned octets; the caller makes it from random octets.
    std::string boundary;
    /// The way back takes UTF-8 headers.
    bool smtputf8 = false;
};

/// A part of a report that is for people: text in UTF-8 with any line ends, with its header fields.
std::string plain_text_part(std::string_view utf8);

/// The whole notification.
std::string build_delivery_report(const DeliveryReport& report);

/// What a submitted message lacks of what RFC 6409 §8 and RFC 5322 §3.6 ask for.
struct MissingFields {
    bool date = false;
    bool message_id = false;
    bool from = false;
};

MissingFields missing_fields(const Header& header);

/// The fields to put in front of a submitted message: Date, Message-ID, From where missing; empty if none is. No From
/// where nobody knows whom it is from.
std::string fields_to_add(const MissingFields& missing, const DateTime& now, std::string_view message_id,
                          const std::optional<EmailAddress>& from);

} // namespace tegami::message
