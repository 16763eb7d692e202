// Reads one whole command, as command_reader.h assembled it, into a typed value (RFC 9051 §9, RFC 3501 §9).
//
// 1. Nothing a client sends costs more than linear time, or nests deeper than the limits beside the types.
// 2. An error names what was expected, in words a person can use.
// It does not know which commands are allowed in which state; that is the session's.
#pragma once

#include "base/result.h"
#include "protocol/imap/command.h"

#include <string>
#include <string_view>

namespace tegami::imap {

/// Limit: octets of a tag; ours. Clients use up to about 20.
inline constexpr std::size_t kTagBytesMax = 128;
/// Limit: flags in one list; ours.
inline constexpr std::size_t kFlagsMax = 200;
/// Limit: octets of one keyword; ours.
inline constexpr std::size_t kKeywordBytesMax = 250;
/// Limit: items in one FETCH; ours.
inline constexpr std::size_t kFetchItemsMax = 200;
/// Limit: field names in one HEADER.FIELDS; ours.
inline constexpr std::size_t kHeaderFieldsMax = 200;
/// Limit: numbers in one part specifier ("1.2.3"); deeper parts do not exist (message/ stops earlier).
inline constexpr std::size_t kPartDepthMax = 100;
/// Limit: criteria in one SORT; ours.
inline constexpr std::size_t kSortCriteriaMax = 20;
/// Limit: tags in one CANCELUPDATE; ours.
inline constexpr std::size_t kCancelledTagsMax = 20;
/// Limit: patterns in one LIST; ours.
inline constexpr std::size_t kListPatternsMax = 100;
/// Limit: RFC 2971 §3.3: at most 30 pairs.
inline constexpr std::size_t kIdFieldsMax = 30;
/// Limit: names in one ENABLE; ours.
inline constexpr std::size_t kEnableMax = 100;

/// Why a command was not understood: answer `tag` (untagged if empty) with BAD, or with NO where the command is well
/// formed but names something that cannot be. `code` is a response code without brackets, or empty.
struct ParseError {
    enum class Answer : std::uint8_t { bad, no };
    std::string tag;
    Answer answer = Answer::bad;
    std::string code;
    std::string text;
    /// It was a SELECT or EXAMINE of a name that cannot be: as after any that fails, no mailbox is selected.
    bool ends_selection = false;
};

/// Reads a command: its lines joined, literals in place after their "{n}" CRLF, no line end at the end. An APPEND ends
/// with its message's "{n}".
Result<TaggedCommand, ParseError> parse_command(std::string_view text, EnabledSet enabled);

/// Reads what stands before a further message of an APPEND (RFC 3502 §6.3.11): " (\Seen) {310}".
Result<AppendMessage, ParseError> parse_next_message(std::string_view text, EnabledSet enabled);

/// The tag at the start of a command that may be malformed; empty if there is none.
std::string_view tag_of(std::string_view text);

} // namespace tegami::imap
