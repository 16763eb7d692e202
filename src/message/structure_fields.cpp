#include "message/structure_fields.h"

#include "base/ascii.h"

namespace tegami::message {
namespace {

/// What a string, parameter or address costs beside its octets.
constexpr std::size_t kValueOverhead = 64;
/// Limit: octets of an encoding's name; all known ones are far shorter.
constexpr std::size_t kEncodingNameMax = 64;

PartKind kind_of(const ContentType& content_type) {
    if (content_type.type == "text") return PartKind::text;
    if (content_type.type == "multipart") return PartKind::multipart;
    const bool message = content_type.is("message", "rfc822") || content_type.is("message", "global");
    return message ? PartKind::message : PartKind::basic;
}

std::size_t cost(const std::optional<std::string>& value) {
    return value ? value->size() + kValueOverhead : 0;
}

std::size_t cost(const std::vector<Parameter>& parameters) {
    std::size_t bytes = 0;
    for (const Parameter& parameter : parameters)
        bytes += parameter.name.size() + parameter.value.size() + kValueOverhead;
    return bytes;
}

std::size_t cost(const std::vector<HeaderAddress>& addresses) {
    std::size_t bytes = 0;
    for (const HeaderAddress& address : addresses)
        bytes += address.name.size() + address.route.size() + address.local_part.size() + address.domain.size() +
                 2 * kValueOverhead;
    return bytes;
}

std::size_t cost(const Envelope& envelope) {
    return cost(envelope.date) + cost(envelope.subject) + cost(envelope.from) + cost(envelope.sender) +
           cost(envelope.reply_to) + cost(envelope.to) + cost(envelope.cc) + cost(envelope.bcc) +
           cost(envelope.in_reply_to) + cost(envelope.message_id);
}

/// The name to tell others: of what is meant, or, for an encoding nobody defined, its first word as written.
std::string encoding_name(TransferEncoding encoding, std::string_view value) {
    if (encoding != TransferEncoding::unknown) return ascii::upper(name_of(encoding));
    std::string name;
    for (const char c : value.substr(0, value.find_first_of("(;, \t")))
        if (c != '"' && c != '\'') name += ascii::to_upper(c);
    const bool usable = !name.empty() && name.size() <= kEncodingNameMax;
    return usable ? name : "7BIT";
}

} // namespace

void read_part_fields(const Header& header, bool digest_part, Part& part) {
    part.content_type = digest_part ? ContentType{"message", "rfc822", {}} : ContentType{};
    if (const HeaderField* field = header.find("Content-Type")) {
        auto parsed = parse_content_type(header.raw_value(*field));
        part.content_type = parsed ? std::move(*parsed) : ContentType{};
    }
    part.kind = kind_of(part.content_type);
    part.encoding_name = "7BIT";
    if (auto encoding = header.value("Content-Transfer-Encoding")) {
        part.encoding = parse_transfer_encoding(*encoding);
        part.encoding_name = encoding_name(part.encoding, *encoding);
    }
    part.id = header.value("Content-ID");
    part.description = header.value("Content-Description");
    part.md5 = header.value("Content-MD5");
    part.location = header.value("Content-Location");
    if (const HeaderField* field = header.find("Content-Disposition"))
        part.disposition = parse_disposition(header.raw_value(*field));
    if (const HeaderField* field = header.find("Content-Language"))
        part.language = parse_languages(header.raw_value(*field));
}

std::string boundary_of(const ContentType& content_type) {
    std::string boundary;
    for (const Parameter& parameter : content_type.parameters) {
        if (parameter.name != "boundary") continue;
        boundary = parameter.value;
        break;
    }
    if (boundary.empty()) boundary = content_type.parameter("boundary");
    // Delimiter lines are compared without blanks at their end.
    while (!boundary.empty() && ascii::is_space(boundary.back()))
        boundary.pop_back();
    return boundary.size() > kBoundaryBytesMax ? std::string() : boundary;
}

void present_as(Part& part, std::string_view type, std::string_view subtype) {
    part.content_type = ContentType{std::string(type), std::string(subtype), {}};
    part.kind = kind_of(part.content_type);
}

std::size_t kept_bytes(const Part& part) {
    std::size_t bytes = part.content_type.type.size() + part.content_type.subtype.size() +
                        cost(part.content_type.parameters) + cost(part.id) + cost(part.description) + cost(part.md5) +
                        cost(part.location);
    if (part.disposition) bytes += part.disposition->type.size() + cost(part.disposition->parameters);
    for (const std::string& language : part.language)
        bytes += language.size() + kValueOverhead;
    if (part.envelope) bytes += cost(*part.envelope);
    return bytes;
}

void drop_values(Part& part) {
    part.content_type.parameters.clear();
    part.id.reset();
    part.description.reset();
    part.md5.reset();
    part.location.reset();
    part.disposition.reset();
    part.language.clear();
    if (part.envelope) part.envelope = Envelope{};
}

} // namespace tegami::message
