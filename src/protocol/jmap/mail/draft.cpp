#include "protocol/jmap/mail/draft.h"

#include "base/ascii.h"
#include "message/build.h"
#include "message/content_type.h"
#include "protocol/jmap/mail/header_input.h"
#include "protocol/jmap/types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace tegami::jmap {

namespace {

using message::TransferEncoding;

std::unexpected<Fault> invalid(std::string_view property, std::string_view why) {
    return failure(invalid_properties({std::string(property)}, std::string(why)));
}

std::optional<std::string> text_at(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    const json::string* const text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::nullopt : std::optional<std::string>(*text);
}

bool is_there(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && !value->is_null();
}

/// CR LF at the end of every line (RFC 5322 §2.3).
std::string with_crlf(std::string_view text) {
    std::string lines;
    lines.reserve(text.size() + text.size() / 40);
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\r') {
            lines += "\r\n";
            if (at + 1 < text.size() && text[at + 1] == '\n') ++at;
        } else if (text[at] == '\n') {
            lines += "\r\n";
        } else if (text[at] != '\0') {
            lines += text[at];
        }
    }
    return lines;
}

bool is_visible_ascii(std::string_view text) {
    return std::ranges::all_of(text, ascii::is_vchar);
}

/// RFC 5646 §2.1
bool is_language(std::string_view tag) {
    return !tag.empty() && std::ranges::all_of(tag, [](char c) { return ascii::is_alnum(c) || c == '-'; });
}

/// What a field between angle brackets, or a URL, cannot have is escaped as in URLs (RFC 3986 §2.1): a cid: in HTML that is
/// written with or without the escapes finds it.
std::string in_url_octets(std::string_view text) {
    std::string url;
    for (const char c : text)
        if (ascii::is_vchar(c) && c != '<' && c != '>')
            url += c;
        else
            url += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return url;
}

/// Fields of a header out of properties, each named once.
class Fields {
public:
    Result<void, Fault> add(const HeaderProperty& property, const json::value& value) {
        for (const HeaderProperty& other : all_)
            if (same_field(other, property)) return invalid(property.name, fmt::format("{} says it, too", other.name));
        TRY(const std::string written, write_header_property(property, value));
        text_ += written;
        all_.push_back(property);
        return {};
    }

    bool has(std::string_view field) const {
        return std::ranges::any_of(all_,
                                   [field](const HeaderProperty& one) { return ascii::iequals(one.field, field); });
    }

    const std::string& text() const { return text_; }

    const std::vector<HeaderProperty>& all() const { return all_; }

private:
    std::string text_;
    std::vector<HeaderProperty> all_;
};

class Reader {
public:
    explicit Reader(const json::object& email) : email_(email) {}

    /// The fields of the message itself.
    Result<Fields, Fault> header() const {
        Fields fields;
        for (const auto& [name, value] : email_) {
            std::optional<HeaderProperty> property = find_header_property(name);
            if (name.starts_with("header:")) {
                auto parsed = parse_header_property(name);
                if (!parsed) return invalid(name, "it names no field in a form that it can have");
                property = *std::move(parsed);
            }
            if (name == "headers") return invalid(name, "each field is a property of its own");
            if (!property) continue;
            if (ascii::istarts_with(property->field, "Content-")) return invalid(name, "it belongs to a part");
            TRY_VOID(fields.add(*property, value));
        }
        return fields;
    }

    Result<NewPart, Fault> body() {
        if (!is_there(email_, "bodyStructure")) return body_of_lists();
        for (const std::string_view name : {"textBody", "htmlBody", "attachments"})
            if (is_there(email_, name)) return invalid(name, "bodyStructure says it, too");
        return part(email_.at("bodyStructure"), "bodyStructure");
    }

private:
    Result<NewPart, Fault> part(const json::value& value, std::string_view where, std::size_t depth = 0) {
        if (++parts_ > kDraftPartsMax || depth > kDraftDepthMax) return invalid(where, "there are too many parts");
        const json::object* const object = value.if_object();
        if (object == nullptr) return invalid(where, "a part is an object");
        NewPart part;
        TRY_VOID(read_type(*object, where, part));
        TRY_VOID(read_fields(*object, where, part));
        if (!part.multipart()) {
            TRY_VOID(read_octets(*object, where, part));
            return part;
        }
        const json::value* const inner = object->if_contains("subParts");
        if (inner == nullptr || !inner->is_array() || inner->get_array().empty() || is_there(*object, "partId") ||
            is_there(*object, "blobId"))
            return invalid(where, "a multipart has subParts, and nothing else in it");
        for (const json::value& one : inner->get_array()) {
            TRY(NewPart child, this->part(one, where, depth + 1));
            part.parts.push_back(std::move(child));
        }
        return part;
    }

