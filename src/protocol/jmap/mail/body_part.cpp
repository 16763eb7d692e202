#include "protocol/jmap/mail/body_part.h"

#include "base/assert.h"
#include "message/utf8.h"
#include "protocol/jmap/mail/body_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tegami::jmap {

namespace {

using message::Part;
using message::PartKind;

json::value text_or_null(const std::optional<std::string>& text) {
    return text ? json::value(message::repair_utf8(*text)) : json::value(nullptr);
}

json::value charset_of(const Part& part) {
    if (part.content_type.type != "text") return nullptr;
    const std::string charset = part.content_type.parameter("charset");
    return json::value(charset.empty() ? "us-ascii" : message::repair_utf8(charset));
}

/// RFC 8621 §4.1.4: without its brackets.
json::value content_id_of(const Part& part) {
    if (!part.id) return nullptr;
    std::string_view id = *part.id;
    const std::size_t open = id.find('<');
    if (open != std::string_view::npos) id = id.substr(open + 1, id.find('>', open) - open - 1);
    return json::value(message::repair_utf8(id));
}

json::value languages_of(const Part& part) {
    if (part.language.empty()) return nullptr;
    json::array all;
    for (const std::string& language : part.language)
        all.emplace_back(message::repair_utf8(language));
    return all;
}

using Show = json::value (*)(const Part& root, const Part& part);

struct Property {
    std::string_view name;
    Show show; ///< null: body_part() knows how
};

constexpr std::array kProperties{
    Property{"partId", [](const Part& root, const Part& part) { return text_or_null(part_id(root, part)); }},
    Property{"blobId", nullptr},
    Property{"size", nullptr},
    Property{"headers", nullptr},
    Property{"name", [](const Part&, const Part& part) { return text_or_null(file_name(part)); }},
    Property{"type",
             [](const Part&, const Part& part) {
                 return json::value(message::repair_utf8(part.content_type.type + "/" + part.content_type.subtype));
             }},
    Property{"charset", [](const Part&, const Part& part) { return charset_of(part); }},
    Property{"disposition",
             [](const Part&, const Part& part) {
                 return part.disposition ? text_or_null(part.disposition->type) : json::value(nullptr);
             }},
    Property{"cid", [](const Part&, const Part& part) { return content_id_of(part); }},
    Property{"language", [](const Part&, const Part& part) { return languages_of(part); }},
    Property{"location", [](const Part&, const Part& part) { return text_or_null(part.location); }},
    Property{"subParts", nullptr},
};

bool asks(const PartProperties& properties, std::string_view name) {
    return std::ranges::find(properties.names, name) != properties.names.end();
}

void show_header(const Part& part, const PartProperties& properties, const PartSource& source, json::object& object) {
    const message::Header header(source.header_of(part));
    if (asks(properties, "headers")) object["headers"] = header_fields(header);
    for (const HeaderProperty& property : properties.headers)
        object[property.name] = header_value(header, property);
}

void show_blob(const Part& part, const PartProperties& properties, const PartSource& source, json::object& object) {
    const bool multipart = part.kind == PartKind::multipart;
    const PartBlob blob = multipart ? PartBlob() : source.blob_of(part);
    if (asks(properties, "blobId")) object["blobId"] = multipart ? json::value(nullptr) : json::value(blob.id);
    if (asks(properties, "size")) object["size"] = blob.size;
}

} // namespace

bool PartProperties::need_header() const {
    return !headers.empty() || asks(*this, "headers");
}

const std::vector<std::string>& default_body_properties() {
    static const std::vector<std::string> kDefault{"partId",  "blobId",      "size", "name",     "type",
                                                   "charset", "disposition", "cid",  "language", "location"};
    return kDefault;
}

Result<PartProperties, Fault> parse_part_properties(const std::vector<std::string>& names) {
    PartProperties properties;
    for (const std::string& name : names) {
        if (name.starts_with("header:")) {
            TRY(HeaderProperty property, parse_header_property(name));
            properties.headers.push_back(std::move(property));
        } else if (std::ranges::find(kProperties, name, &Property::name) != kProperties.end()) {
            properties.names.push_back(name);
        } else {
            return failure(invalid_arguments({"bodyProperties"}, fmt::format("{} is no property of a part", name)));
        }
    }
    return properties;
}

json::object body_part(const Part& root, const Part& part, const PartProperties& properties, const PartSource& source,
                       bool with_parts) {
    json::object object;
    for (const std::string& name : properties.names) {
        const auto property = std::ranges::find(kProperties, name, &Property::name);
        ASSERT(property != kProperties.end());
        if (property->show != nullptr) object[name] = property->show(root, part);
    }
    if (asks(properties, "blobId") || asks(properties, "size")) show_blob(part, properties, source, object);
    if (properties.need_header()) show_header(part, properties, source, object);
    if (asks(properties, "subParts")) {
        json::value inner;
        if (part.kind == PartKind::multipart && with_parts) {
            json::array& parts = inner.emplace_array();
            for (const Part& child : part.children)
                parts.push_back(body_part(root, child, properties, source, true));
        }
        object["subParts"] = std::move(inner);
    }
    return object;
}

} // namespace tegami::jmap
