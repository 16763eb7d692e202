#include "service/jmapd/email_properties.h"

#include <algorithm>
#include <array>

namespace tegami::jmapd {

namespace {

/// RFC 8621 §4.1: those that are no header fields in a form.
constexpr std::array<std::string_view, 15> kNames{
    "id",      "blobId",        "threadId",   "mailboxIds", "keywords", "size",        "receivedAt",   "headers",
    "preview", "bodyStructure", "bodyValues", "textBody",   "htmlBody", "attachments", "hasAttachment"};

const std::vector<std::string>& default_properties() {
    static const std::vector<std::string> kDefault{
        "id",        "blobId",    "threadId",   "mailboxIds", "keywords",      "size",    "receivedAt",
        "messageId", "inReplyTo", "references", "sender",     "from",          "to",      "cc",
        "bcc",       "replyTo",   "subject",    "sentAt",     "hasAttachment", "preview", "bodyValues",
        "textBody",  "htmlBody",  "attachments"};
    return kDefault;
}

} // namespace

bool EmailProperties::asks(std::string_view name) const {
    return std::ranges::find(names, name) != names.end();
}

bool EmailProperties::need_header() const {
    return !headers.empty() || asks("headers");
}

bool EmailProperties::need_parts() const {
    return asks("bodyStructure") || asks("textBody") || asks("htmlBody") || asks("attachments");
}

bool EmailProperties::need_values() const {
    return asks("bodyValues") && (text_values || html_values || all_values);
}

bool EmailProperties::need_card() const {
    return need_header() || need_parts() || need_values() || asks("preview") || asks("hasAttachment");
}

Result<EmailProperties, jmap::Fault> take_email_properties(jmap::Arguments& arguments,
                                                           const std::optional<std::vector<std::string>>& properties) {
    EmailProperties wanted;
    const auto parts = arguments.optional_texts("bodyProperties");
    wanted.text_values = arguments.flag("fetchTextBodyValues", false);
    wanted.html_values = arguments.flag("fetchHTMLBodyValues", false);
    wanted.all_values = arguments.flag("fetchAllBodyValues", false);
    wanted.value_bytes_max = arguments.optional_unsigned("maxBodyValueBytes").value_or(0);
    for (const std::string& name : properties.value_or(default_properties())) {
        if (name.starts_with("header:")) {
            TRY(jmap::HeaderProperty header, jmap::parse_header_property(name));
            wanted.headers.push_back(std::move(header));
        } else if (auto header = jmap::find_header_property(name)) {
            wanted.headers.push_back(*std::move(header));
        } else if (std::ranges::find(kNames, name) != kNames.end()) {
            wanted.names.push_back(name);
        } else {
            return failure(jmap::invalid_arguments({"properties"}, name + " is no property of an email"));
        }
    }
    TRY(wanted.parts, jmap::parse_part_properties(parts.value_or(jmap::default_body_properties())));
    return wanted;
}

} // namespace tegami::jmapd
