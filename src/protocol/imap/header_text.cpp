#include "protocol/imap/header_text.h"

#include "base/ascii.h"
#include "message/address.h"
#include "message/content_type.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/text.h"

#include <algorithm>
#include <array>

namespace tegami::imap {

namespace {

/// RFC 5322 §3.6.2, §3.6.3, §3.6.6, and the one of notifications (RFC 8098 §2.1).
constexpr std::array<std::string_view, 13> kAddressFields{"From",
                                                          "Sender",
                                                          "Reply-To",
                                                          "To",
                                                          "Cc",
                                                          "Bcc",
                                                          "Resent-From",
                                                          "Resent-Sender",
                                                          "Resent-Reply-To",
                                                          "Resent-To",
                                                          "Resent-Cc",
                                                          "Resent-Bcc",
                                                          "Disposition-Notification-To"};

bool has_addresses(std::string_view field) {
    return std::ranges::any_of(kAddressFields, [&](std::string_view name) { return ascii::iequals(name, field); });
}

void add_addresses(std::string_view value, std::vector<std::string>& texts) {
    for (const message::HeaderAddress& address : message::parse_address_list(value)) {
        std::string text = message::decode_encoded_words(address.name);
        if (address.kind == message::HeaderAddress::Kind::mailbox) {
            text += text.empty() ? "<" : " <";
            text += message::decode_encoded_words(address.local_part + '@' + address.domain);
            text += '>';
        }
        texts.push_back(std::move(text));
        // A domain of other letters is looked for as people write it.
        if (!ascii::lower(address.domain).contains("xn--")) continue;
        if (const std::optional<message::EmailAddress> email = address.email()) texts.push_back(email->display());
    }
}

void add_parameters(const std::vector<message::Parameter>& parameters, std::vector<std::string>& texts) {
    std::vector<std::string_view> told;
    for (const message::Parameter& parameter : parameters) {
        const std::string_view name = std::string_view(parameter.name).substr(0, parameter.name.find('*'));
        if (std::ranges::find(told, name) != told.end()) continue;
        told.push_back(name);
        if (std::optional<std::string> value = message::decode_parameter(parameters, name))
            texts.push_back(std::string(name) + '=' + *std::move(value));
    }
}

} // namespace

std::vector<std::string> texts_of(const message::Header& header, const message::HeaderField& field) {
    std::vector<std::string> texts{message::decode_encoded_words(header.value(field))};
    const std::string_view name = header.name(field);
    if (has_addresses(name)) {
        add_addresses(header.raw_value(field), texts);
    } else if (ascii::iequals(name, "Content-Type")) {
        if (const auto type = message::parse_content_type(header.raw_value(field)))
            add_parameters(type->parameters, texts);
    } else if (ascii::iequals(name, "Content-Disposition")) {
        if (const auto disposition = message::parse_disposition(header.raw_value(field)))
            add_parameters(disposition->parameters, texts);
    }
    return texts;
}

std::optional<std::chrono::sys_days> HeaderText::sent_day() const {
    const std::optional<std::string> value = header_.value("Date");
    const std::optional<message::DateTime> date = value ? message::parse_date(*value) : std::nullopt;
    return date ? std::optional(date->local_day()) : std::nullopt;
}

const std::string& HeaderText::folded_value(std::size_t index) const {
    std::optional<std::string>& folded = folded_[index];
    if (!folded) {
        folded.emplace();
        for (const std::string& text : texts_of(header_, header_.fields()[index])) {
            // Folded texts have no line end, so that no text of a search is found across two of them.
            if (!folded->empty()) *folded += '\n';
            *folded += message::fold_for_search(text);
        }
    }
    return *folded;
}

bool HeaderText::field_contains(std::string_view name, const std::string& folded_text) const {
    for (std::size_t index = 0; index < folded_.size(); ++index) {
        if (!ascii::iequals(header_.name(header_.fields()[index]), name)) continue;
        if (folded_text.empty() || folded_value(index).contains(folded_text)) return true;
    }
    return false;
}

bool HeaderText::contains(const std::string& folded_text) const {
    for (std::size_t index = 0; index < folded_.size(); ++index) {
        std::string line = ascii::lower(header_.name(header_.fields()[index]));
        line += ": ";
        line += folded_value(index);
        if (line.contains(folded_text)) return true;
    }
    return false;
}

} // namespace tegami::imap
