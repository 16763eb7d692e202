#include "protocol/jmap/mail/header_input.h"

#include "base/ascii.h"
#include "message/address.h"
#include "message/build.h"
#include "protocol/jmap/types.h"

#include <algorithm>
#include <vector>

namespace tegami::jmap {

namespace {

using message::HeaderAddress;

std::optional<std::string> text_in(const json::value& value) {
    const json::string* const text = value.if_string();
    return text == nullptr ? std::nullopt : std::optional<std::string>(*text);
}

/// A name that may be null or missing.
std::optional<std::string> name_in(const json::object& object) {
    const json::value* const name = object.if_contains("name");
    if (name == nullptr || name->is_null()) return std::string();
    return text_in(*name);
}

std::optional<HeaderAddress> address_in(const json::value& value) {
    const json::object* const object = value.if_object();
    const json::value* const email = object == nullptr ? nullptr : object->if_contains("email");
    auto text = email == nullptr ? std::nullopt : text_in(*email);
    auto name = object == nullptr ? std::nullopt : name_in(*object);
    if (!text || !name) return std::nullopt;
    HeaderAddress address{.name = *std::move(name)};
    const std::size_t at = text->rfind('@');
    address.local_part = text->substr(0, at);
    if (at != std::string::npos) address.domain = text->substr(at + 1);
    // A quoted local part is unquoted there.
    if (const auto parsed = message::parse_address_list(*text); parsed.size() == 1 && parsed.front().name.empty()) {
        address.local_part = parsed.front().local_part;
        address.domain = parsed.front().domain;
    }
    return address;
}

bool add_addresses(const json::value& value, std::vector<HeaderAddress>& list) {
    const json::array* const given = value.if_array();
    if (given == nullptr) return false;
    for (const json::value& one : *given) {
        auto address = address_in(one);
        if (!address) return false;
        list.push_back(*std::move(address));
    }
    return true;
}

bool add_groups(const json::value& value, std::vector<HeaderAddress>& list) {
    const json::array* const given = value.if_array();
    if (given == nullptr) return false;
    for (const json::value& one : *given) {
        const json::object* const group = one.if_object();
        const json::value* const members = group == nullptr ? nullptr : group->if_contains("addresses");
        const auto name = group == nullptr ? std::nullopt : name_in(*group);
        if (members == nullptr || !name) return false;
        const bool named = !name->empty();
        if (named) list.push_back({.kind = HeaderAddress::Kind::group_start, .name = *name});
        if (!add_addresses(*members, list)) return false;
        if (named) list.push_back({.kind = HeaderAddress::Kind::group_end});
    }
    return true;
}

/// Each text between angle brackets, in one line; nothing if it is no list of texts.
std::optional<std::string> in_brackets(const json::value& value, std::string_view between) {
    const json::array* const given = value.if_array();
    if (given == nullptr) return std::nullopt;
    std::string all;
    for (const json::value& one : *given) {
        auto text = text_in(one);
        if (!text) return std::nullopt;
        std::erase_if(*text, [](char octet) {
            return ascii::is_control(octet) || ascii::is_space(octet) || octet == '<' || octet == '>';
        });
        all += (all.empty() ? "<" : std::string(between) + "<") + *text + ">";
    }
    return all;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char octet) { return static_cast<unsigned char>(octet) < 0x80; });
}

/// One field; false if the value is not of its form.
bool write_one(const HeaderProperty& property, const json::value& value, message::HeaderWriter& out) {
    if (value.is_null()) return true;
    switch (property.form) {
    case HeaderForm::raw:
    case HeaderForm::text: {
        const auto text = text_in(value);
        if (!text) return false;
        if (property.form == HeaderForm::raw && is_ascii(*text))
            out.raw(property.field, ascii::trim(*text));
        else
            out.text(property.field, *text);
        return true;
    }
    case HeaderForm::addresses:
    case HeaderForm::grouped_addresses: {
        std::vector<HeaderAddress> list;
        const bool well = property.form == HeaderForm::addresses ? add_addresses(value, list) : add_groups(value, list);
        if (well && !list.empty()) out.addresses(property.field, list);
        return well;
    }
    case HeaderForm::message_ids:
    case HeaderForm::urls: {
        const auto list = in_brackets(value, property.form == HeaderForm::urls ? ", " : " ");
        if (list && !list->empty()) out.raw(property.field, *list);
        return list.has_value();
    }
    case HeaderForm::date: {
        const auto date = read_date(value);
        if (date) out.date(property.field, *date);
        return date.has_value();
    }
    }
    return false;
}

} // namespace

Result<std::string, Fault> write_header_property(const HeaderProperty& property, const json::value& value) {
    message::HeaderWriter out;
    bool well = true;
    if (!property.all || value.is_null()) {
        well = write_one(property, value, out);
    } else {
        const json::array* const values = value.if_array();
        well = values != nullptr &&
               std::ranges::all_of(*values, [&](const json::value& one) { return write_one(property, one, out); });
    }
    if (!well) return failure(invalid_properties({property.name}, "the value is not of this form"));
    return out.str();
}

bool same_field(const HeaderProperty& left, const HeaderProperty& right) {
    return ascii::iequals(left.field, right.field);
}

} // namespace tegami::jmap
