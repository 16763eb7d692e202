#include "index/attachments.h"

#include "base/ascii.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace tegami::index {

namespace {

using extraction::Format;

/// By how much an encoding makes octets longer, at most (quoted-printable, with its line ends).
constexpr std::uint64_t kEncodedFactor = 4;

/// Types of Office Open XML that are not named after it.
constexpr std::array<std::string_view, 6> kOfficeTypes{"vnd.ms-word.document.macroenabled.12",
                                                       "vnd.ms-word.template.macroenabled.12",
                                                       "vnd.ms-excel.sheet.macroenabled.12",
                                                       "vnd.ms-excel.template.macroenabled.12",
                                                       "vnd.ms-powerpoint.presentation.macroenabled.12",
                                                       "vnd.ms-powerpoint.slideshow.macroenabled.12"};

constexpr std::array<std::string_view, 17> kOfficeNames{".odt",  ".ods",  ".odp",  ".odg",  ".ott",  ".ots",
                                                        ".otp",  ".docx", ".docm", ".dotx", ".dotm", ".xlsx",
                                                        ".xlsm", ".xltx", ".pptx", ".pptm", ".ppsx"};

std::string name_of(const message::Part& part) {
    if (part.disposition)
        if (auto name = message::decode_parameter(part.disposition->parameters, "filename")) return *std::move(name);
    return part.content_type.parameter("name");
}

void collect(const message::Part& part, extraction::Formats formats, std::vector<Attachment>& found) {
    const std::optional<Format> format = format_of(part);
    const bool is_small = part.body_length <= kEncodedFactor * extraction::kAttachmentBytesMax;
    if (format && has(formats, *format) && is_small && part.body_length > 0 && found.size() < kEmailAttachmentsMax)
        found.push_back({*format, part.encoding, part.body_offset, part.body_length});
    for (const message::Part& child : part.children)
        collect(child, formats, found);
}

} // namespace

std::optional<Format> format_of(const message::Part& part) {
    const bool is_file = part.kind == message::PartKind::basic && part.content_type.type != "message" &&
                         part.encoding != message::TransferEncoding::unknown;
    if (!is_file) return std::nullopt;
    if (part.content_type.type == "application") {
        const std::string_view subtype = part.content_type.subtype;
        if (subtype == "pdf" || subtype == "x-pdf") return Format::pdf;
        if (subtype.starts_with("vnd.oasis.opendocument.") ||
            subtype.starts_with("vnd.openxmlformats-officedocument.") ||
            std::ranges::find(kOfficeTypes, subtype) != kOfficeTypes.end())
            return Format::office;
    }
    const std::string name = ascii::lower(name_of(part));
    if (name.ends_with(".pdf")) return Format::pdf;
    if (std::ranges::any_of(kOfficeNames, [&](std::string_view end) { return name.ends_with(end); }))
        return Format::office;
    return std::nullopt;
}

std::vector<Attachment> attachments_of(const message::Part& root, extraction::Formats formats) {
    std::vector<Attachment> found;
    collect(root, formats, found);
    return found;
}

} // namespace tegami::index
