// Which parts of a message are its body and which are attachments (RFC 8621 §4.1.4).
#pragma once

#include "message/structure.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmap {

/// Parts of one structure, which outlives it.
struct BodyLists {
    std::vector<const message::Part*> text; ///< shown one after the other to who wants plain text
    std::vector<const message::Part*> html; ///< to who wants HTML
    std::vector<const message::Part*> attachments;
};

BodyLists list_body(const message::Part& root);

/// There is something that a reader may want to keep: an attachment that is not shown in its place.
bool has_attachment(const BodyLists& lists);

/// The numbers that IMAP calls a part by, which are its id here: "1" is the whole body of a message without parts.
/// Nothing for multiparts, and for what is not of this structure or is inside an enclosed message.
std::optional<std::string> part_id(const message::Part& root, const message::Part& part);

/// The part with this id; null if there is none.
const message::Part* find_part_of_id(const message::Part& root, std::string_view id);

/// The name of the file that the part is; nothing if it has none.
std::optional<std::string> file_name(const message::Part& part);

} // namespace tegami::jmap
