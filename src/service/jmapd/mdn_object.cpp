#include "service/jmapd/mdn_object.h"

#include "base/ascii.h"
#include "message/content_type.h"
#include "service/jmapd/properties.h"

#include <algorithm>
#include <set>

namespace tegami::jmapd {

namespace {

using jmap::Fault;
using message::DispositionFields;
using message::DispositionMode;

/// A word of two.
bool read_choice(const json::value* value, std::string_view no, std::string_view yes, bool& into) {
    if (value == nullptr || !value->is_string()) return false;
    into = value->get_string() == yes;
    return into || value->get_string() == no;
}

bool read_disposition(const json::value* value, DispositionMode& into) {
    const json::object* const object = value == nullptr ? nullptr : value->if_object();
    if (object == nullptr || object->size() != 3) return false;
    const json::value* const type = object->if_contains("type");
    if (type == nullptr || !type->is_string()) return false;
    const auto found = message::find_disposition_type(type->get_string());
    if (!found || message::name_of(*found) != std::string_view(type->get_string())) return false;
    into.type = *found;
    return read_choice(object->if_contains("actionMode"), "manual-action", "automatic-action", into.automatic_action) &&
           read_choice(object->if_contains("sendingMode"), "mdn-sent-manually", "mdn-sent-automatically",
                       into.sent_automatically);
}

bool read_extensions(const json::value& value, DispositionFields& into) {
    const json::object* const object = value.if_object();
    if (object == nullptr || object->size() > message::kDispositionFieldsMax / 2) return false;
    for (const auto& [name, text] : *object) {
        const bool sound = name.size() <= 70 && message::is_field_name(name) && !message::is_disposition_field(name) &&
                           text.is_string() && message::is_disposition_value(text.get_string());
        if (!sound) return false;
        into.extensions.emplace_back(name, text.get_string());
    }
    return true;
}

json::value or_null(const std::optional<std::string>& text) {
    return text ? json::value(*text) : json::value();
}

/// The one field of this name; nothing if there is none, or several.
std::optional<std::string> only_value(const message::Header& header, std::string_view name) {
    const auto fields = header.find_all(name);
    return fields.size() == 1 ? std::optional(header.value(*fields.front())) : std::nullopt;
}

} // namespace

Result<MdnWish, Fault> read_mdn(const json::object& object) {
    Properties from(object);
    MdnWish wish{.email = from.text("forEmailId", 255)};
    const auto take_text = [&from](std::string_view name, std::size_t bytes_max) -> std::optional<std::string> {
        const json::value* const value = from.find(name);
        if (value == nullptr) return std::nullopt;
        if (value->is_string() && value->get_string().size() <= bytes_max) return std::string(value->get_string());
        from.wrong(name);
        return std::nullopt;
    };
    const auto take_value = [&](std::string_view name) {
        auto text = take_text(name, message::kDispositionValueBytesMax);
        if (text && !message::is_disposition_value(*text)) from.wrong(name);
        return text;
    };
    wish.subject = take_text("subject", kMdnSubjectBytesMax);
    wish.text = take_text("textBody", kMdnTextBytesMax);
    if (const json::value* const returns = from.find("includeOriginalMessage")) {
        if (returns->is_bool())
            wish.returns_message = returns->get_bool();
        else
            from.wrong("includeOriginalMessage");
    }
    wish.fields.reporting_ua = take_value("reportingUA");
    wish.fields.final_recipient = take_value("finalRecipient").value_or("");
    if (!read_disposition(from.find("disposition"), wish.fields.mode)) from.wrong("disposition");
    if (const json::value* const extensions = from.find("extensionFields"))
        if (!read_extensions(*extensions, wish.fields)) from.wrong("extensionFields");
    for (const char* const name : {"mdnGateway", "originalRecipient", "originalMessageId", "error"})
        if (from.find(name) != nullptr) from.wrong(name);
    TRY_VOID(from.finish());
    return wish;
}

json::object mdn_object(const DispositionFields& fields) {
    json::object extensions;
    for (const auto& [name, value] : fields.extensions)
        extensions[name] = value;
    json::value errors;
    if (!fields.errors.empty()) errors = json::array(fields.errors.begin(), fields.errors.end());
    return {
        {"forEmailId", nullptr},
        {"subject", nullptr},
        {"textBody", nullptr},
        {"includeOriginalMessage", false},
        {"reportingUA", or_null(fields.reporting_ua)},
        {"disposition",
         json::object{{"actionMode", fields.mode.automatic_action ? "automatic-action" : "manual-action"},
                      {"sendingMode", fields.mode.sent_automatically ? "mdn-sent-automatically" : "mdn-sent-manually"},
                      {"type", message::name_of(fields.mode.type)}}},
        {"mdnGateway", or_null(fields.gateway)},
        {"originalRecipient", or_null(fields.original_recipient)},
        {"finalRecipient", fields.final_recipient},
        {"originalMessageId", or_null(fields.original_message_id)},
        {"error", std::move(errors)},
        {"extensionFields", extensions.empty() ? json::value() : json::value(std::move(extensions))}};
}

std::vector<message::HeaderAddress> mdn_recipients(const message::Header& original) {
    std::vector<message::HeaderAddress> recipients;
    std::set<message::EmailAddress> seen;
    for (const message::HeaderField* const field : original.find_all("Disposition-Notification-To"))
        for (message::HeaderAddress& each : message::parse_address_list(original.raw_value(*field))) {
            const auto address = each.kind == message::HeaderAddress::Kind::mailbox ? each.email() : std::nullopt;
            if (address && seen.insert(*address).second) recipients.push_back(std::move(each));
        }
    if (recipients.size() > kMdnRecipientsMax) recipients.clear();
    return recipients;
}

std::string_view no_mdn_because(const message::Header& original, bool automatic) {
    const auto type = message::parse_content_type(original.value("Content-Type").value_or(""));
    if (type && (type->is("multipart", "report") || type->is("message", "disposition-notification")))
        return "it is a report itself";
    const std::string automatically = original.value("Auto-Submitted").value_or("no");
    if (!ascii::iequals(ascii::trim(std::string_view(automatically).substr(0, automatically.find(';'))), "no"))
        return "a program has sent it";
    if (!automatic) return {};
    // RFC 8098 §2.1: whoever asks for it must be the one who sent the letter.
    const auto recipients = mdn_recipients(original);
    const auto path = only_value(original, "Return-Path");
    const auto sender = path ? message::first_address(*path) : std::nullopt;
    if (recipients.size() != 1 || !sender || recipients.front().email() != sender)
        return "it goes to somebody else than the letter's sender, so a person has to agree";
    return {};
}

} // namespace tegami::jmapd
