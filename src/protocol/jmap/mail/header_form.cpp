#include "protocol/jmap/mail/header_form.h"

#include "base/ascii.h"
#include "message/address.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/message_id.h"
#include "message/text.h"
#include "message/utf8.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace tegami::jmap {

namespace {

using message::HeaderAddress;

struct NamedForm {
    std::string_view name;
    HeaderForm form;
};

constexpr std::array kForms{
    NamedForm{"asRaw", HeaderForm::raw},
    NamedForm{"asText", HeaderForm::text},
    NamedForm{"asAddresses", HeaderForm::addresses},
    NamedForm{"asGroupedAddresses", HeaderForm::grouped_addresses},
    NamedForm{"asMessageIds", HeaderForm::message_ids},
    NamedForm{"asDate", HeaderForm::date},
    NamedForm{"asURLs", HeaderForm::urls},
};

struct FormOfField {
    std::string_view field; ///< lower case
    HeaderForm form;
};

/// The fields that RFC 5322 and RFC 2369 define: each has one form beside raw, and those of addresses two.
constexpr std::array kDefinedFields{
    FormOfField{"subject", HeaderForm::text},
    FormOfField{"comments", HeaderForm::text},
    FormOfField{"keywords", HeaderForm::text},
    FormOfField{"from", HeaderForm::addresses},
    FormOfField{"sender", HeaderForm::addresses},
    FormOfField{"reply-to", HeaderForm::addresses},
    FormOfField{"to", HeaderForm::addresses},
    FormOfField{"cc", HeaderForm::addresses},
    FormOfField{"bcc", HeaderForm::addresses},
    FormOfField{"resent-from", HeaderForm::addresses},
    FormOfField{"resent-sender", HeaderForm::addresses},
    FormOfField{"resent-reply-to", HeaderForm::addresses},
    FormOfField{"resent-to", HeaderForm::addresses},
    FormOfField{"resent-cc", HeaderForm::addresses},
    FormOfField{"resent-bcc", HeaderForm::addresses},
    FormOfField{"message-id", HeaderForm::message_ids},
    FormOfField{"in-reply-to", HeaderForm::message_ids},
    FormOfField{"references", HeaderForm::message_ids},
    FormOfField{"resent-message-id", HeaderForm::message_ids},
    FormOfField{"date", HeaderForm::date},
    FormOfField{"resent-date", HeaderForm::date},
    FormOfField{"list-help", HeaderForm::urls},
    FormOfField{"list-unsubscribe", HeaderForm::urls},
    FormOfField{"list-subscribe", HeaderForm::urls},
    FormOfField{"list-post", HeaderForm::urls},
    FormOfField{"list-owner", HeaderForm::urls},
    FormOfField{"list-archive", HeaderForm::urls},
    FormOfField{"return-path", HeaderForm::raw},
    FormOfField{"received", HeaderForm::raw},
};

bool may_have(std::string_view field, HeaderForm form) {
    if (form == HeaderForm::raw) return true;
    const auto defined = std::ranges::find(kDefinedFields, ascii::lower(field), &FormOfField::field);
    if (defined == kDefinedFields.end()) return true;
    return defined->form == form || (form == HeaderForm::grouped_addresses && defined->form == HeaderForm::addresses);
}

bool is_field_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char octet) { return octet > ' ' && octet < '\x7f'; });
}

/// RFC 5322 §2.2.3: a line end before a blank goes.
std::string unfolded(std::string_view raw) {
    std::string text(raw);
    std::erase_if(text, [](char octet) { return octet == '\r' || octet == '\n'; });
    return text;
}

std::string text_of(std::string_view raw) {
    std::string text = unfolded(raw);
    text.erase(0, text.find_first_not_of(' '));
    // Interop: words are decoded wherever they stand, as mail programs that read Japanese have to.
    text = message::decode_encoded_words(text);
    std::erase_if(text, [](char octet) { return ascii::is_control(octet) && octet != '\t'; });
    return message::to_nfc(text);
}

std::string raw_of(std::string_view raw) {
    std::string text(raw);
    std::erase(text, '\0');
    return message::repair_utf8(text);
}

json::value name_of_address(const HeaderAddress& address) {
    if (address.name.empty()) return nullptr;
    return json::value(text_of(ascii::trim(address.name)));
}

json::object address_object(const HeaderAddress& address) {
    std::string email = address.domain.empty() ? address.local_part
                                               : message::quote_local_part(address.local_part) + "@" + address.domain;
    return {{"name", name_of_address(address)}, {"email", message::repair_utf8(email)}};
}

json::value addresses_of(std::string_view raw) {
    json::array all;
    for (const HeaderAddress& one : message::parse_address_list(raw))
        if (one.kind == HeaderAddress::Kind::mailbox) all.push_back(address_object(one));
    return all;
}

json::value grouped_addresses_of(std::string_view raw) {
    json::array groups;
    bool open = false; // the last group takes more
    const auto begin = [&](json::value name) {
        groups.push_back(json::object{{"name", std::move(name)}, {"addresses", json::array()}});
        open = true;
    };
    for (const HeaderAddress& one : message::parse_address_list(raw)) {
        switch (one.kind) {
        case HeaderAddress::Kind::group_start: begin(json::value(text_of(ascii::trim(one.name)))); break;
        case HeaderAddress::Kind::group_end: open = false; break;
        case HeaderAddress::Kind::mailbox:
            if (!open) begin(nullptr);
            groups.back().at("addresses").as_array().push_back(address_object(one));
            break;
        }
    }
    return groups;
}