    static Result<void, Fault> read_type(const json::object& object, std::string_view where, NewPart& part) {
        const bool multipart = is_there(object, "subParts");
        if (!is_there(object, "type")) {
            if (multipart) part.type = "multipart/mixed";
            return {};
        }
        const auto type = text_at(object, "type");
        const auto parsed = type ? message::parse_content_type(*type) : std::nullopt;
        if (!parsed || !parsed->parameters.empty() || !is_visible_ascii(parsed->type + parsed->subtype))
            return invalid(where, "the type is no type/subtype");
        part.type = parsed->type + "/" + parsed->subtype;
        if (multipart && !part.multipart()) return invalid(where, "only a multipart has subParts");
        return {};
    }

    /// What the header of the part has beside its type.
    static Result<void, Fault> read_fields(const json::object& object, std::string_view where, NewPart& part) {
        Fields fields;
        for (const auto& [name, value] : object) {
            if (name == "headers") return invalid(where, "each field is a property of its own");
            if (!name.starts_with("header:")) continue;
            const auto property = parse_header_property(name);
            if (!property) return invalid(name, "it names no field in a form that it can have");
            if (ascii::iequals(property->field, "Content-Transfer-Encoding"))
                return invalid(name, "the server chooses how a part is encoded");
            if (ascii::iequals(property->field, "Content-Type") &&
                (is_there(object, "type") || is_there(object, "subParts")))
                return invalid(name, "type says it, too");
            TRY_VOID(fields.add(*property, value));
        }
        std::string disposition = text_at(object, "disposition").value_or("");
        const auto name = text_at(object, "name");
        if (name && disposition.empty()) disposition = "attachment";
        if (!disposition.empty()) {
            if (fields.has("Content-Disposition")) return invalid(where, "disposition says it, too");
            const auto parsed = message::parse_disposition(disposition);
            if (!parsed || !parsed->parameters.empty() || !is_visible_ascii(parsed->type))
                return invalid(where, "disposition is no word");
            disposition = parsed->type;
            if (name)
                for (const std::string& piece : message::encode_parameter("filename", *name))
                    disposition += "; " + piece;
            part.fields += message::HeaderWriter().raw("Content-Disposition", disposition).str();
        }
        constexpr std::array kPlain{std::pair{"cid", "Content-ID"}, std::pair{"location", "Content-Location"}};
        for (const auto& [property, field] : kPlain) {
            if (!is_there(object, property)) continue;
            const auto text = text_at(object, property);
            if (!text || fields.has(field))
                return invalid(where, fmt::format("{} is no text, or there twice", property));
            const bool id = std::string_view(property) == "cid";
            const std::string value = in_url_octets(*text);
            part.fields += message::HeaderWriter().raw(field, id ? "<" + value + ">" : value).str();
        }
        if (const json::value* const languages = object.if_contains("language"); languages && !languages->is_null()) {
            std::string all;
            const json::array* const list = languages->if_array();
            if (list == nullptr || fields.has("Content-Language"))
                return invalid(where, "language is a list, and not there twice");
            for (const json::value& one : *list) {
                if (!one.is_string() || !is_language(one.get_string())) return invalid(where, "a language is a tag");
                all += (all.empty() ? "" : ", ") + std::string(one.get_string());
            }
            if (!all.empty()) part.fields += message::HeaderWriter().raw("Content-Language", all).str();
        }
        part.fields += fields.text();
        part.named = fields.all();
        return {};
    }

