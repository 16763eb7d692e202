// Object identifiers (RFC 8474): a letter that says what the object is, and its number in the account.
//
// The letters keep the kinds apart: a message and the conversation that it began have the same number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::imap {

enum class ObjectKind : char { mailbox = 'F', email = 'M', thread = 'T' };

/// "M17".
std::string object_id(ObjectKind kind, std::uint64_t number);

/// The number in an id of this kind; nothing if it is not one that object_id() makes. Letters count with their case.
std::optional<std::uint64_t> parse_object_id(ObjectKind kind, std::string_view text);

/// True if the text may be an id of any server: objectid of RFC 8474 §7.
bool is_object_id(std::string_view text);

} // namespace tegami::imap
