#include "message/disposition_report.h"

#include "base/ascii.h"
#include "message/build.h"
#include "message/header.h"

#include <algorithm>
#include <array>

namespace tegami::message {

namespace {

constexpr std::array<std::pair<std::string_view, DispositionType>, 4> kDispositionTypes{
    {{"deleted", DispositionType::deleted},
     {"dispatched", DispositionType::dispatched},
     {"displayed", DispositionType::displayed},
     {"processed", DispositionType::processed}}};

constexpr std::array<std::string_view, 7> kStandardFields{
    "Reporting-UA", "MDN-Gateway", "Original-Recipient", "Final-Recipient", "Original-Message-ID",
    "Disposition",  "Error"};

/// What stands before `mark`, trimmed, and what follows it.
std::pair<std::string_view, std::string_view> split_at(std::string_view text, char mark) {
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos) return {ascii::trim(text), {}};
    return {ascii::trim(text.substr(0, at)), ascii::trim(text.substr(at + 1))};
}

/// manual-action/MDN-sent-manually; displayed/error
std::optional<DispositionMode> read_mode(std::string_view value) {
    const auto [modes, rest] = split_at(value, ';');
    const auto [action, sending] = split_at(modes, '/');
    const auto [type, modifiers] = split_at(rest, '/');
    const auto found = find_disposition_type(type);
    DispositionMode mode;
    mode.automatic_action = ascii::iequals(action, "automatic-action");
    mode.sent_automatically = ascii::iequals(sending, "MDN-sent-automatically");
    if (!mode.automatic_action && !ascii::iequals(action, "manual-action")) return std::nullopt;
    if (!mode.sent_automatically && !ascii::iequals(sending, "MDN-sent-manually")) return std::nullopt;
    if (!found) return std::nullopt;
    mode.type = *found;
    return mode;
}

void take_field(std::string_view name, std::string value, DispositionFields& into) {
    const auto is = [&](std::string_view other) { return ascii::iequals(name, other); };
    const auto first = [&](std::optional<std::string>& field) {
        if (!field) field = std::move(value);
    };
    if (is("Reporting-UA"))
        first(into.reporting_ua);
    else if (is("MDN-Gateway"))
        first(into.gateway);
    else if (is("Original-Recipient"))
        first(into.original_recipient);
    else if (is("Original-Message-ID"))
        first(into.original_message_id);
    else if (is("Error"))
        into.errors.push_back(std::move(value));
    else if (!is_disposition_field(name))
        into.extensions.emplace_back(name, std::move(value));
}

} // namespace

std::string_view name_of(DispositionType type) {
    const auto* const found =
        std::ranges::find(kDispositionTypes, type, &std::pair<std::string_view, DispositionType>::second);
    return found->first;
}

std::optional<DispositionType> find_disposition_type(std::string_view name) {
    for (const auto& [known, type] : kDispositionTypes)
        if (ascii::iequals(known, name)) return type;
    return std::nullopt;
}

bool is_disposition_field(std::string_view name) {
    return std::ranges::any_of(kStandardFields, [name](std::string_view each) { return ascii::iequals(each, name); });
}

bool is_disposition_value(std::string_view value) {
    return !value.empty() && value.size() <= kDispositionValueBytesMax && value == ascii::trim(value) &&
           std::ranges::all_of(value, [](char c) { return c == ' ' || ascii::is_vchar(c); });
}

std::string print_notification(const DispositionFields& fields) {
    HeaderWriter out;
    const auto put = [&out](std::string_view name, const std::optional<std::string>& value) {
        if (value) out.raw(name, *value);
    };
    put("Reporting-UA", fields.reporting_ua);
    put("MDN-Gateway", fields.gateway);
    put("Original-Recipient", fields.original_recipient);
    put("Final-Recipient", fields.final_recipient);
    put("Original-Message-ID", fields.original_message_id);
    out.raw("Disposition", std::string(fields.mode.automatic_action ? "automatic-action" : "manual-action") + "/" +
                               (fields.mode.sent_automatically ? "MDN-sent-automatically" : "MDN-sent-manually") +
                               "; " + std::string(name_of(fields.mode.type)));
    for (const std::string& error : fields.errors)
        out.raw("Error", error);
    for (const auto& [name, value] : fields.extensions)
        out.raw(name, value);
    return out.str();
}

std::optional<DispositionFields> parse_notification(std::string_view octets) {
    const Header header(octets);
    DispositionFields fields;
    std::optional<DispositionMode> mode;
    std::size_t taken = 0;
    for (const HeaderField& field : header.fields()) {
        const std::string_view name = header.name(field);
        if (name.empty() || field.value_length > kDispositionValueBytesMax) continue;
        std::string value = header.value(field);
        if (value.empty()) continue;
        if (++taken > kDispositionFieldsMax) break;
        if (ascii::iequals(name, "Final-Recipient") && fields.final_recipient.empty())
            fields.final_recipient = std::move(value);
        else if (ascii::iequals(name, "Disposition") && !mode)
            mode = read_mode(value);
        else
            take_field(name, std::move(value), fields);
    }
    if (!mode || fields.final_recipient.empty()) return std::nullopt;
    fields.mode = *mode;
    return fields;
}

std::string begin_disposition_report(const DispositionReport& report) {
    HeaderWriter header;
    header.date("Date", report.date);
    header.addresses("From", {report.from});
    header.addresses("To", report.to);
    header.text("Subject", report.subject);
    header.raw("Message-ID", "<" + report.message_id + ">");
    if (report.original_message_id) {
        header.raw("In-Reply-To", "<" + *report.original_message_id + ">");
        header.raw("References", "<" + *report.original_message_id + ">");
    }
    // RFC 3834 §5: so that no automatic responder answers.
    header.raw("Auto-Submitted", "auto-replied");
    header.raw("MIME-Version", "1.0");
    header.raw("Content-Type",
               "multipart/report; report-type=disposition-notification; boundary=\"" + report.boundary + "\"");
    const std::string delimiter = "\r\n--" + report.boundary + "\r\n";
    std::string out = header.str();
    out.append(delimiter).append(plain_text_part(report.text));
    out.append(delimiter).append("Content-Type: message/disposition-notification\r\n\r\n");
    out.append(print_notification(report.fields));
    if (!report.returns_message) return out + end_disposition_report(report);
    out.append(delimiter).append("Content-Type: message/rfc822\r\n");
    if (report.returned_has_high_octets) out.append("Content-Transfer-Encoding: 8bit\r\n");
    return out + "\r\n";
}

std::string end_disposition_report(const DispositionReport& report) {
    return "\r\n--" + report.boundary + "--\r\n";
}

} // namespace tegami::message