    /// Where the octets of a part that is no multipart come from.
    Result<void, Fault> read_octets(const json::object& object, std::string_view where, NewPart& part) {
        const auto part_id = text_at(object, "partId");
        const auto blob_id = text_at(object, "blobId");
        if (part_id.has_value() == blob_id.has_value()) return invalid(where, "a part has either a partId or a blobId");
        if (blob_id) {
            if (!is_id(*blob_id)) return invalid(where, "the blobId is no id");
            part.blob = *blob_id;
            part.charset = text_at(object, "charset").value_or("");
            return {};
        }
        // RFC 8621 §4.1.4: it names one part. Used again, one text would be many.
        if (!part_ids_.insert(*part_id).second) return invalid(where, "each part has a partId of its own");
        for (const std::string_view name : {"charset", "size"})
            if (is_there(object, name)) return invalid(where, fmt::format("{} does not stand beside a partId", name));
        const json::value* const values = email_.if_contains("bodyValues");
        const json::value* const value =
            values && values->is_object() ? values->get_object().if_contains(*part_id) : nullptr;
        const auto text = value && value->is_object() ? text_at(value->get_object(), "value") : std::nullopt;
        if (!text) return invalid("bodyValues", fmt::format("it has no value for the part {}", *part_id));
        for (const std::string_view flag : {"isEncodingProblem", "isTruncated"})
            if (const json::value* const set = value->get_object().if_contains(flag); set && *set != false)
                return invalid("bodyValues", fmt::format("{} must be false", flag));
        for (const auto& [name, of_value] : value->get_object())
            if (name.starts_with("header:")) return invalid("bodyValues", "a value has no header");
        part.text = with_crlf(*text);
        return {};
    }

    /// The one part of a list that may be left out; a null part if it is.
    Result<std::optional<NewPart>, Fault> only_part(std::string_view list, std::string_view type) {
        if (!is_there(email_, list)) return std::optional<NewPart>();
        const json::value& parts = email_.at(list);
        if (!parts.is_array() || parts.get_array().size() != 1) return invalid(list, "it has exactly one part");
        const json::object* const object = parts.get_array().front().if_object();
        json::object whole = object == nullptr ? json::object() : *object;
        if (!is_there(whole, "type")) whole["type"] = type;
        TRY(NewPart only, part(whole, list));
        if (only.type != type) return invalid(list, fmt::format("its part is {}", type));
        return std::optional(std::move(only));
    }

    Result<NewPart, Fault> body_of_lists() {
        TRY(std::optional<NewPart> text, only_part("textBody", "text/plain"));
        TRY(std::optional<NewPart> html, only_part("htmlBody", "text/html"));
        std::vector<NewPart> inner; // pictures of the HTML
        std::vector<NewPart> attached;
        if (is_there(email_, "attachments")) {
            const json::value& list = email_.at("attachments");
            if (!list.is_array()) return invalid("attachments", "it is a list");
            for (const json::value& one : list.get_array()) {
                TRY(NewPart part, this->part(one, "attachments"));
                const bool shown = html && one.is_object() && is_there(one.get_object(), "cid") &&
                                   text_at(one.get_object(), "disposition") == "inline";
                (shown ? inner : attached).push_back(std::move(part));
            }
        }
        if (html && !inner.empty()) html = joined("multipart/related", *std::move(html), std::move(inner));
        if (!text && !html) text = NewPart{.text = std::string()};
        NewPart body;
        if (text && html)
            body = joined("multipart/alternative", *std::move(text), {*html});
        else
            body = text ? *std::move(text) : *std::move(html);
        if (!attached.empty()) body = joined("multipart/mixed", std::move(body), std::move(attached));
        return body;
    }

    static NewPart joined(std::string type, NewPart first, std::vector<NewPart> others) {
        NewPart whole{.type = std::move(type)};
        whole.parts.push_back(std::move(first));
        std::ranges::move(others, std::back_inserter(whole.parts));
        return whole;
    }

    const json::object& email_;
    std::size_t parts_ = 0;
    std::set<std::string> part_ids_;
};

/// RFC 2046 §5.2.1
bool is_enclosed_message(const NewPart& part) {
    return part.type.starts_with("message/");
}

bool is_text(const NewPart& part) {
    return part.type.starts_with("text/");
}

void list_blobs(const NewPart& part, std::map<std::string, DraftBlob>& blobs) {
    if (!part.blob.empty()) {
        DraftBlob& blob = blobs[part.blob];
        blob.id = part.blob;
        blob.look |= is_text(part) || is_enclosed_message(part);
        ++blob.parts;
    }
    for (const NewPart& child : part.parts)
        list_blobs(child, blobs);
}

std::string parameter(std::string_view name, std::string_view value) {
    std::string written;
    for (const std::string& piece : message::encode_parameter(name, value))
        written += "; " + piece;
    return written;
}

