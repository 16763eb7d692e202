// The delivery status notification (declared in build.h): three parts, of which the first is for people.
#include "base/ascii.h"
#include "message/build.h"
#include "message/charset.h"
#include "message/transfer_encoding.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::message {
namespace {

std::string_view name_of(DeliveryAction action) {
    switch (action) {
    case DeliveryAction::failed: return "failed";
    case DeliveryAction::delayed: return "delayed";
    case DeliveryAction::delivered: return "delivered";
    case DeliveryAction::relayed: return "relayed";
    case DeliveryAction::expanded: return "expanded";
    }
    return "failed";
}

/// RFC 6533 §3, utf-8-addr-xtext: the form of an address that fits into seven bits.
std::string unitext(std::string_view address) {
    const std::string utf8 = repair_utf8(address);
    std::string out;
    for (std::size_t at = 0; at < utf8.size();) {
        const auto lead = static_cast<unsigned char>(utf8[at]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        char32_t code_point = length == 1 ? lead : lead & (0x7fU >> length);
        for (std::size_t next = 1; next < length; ++next)
            code_point = (code_point << 6) | (static_cast<unsigned char>(utf8[at + next]) & 0x3fU);
        const bool plain = length == 1 && ascii::is_vchar(utf8[at]) && !std::string_view("\\+=").contains(utf8[at]);
        if (plain)
            out += utf8[at];
        else
            out += fmt::format("\\x{{{:02X}}}", static_cast<std::uint32_t>(code_point));
        at += length;
    }
    return out;
}

/// The address with its type, as Final-Recipient wants it.
std::string typed_address(std::string_view address, bool smtputf8) {
    if (!ascii::has_high_octet(address)) return "rfc822; " + std::string(address);
    return "utf-8; " + (smtputf8 ? std::string(address) : unitext(address));
}

/// Diagnostic text of a peer in a field that may hold ASCII only.
std::string seven_bit(std::string_view text, bool smtputf8) {
    std::string out = repair_utf8(text);
    if (smtputf8) return out;
    std::replace_if(out.begin(), out.end(), ascii::is_high, '?');
    return out;
}

/// Text with every line end, of whatever kind, as CRLF, ending with one.
std::string with_crlf(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\r' && at + 1 < text.size() && text[at + 1] == '\n') continue;
        if (c == '\n' || c == '\r')
            out += "\r\n";
        else
            out += c;
    }
    if (!out.ends_with("\r\n")) out += "\r\n";
    return out;
}

std::string report_header(const DeliveryReport& report) {
    HeaderWriter header(report.smtputf8);
    header.date("Date", report.date);
    header.addresses("From", {header_address(report.from, report.from_name)});
    header.addresses("To", {header_address(report.to)});
    header.text("Subject", report.subject);
    header.raw("Message-ID", "<" + report.message_id + ">");
    if (report.original_message_id) {
        header.raw("In-Reply-To", "<" + *report.original_message_id + ">");
        header.raw("References", "<" + *report.original_message_id + ">");
    }
    // RFC 3834 §5: so that no automatic responder answers.
    header.raw("Auto-Submitted", "auto-replied");
    header.raw("MIME-Version", "1.0");
    header.raw("Content-Type", "multipart/report; report-type=delivery-status; boundary=\"" + report.boundary + "\"");
    return header.str();
}

std::string recipient_fields(const RecipientStatus& recipient, bool smtputf8) {
    HeaderWriter fields(smtputf8);
    if (recipient.original_recipient)
        fields.raw("Original-Recipient", seven_bit(*recipient.original_recipient, smtputf8));
    fields.raw("Final-Recipient", typed_address(recipient.final_recipient, smtputf8));
    fields.raw("Action", name_of(recipient.action));
    fields.raw("Status", recipient.status);
    if (recipient.remote_mta) fields.raw("Remote-MTA", "dns; " + seven_bit(*recipient.remote_mta, smtputf8));
    if (recipient.diagnostic) fields.raw("Diagnostic-Code", "smtp; " + seven_bit(*recipient.diagnostic, smtputf8));
    if (recipient.last_attempt) fields.date("Last-Attempt-Date", *recipient.last_attempt);
    // RFC 3464 §2.3.9: only for delays.
    if (recipient.will_retry_until && recipient.action == DeliveryAction::delayed)
        fields.date("Will-Retry-Until", *recipient.will_retry_until);
    return fields.str();
}

std::string status_part(const DeliveryReport& report) {
    HeaderWriter fields(report.smtputf8);
    fields.raw("Content-Type", report.smtputf8 ? "message/global-delivery-status" : "message/delivery-status");
    if (report.smtputf8) fields.raw("Content-Transfer-Encoding", "8bit");
    std::string out = fields.str() + "\r\n";
    HeaderWriter message(report.smtputf8);
    if (report.original_envelope_id)
        message.raw("Original-Envelope-Id", seven_bit(*report.original_envelope_id, report.smtputf8));
    message.raw("Reporting-MTA", "dns; " + report.reporting_mta);
    if (report.arrival_date) message.date("Arrival-Date", *report.arrival_date);
    out += message.str();
    for (const RecipientStatus& recipient : report.recipients)
        out += "\r\n" + recipient_fields(recipient, report.smtputf8);
    return out;
}

std::string returned_part(const DeliveryReport& report) {
    const bool full = report.return_kind == DeliveryReport::Return::full;
    const Header original(report.returned);
    const bool global = ascii::has_high_octet(std::string_view(report.returned).substr(0, original.size()));
    HeaderWriter header;
    if (full)
        header.raw("Content-Type", global ? "message/global" : "message/rfc822");
    else
        header.raw("Content-Type", global ? "message/global-headers" : "text/rfc822-headers");
    const bool high = ascii::has_high_octet(report.returned);
    // RFC 6532 §3.5: unlike message/rfc822, the global types may be encoded, and then cross any way back.
    if (global && !report.smtputf8) {
        header.raw("Content-Transfer-Encoding", "base64");
        return header.str() + "\r\n" + encode_transfer(report.returned, TransferEncoding::base64);
    }
    if (high) header.raw("Content-Transfer-Encoding", "8bit");
    return header.str() + "\r\n" + report.returned;
}

} // namespace

std::string plain_text_part(std::string_view utf8) {
    const std::string text = with_crlf(repair_utf8(utf8));
    const TransferEncoding encoding = choose_encoding(text);
    HeaderWriter header;
    header.raw("Content-Type", "text/plain; charset=utf-8");
    header.raw("Content-Transfer-Encoding", name_of(encoding));
    return header.str() + "\r\n" + encode_transfer(text, encoding);
}

std::string build_delivery_report(const DeliveryReport& report) {
    const std::string delimiter = "\r\n--" + report.boundary;
    std::string out = report_header(report);
    for (const std::string& part : {plain_text_part(report.explanation), status_part(report), returned_part(report)})
        out.append(delimiter).append("\r\n").append(part);
    return out + delimiter + "--\r\n";
}

} // namespace tegami::message
