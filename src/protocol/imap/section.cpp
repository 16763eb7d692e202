#include "protocol/imap/section.h"

#include "base/ascii.h"
#include "message/header.h"

#include <algorithm>

namespace tegami::imap {

namespace {

using message::Part;
using message::PartKind;

OctetRange header_of(const Part& part) {
    return {part.header_offset, part.header_length};
}

OctetRange body_of(const Part& part) {
    return {part.body_offset, part.body_length};
}

/// The message whose HEADER and TEXT a section means: the whole one, or the one enclosed in the named part (RFC 9051
/// §6.4.5.1: HEADER, HEADER.FIELDS and TEXT of a part exist only for message/rfc822 and message/global).
const Part* message_of(const Part& root, const std::vector<std::uint32_t>& numbers) {
    if (numbers.empty()) return &root;
    const Part* part = message::find_part(root, numbers);
    return part != nullptr && part->kind == PartKind::message ? &part->children.front() : nullptr;
}

} // namespace

OctetRange clipped(OctetRange range, const std::optional<Partial>& partial) {
    if (!partial) return range;
    const std::uint64_t first = std::min(partial->first, range.length);
    return {range.offset + first, std::min(partial->length, range.length - first)};
}

std::string_view clipped(std::string_view text, const std::optional<Partial>& partial) {
    const OctetRange range = clipped(OctetRange{0, text.size()}, partial);
    return text.substr(static_cast<std::size_t>(range.offset), static_cast<std::size_t>(range.length));
}

SectionPlan plan_section(const message::Part& root, const FetchBody& item) {
    const Section& section = item.section;
    if (section.text == SectionText::whole || section.text == SectionText::mime) {
        if (section.part.empty())
            return section.text == SectionText::whole
                       ? SectionPlan(SendRange{clipped(OctetRange{0, root.end()}, item.partial)})
                       : NoSuchSection{};
        const Part* part = message::find_part(root, section.part);
        if (part == nullptr) return NoSuchSection{};
        const OctetRange range = section.text == SectionText::whole ? body_of(*part) : header_of(*part);
        return SendRange{clipped(range, item.partial)};
    }
    const Part* message = message_of(root, section.part);
    if (message == nullptr) return NoSuchSection{};
    if (section.text == SectionText::text) return SendRange{clipped(body_of(*message), item.partial)};
    if (section.text == SectionText::header) return SendRange{clipped(header_of(*message), item.partial)};
    return FilterHeader{header_of(*message)};
}

std::string filter_header(std::string_view header, const Section& section) {
    const message::Header fields(header);
    const bool wanted = section.text == SectionText::header_fields;
    std::string filtered;
    for (const message::HeaderField& field : fields.fields()) {
        const std::string_view name = ascii::trim(fields.name(field));
        const bool named =
            std::ranges::any_of(section.fields, [&](const std::string& asked) { return ascii::iequals(asked, name); });
        if (named == wanted) filtered += fields.text(field);
    }
    if (fields.has_end()) filtered += "\r\n";
    return filtered;
}

Result<BinaryPlan, BinaryError> plan_binary(const message::Part& root, const std::vector<std::uint32_t>& numbers) {
    using message::TransferEncoding;
    if (numbers.empty()) return BinaryPlan{.encoded = {0, root.end()}};
    const Part* part = message::find_part(root, numbers);
    if (part == nullptr) return failure(BinaryError::no_such_part);
    // RFC 2045 §6.4: nothing but 7bit, 8bit and binary is allowed on what has parts of its own.
    if (part->kind == PartKind::multipart) return BinaryPlan{.encoded = body_of(*part)};
    switch (part->encoding) {
    case TransferEncoding::seven_bit:
    case TransferEncoding::eight_bit:
    case TransferEncoding::binary: return BinaryPlan{.encoded = body_of(*part), .encoding = part->encoding};
    case TransferEncoding::base64:
    case TransferEncoding::quoted_printable:
        return BinaryPlan{.encoded = body_of(*part), .encoding = part->encoding, .identity = false};
    case TransferEncoding::unknown: break;
    }
    return failure(BinaryError::unknown_encoding);
}

} // namespace tegami::imap
