// Which parts of a message are files whose text others extract. Pure.
#pragma once

#include "extraction/limits.h"
#include "message/structure.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace tegami::index {

/// Limit: attachments of an email that are read.
inline constexpr std::size_t kEmailAttachmentsMax = 16;

struct Attachment {
    extraction::Format format{};
    message::TransferEncoding encoding{};
    std::uint64_t offset = 0; ///< of its octets in the message, encoded
    std::uint64_t length = 0;
};

/// By the type that it says it has; of one that says little, by the end of its name.
std::optional<extraction::Format> format_of(const message::Part& part);

/// Those of these formats, in order. None that is certainly too large.
std::vector<Attachment> attachments_of(const message::Part& root, extraction::Formats formats);

} // namespace tegami::index
