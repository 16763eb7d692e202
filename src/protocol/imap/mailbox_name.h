// Mailbox names: UTF-8 with "/" between levels inside the server, modified UTF-7 on the wire until a client asks for
// UTF-8 (RFC 3501 §5.1.3, RFC 9051 §5.1).
//
// 1. A MailboxName is always valid UTF-8 in normalization form C (Net-Unicode, RFC 5198 §2), without control
//    characters, wildcards or empty levels, and within limits.
// 2. "inbox" in any case, alone or as the first level, is INBOX: there is no other mailbox of that name.
// 3. Modified UTF-7 is read strictly: one text has one spelling, so two clients never see one mailbox twice.
// It does not decide which mailboxes exist or who may use them.
#pragma once

#include "base/result.h"
#include "protocol/imap/types.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::imap {

/// The one hierarchy delimiter.
inline constexpr char kHierarchyDelimiter = '/';
/// Limit: octets of a whole name in UTF-8; ours.
inline constexpr std::size_t kMailboxNameBytesMax = 1000;
/// Limit: octets of one level; ours, as file systems have it, so that exports can name folders the same.
inline constexpr std::size_t kMailboxLevelBytesMax = 255;
/// Limit: levels of hierarchy; ours.
inline constexpr std::size_t kMailboxLevelsMax = 32;

/// Why a text is not a mailbox name.
enum class MailboxNameError : std::uint8_t {
    empty,
    too_long,
    too_deep,
    empty_level,
    bad_character,
    bad_utf8,
    bad_utf7,
};

/// The reason in words for a client's user.
std::string_view describe(MailboxNameError error);

/// The UTF-8 text, or bad_utf7 unless `text` is the one right modified UTF-7 spelling (RFC 3501 §5.1.3).
Result<std::string, MailboxNameError> decode_modified_utf7(std::string_view text);

/// Modified UTF-7 of valid UTF-8; an octet that is not UTF-8 becomes U+FFFD.
std::string encode_modified_utf7(std::string_view utf8);

class MailboxName {
public:
    /// INBOX.
    MailboxName() : utf8_("INBOX") {}

    /// Checks a UTF-8 name, composes its characters, and puts INBOX into its one spelling. A trailing delimiter is an
    /// error.
    static Result<MailboxName, MailboxNameError> from_utf8(std::string_view written);
    /// Reads a name as a client sent it: modified UTF-7, or UTF-8 once the session speaks it or where the octets can be
    /// nothing else.
    static Result<MailboxName, MailboxNameError> from_wire(std::string_view text, EnabledSet enabled);

    const std::string& utf8() const { return utf8_; }

    bool is_inbox() const { return utf8_ == "INBOX"; }

    /// The name one level up, or nothing at the top.
    std::optional<MailboxName> parent() const;
    /// True if this name lies below `ancestor`.
    bool is_below(const MailboxName& ancestor) const;

    auto operator<=>(const MailboxName&) const = default;

private:
    explicit MailboxName(std::string utf8) : utf8_(std::move(utf8)) {}

    std::string utf8_;
};

/// The name as the session's wire spells it, not yet quoted: modified UTF-7 or UTF-8.
std::string to_wire(std::string_view utf8_name, EnabledSet enabled);

} // namespace tegami::imap