json::value message_ids_of(std::string_view raw) {
    const std::vector<std::string> ids = message::parse_message_ids(raw);
    if (ids.empty()) return nullptr;
    json::array all;
    for (const std::string& id : ids)
        all.emplace_back(message::repair_utf8(id));
    return all;
}

/// RFC 8620 §1.4: RFC 3339, with the offset that the writer's clock had.
json::value date_of(std::string_view raw) {
    const auto date = message::parse_date(raw);
    if (!date) return nullptr;
    const std::string local = fmt::format("{:%Y-%m-%dT%H:%M:%S}", date->utc + date->offset);
    if (date->offset.count() == 0) return json::value(local + "Z");
    const auto minutes = std::abs(date->offset.count());
    return json::value(
        fmt::format("{}{}{:02}:{:02}", local, date->offset.count() < 0 ? '-' : '+', minutes / 60, minutes % 60));
}

/// RFC 2369 §2: URLs in angle brackets, between them commas and comments. What is none of that makes it no list.
json::value urls_of(std::string_view raw) {
    json::array urls;
    std::size_t depth = 0; // of comments
    for (std::size_t at = 0; at < raw.size(); ++at) {
        const char octet = raw[at];
        if (depth > 0) {
            if (octet == '\\') ++at;
            if (octet == '(') ++depth;
            if (octet == ')') --depth;
        } else if (octet == '(') {
            ++depth;
        } else if (octet == '<') {
            const std::size_t end = raw.find('>', at);
            if (end == std::string_view::npos) return nullptr;
            std::string url(raw.substr(at + 1, end - at - 1));
            std::erase_if(url, [](char one) { return ascii::is_space(one) || ascii::is_control(one); });
            urls.emplace_back(message::repair_utf8(url));
            at = end;
        } else if (octet != ',' && !ascii::is_space(octet)) {
            return nullptr;
        }
    }
    return urls.empty() ? json::value(nullptr) : json::value(std::move(urls));
}

json::value in_form(std::string_view raw, HeaderForm form) {
    switch (form) {
    case HeaderForm::raw: return json::value(raw_of(raw));
    case HeaderForm::text: return json::value(text_of(raw));
    case HeaderForm::addresses: return addresses_of(raw);
    case HeaderForm::grouped_addresses: return grouped_addresses_of(raw);
    case HeaderForm::message_ids: return message_ids_of(raw);
    case HeaderForm::date: return date_of(raw);
    case HeaderForm::urls: return urls_of(raw);
    }
    return nullptr;
}

} // namespace

Result<HeaderProperty, Fault> parse_header_property(std::string_view name) {
    constexpr std::string_view kPrefix = "header:";
    const auto wrong = [name](std::string_view why) {
        return failure(invalid_arguments({"properties"}, fmt::format("{}: {}", name, why)));
    };
    HeaderProperty property{.name = std::string(name), .field = {}};
    if (!name.starts_with(kPrefix)) return wrong("it is no property");
    std::string_view rest = name.substr(kPrefix.size());
    if (rest.ends_with(":all")) {
        property.all = true;
        rest.remove_suffix(4);
    }
    if (const std::size_t colon = rest.find(':'); colon != std::string_view::npos) {
        const auto form = std::ranges::find(kForms, rest.substr(colon + 1), &NamedForm::name);
        if (form == kForms.end()) return wrong("there is no such form");
        property.form = form->form;
        rest = rest.substr(0, colon);
    }
    if (!is_field_name(rest)) return wrong("it names no header field");
    if (!may_have(rest, property.form)) return wrong("this field cannot be read in this form");
    property.field = rest;
    return property;
}

std::optional<HeaderProperty> find_header_property(std::string_view name) {
    struct Convenient {
        std::string_view name;
        std::string_view field;
        HeaderForm form;
    };

    static constexpr Convenient kAll[] = {
        {"messageId", "Message-ID", HeaderForm::message_ids},
        {"inReplyTo", "In-Reply-To", HeaderForm::message_ids},
        {"references", "References", HeaderForm::message_ids},
        {"sender", "Sender", HeaderForm::addresses},
        {"from", "From", HeaderForm::addresses},
        {"to", "To", HeaderForm::addresses},
        {"cc", "Cc", HeaderForm::addresses},
        {"bcc", "Bcc", HeaderForm::addresses},
        {"replyTo", "Reply-To", HeaderForm::addresses},
        {"subject", "Subject", HeaderForm::text},
        {"sentAt", "Date", HeaderForm::date},
    };
    const auto found = std::ranges::find(kAll, name, &Convenient::name);
    if (found == std::end(kAll)) return std::nullopt;
    return HeaderProperty{.name = std::string(name), .field = std::string(found->field), .form = found->form};
}

json::value header_value(const message::Header& header, const HeaderProperty& property) {
    const std::vector<const message::HeaderField*> fields = header.find_all(property.field);
    if (!property.all) {
        if (fields.empty()) return nullptr;
        return in_form(header.raw_value(*fields.back()), property.form);
    }
    json::array all;
    for (const message::HeaderField* field : fields)
        all.push_back(in_form(header.raw_value(*field), property.form));
    return all;
}

json::array header_fields(const message::Header& header) {
    json::array all;
    for (const message::HeaderField& field : header.fields()) {
        if (field.name_length == 0) continue; // no field
        all.push_back(json::object{{"name", message::repair_utf8(header.name(field))},
                                   {"value", raw_of(header.raw_value(field))}});
    }
    return all;
}

} // namespace tegami::jmap