class Writer {
public:
    explicit Writer(const DraftContext& context) : context_(context) {}

    void text(std::string_view octets) {
        if (pieces_.empty() || !std::holds_alternative<std::string>(pieces_.back()))
            pieces_.emplace_back(std::string());
        std::get<std::string>(pieces_.back()) += octets;
    }

    void part(const NewPart& part) {
        if (part.multipart()) return multipart(part);
        if (part.text) {
            const TransferEncoding encoding = message::choose_encoding(*part.text);
            const bool ascii = std::ranges::all_of(*part.text, [](char octet) { return octet >= 0; });
            header(part, part.type, is_text(part) ? (ascii ? "; charset=us-ascii" : "; charset=utf-8") : "", encoding);
            return text(message::encode_transfer(*part.text, encoding));
        }
        const auto look = context_.looks.find(part.blob);
        TransferEncoding encoding = TransferEncoding::base64;
        std::string type = part.type;
        std::string charset = part.charset;
        if (is_text(part) && look != context_.looks.end()) {
            encoding = look->second.for_text();
            // What comes from programs of today, and is not us-ascii, is UTF-8 unless they say otherwise.
            if (charset.empty() && look->second.has_high()) charset = "utf-8";
        }
        if (is_enclosed_message(part)) {
            const auto fitting = look == context_.looks.end() ? std::nullopt : look->second.for_message();
            if (!fitting) type = "application/octet-stream";
            encoding = fitting.value_or(encoding);
        }
        header(part, type, charset.empty() ? "" : parameter("charset", charset), encoding);
        pieces_.emplace_back(EncodedBlob{.id = part.blob, .encoding = encoding});
    }

    std::vector<DraftPiece> finish() && { return std::move(pieces_); }

private:
    void header(const NewPart& part, std::string_view type, std::string_view parameters, TransferEncoding encoding) {
        const bool given = std::ranges::any_of(
            part.named, [](const HeaderProperty& one) { return ascii::iequals(one.field, "Content-Type"); });
        if (!given)
            text(message::HeaderWriter().raw("Content-Type", std::string(type) + std::string(parameters)).str());
        text(message::HeaderWriter().raw("Content-Transfer-Encoding", message::name_of(encoding)).str());
        text(part.fields);
        text("\r\n");
    }

    void multipart(const NewPart& part) {
        const std::string boundary = fmt::format("=_{}_{}", context_.boundary, ++boundaries_);
        text(
            message::HeaderWriter().raw("Content-Type", fmt::format("{}; boundary=\"{}\"", part.type, boundary)).str());
        text(part.fields);
        for (const NewPart& child : part.parts) {
            text("\r\n--" + boundary + "\r\n");
            this->part(child);
        }
        text("\r\n--" + boundary + "--\r\n");
    }

    const DraftContext& context_;
    std::size_t boundaries_ = 0;
    std::vector<DraftPiece> pieces_;
};

} // namespace

Result<Draft, Fault> Draft::read(const json::object& email) {
    Reader reader(email);
    TRY(const Fields fields, reader.header());
    Draft draft;
    TRY(draft.body_, reader.body());
    for (const HeaderProperty& of_part : draft.body_.named)
        if (fields.has(of_part.field)) return invalid(of_part.name, "the message has this field, too");
    draft.fields_ = fields.text();
    draft.has_date_ = fields.has("Date");
    draft.has_message_id_ = fields.has("Message-ID");
    draft.has_mime_version_ = fields.has("MIME-Version");
    return draft;
}

std::vector<DraftBlob> Draft::blobs() const {
    std::map<std::string, DraftBlob> found;
    list_blobs(body_, found);
    std::vector<DraftBlob> blobs;
    for (auto& [id, blob] : found)
        blobs.push_back(std::move(blob));
    return blobs;
}

std::vector<DraftPiece> Draft::write(const DraftContext& context) const {
    Writer writer(context);
    writer.text(fields_);
    message::HeaderWriter missing;
    if (!has_date_) missing.date("Date", context.now);
    if (!has_message_id_) missing.raw("Message-ID", "<" + context.message_id + ">");
    if (!has_mime_version_) missing.raw("MIME-Version", "1.0");
    writer.text(missing.str());
    writer.part(body_);
    return std::move(writer).finish();
}

} // namespace tegami::jmap
