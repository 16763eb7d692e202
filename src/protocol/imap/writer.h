// Builds answers: strings in the right quoting, status lines, untagged data, FETCH responses. Everything appends to a
// text that the driver sends; large bodies are not in it: the writer stops after "{n}" and the driver sends the octets.
//
// 1. Every line is complete and ends with CRLF; nothing a mailbox or message holds can break out of its string.
// 2. UTF-8 appears in quoted strings only when the session asked for it (RFC 9051 §4.3, RFC 6855 §3); else as literal.
#pragma once

#include "base/uid_set.h"
#include "protocol/imap/command.h"
#include "protocol/imap/sequence_set.h"
#include "protocol/imap/types.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::imap {

/// A quoted string, or a literal where quoting cannot carry the text.
void append_string(std::string& out, std::string_view text, EnabledSet enabled);
/// NIL, or append_string().
void append_nstring(std::string& out, std::optional<std::string_view> text, EnabledSet enabled);
/// An atom where possible, else append_string().
void append_astring(std::string& out, std::string_view text, EnabledSet enabled);
/// A mailbox name in the session's encoding, as astring.
void append_mailbox(std::string& out, std::string_view utf8_name, EnabledSet enabled);
/// "(\Seen $Forwarded)".
void append_flags(std::string& out, const FlagList& flags);
/// "17-Jul-1996 02:44:25 -0700" without quotes, always 26 characters (RFC 9051 §9, date-time).
std::string to_string(const DateTime& date);

/// The first word of a status line.
enum class StatusWord : std::uint8_t { ok, no, bad, preauth, bye };

/// "tag OK [CODE] text"; tag empty for untagged. `code` is without brackets, empty for none: a constant of
/// namespace code or what a function there returns. Control characters in `text` become "?".
void append_status(std::string& out, std::string_view tag, StatusWord word, std::string_view code,
                   std::string_view text);
/// "+ text".
void append_continuation(std::string& out, std::string_view text);

/// Response codes (RFC 9051 §7.1, RFC 5530, RFC 4315, RFC 7889).
namespace code {
inline constexpr std::string_view kAlert = "ALERT";
inline constexpr std::string_view kAlreadyExists = "ALREADYEXISTS";
inline constexpr std::string_view kAuthenticationFailed = "AUTHENTICATIONFAILED";
inline constexpr std::string_view kAuthorizationFailed = "AUTHORIZATIONFAILED";
inline constexpr std::string_view kCannot = "CANNOT";
inline constexpr std::string_view kClientBug = "CLIENTBUG";
inline constexpr std::string_view kClosed = "CLOSED";
inline constexpr std::string_view kContactAdmin = "CONTACTADMIN";
inline constexpr std::string_view kCorruption = "CORRUPTION";
inline constexpr std::string_view kExpired = "EXPIRED";
inline constexpr std::string_view kExpungeIssued = "EXPUNGEISSUED";
inline constexpr std::string_view kHasChildren = "HASCHILDREN";
inline constexpr std::string_view kInUse = "INUSE";
inline constexpr std::string_view kLimit = "LIMIT";
inline constexpr std::string_view kNonexistent = "NONEXISTENT";
inline constexpr std::string_view kNoPermission = "NOPERM";
inline constexpr std::string_view kNotSaved = "NOTSAVED";
inline constexpr std::string_view kOverQuota = "OVERQUOTA";
inline constexpr std::string_view kParse = "PARSE";
inline constexpr std::string_view kPrivacyRequired = "PRIVACYREQUIRED";
inline constexpr std::string_view kReadOnly = "READ-ONLY";
inline constexpr std::string_view kReadWrite = "READ-WRITE";
inline constexpr std::string_view kServerBug = "SERVERBUG";
inline constexpr std::string_view kTooBig = "TOOBIG";
inline constexpr std::string_view kTryCreate = "TRYCREATE";
inline constexpr std::string_view kUidNotSticky = "UIDNOTSTICKY";
inline constexpr std::string_view kUnavailable = "UNAVAILABLE";
inline constexpr std::string_view kUnknownCte = "UNKNOWN-CTE";
inline constexpr std::string_view kUseAttr = "USEATTR";

/// "UIDVALIDITY n".
std::string uid_validity(UidValidity validity);
/// "UIDNEXT n".
std::string uid_next(Uid next);
/// "UNSEEN n", IMAP4rev1 only (RFC 3501 §7.1).
std::string first_unseen(SequenceNumber number);
/// "PERMANENTFLAGS (...)"; with `new_keywords` "\*" is added.
std::string permanent_flags(const FlagList& flags, bool new_keywords);
/// "CAPABILITY ...".
std::string capability(std::string_view names);
/// "BADCHARSET (...)".
std::string bad_charset();
/// "APPENDUID validity uids"; several messages of one APPEND have rising UIDs (RFC 3502).
std::string append_uid(UidValidity validity, const UidSet& uids);
/// "COPYUID validity from to": the n-th UID of `from` became the n-th of `to`, so `from` must be in the order copied.
std::string copy_uid(UidValidity validity, const UidSet& from, const UidSet& to);
/// "HIGHESTMODSEQ n" (RFC 7162 §3.1.2.1).
std::string highest_modseq(std::uint64_t modseq);
/// "MODIFIED 7,9" (RFC 7162 §3.1.3): numbers or UIDs.
std::string modified(std::span<const NumberRange> messages);
/// "NOUPDATE \"a1\"" (RFC 5267 §4.3.1).
std::string no_update(std::string_view tag);
/// "MAILBOXID (F17)" (RFC 8474 §4).
std::string mailbox_id(std::uint64_t mailbox);
} // namespace code

/// "* CAPABILITY names".
void append_capability(std::string& out, std::string_view names);
/// "* ENABLED names".
void append_enabled(std::string& out, std::span<const std::string> names);
/// "* FLAGS (...)".
void append_flags_line(std::string& out, const FlagList& flags);
/// "* n EXISTS".
void append_exists(std::string& out, std::uint32_t count);
/// "* n RECENT".
void append_recent(std::string& out, std::uint32_t count);
/// "* n EXPUNGE", one line each.
void append_expunged(std::string& out, std::span<const SequenceNumber> numbers);
/// "* VANISHED 405,407", or "* VANISHED (EARLIER) 405" (RFC 7162 §3.2.10), one line; nothing for no UIDs.
void append_vanished(std::string& out, std::span<const UidRange> uids, bool earlier);
/// "* SEARCH", without the line's end: numbers follow, in as many pieces as it takes (RFC 3501 §7.2.5).
void append_search_begin(std::string& out);
/// " 1".
void append_search_number(std::string& out, std::uint32_t number);
/// "* NAMESPACE ((prefix "/")) ((others' prefix "/")) NIL" (RFC 2342).
void append_namespace(std::string& out, std::string_view personal_prefix, std::string_view others_prefix);

/// An identifier and its rights (RFC 4314 §2).
struct AclEntry {
    std::string identifier;
    std::string rights;
};

/// "* ACL mailbox identifier rights ..." (RFC 4314 §3.6).
void append_acl(std::string& out, std::string_view mailbox, std::span<const AclEntry> entries, EnabledSet enabled);
/// "* LISTRIGHTS mailbox identifier required optional ..." (RFC 4314 §3.7).
void append_list_rights(std::string& out, std::string_view mailbox, std::string_view identifier,
                        std::string_view required, std::span<const std::string> optional, EnabledSet enabled);
/// "* MYRIGHTS mailbox rights" (RFC 4314 §3.8).
void append_my_rights(std::string& out, std::string_view mailbox, std::string_view rights, EnabledSet enabled);
/// "* ID (name value ...)" (RFC 2971).
void append_id(std::string& out, std::span<const std::pair<std::string, std::string>> fields);

/// Attributes of a mailbox in LIST (RFC 9051 §7.3.1).
enum class ListAttribute : std::uint8_t {
    nonexistent,
    no_inferiors,
    no_select,
    has_children,
    has_no_children,
    marked,
    unmarked,
    subscribed,
    remote,
};

/// One line of LIST or LSUB.
struct ListEntry {
    EnumSet<ListAttribute> attributes;
    EnumSet<SpecialUse> special_use;
    /// UTF-8; empty only for the answer to a delimiter question.
    std::string name;
    /// CHILDINFO (RFC 5258 §3.5): a child of this one is subscribed, though this one was not asked for.
    bool child_subscribed = false;
    /// OLDNAME (RFC 9051 §6.3.9.7), UTF-8.
    std::optional<std::string> old_name;
};

/// "* LIST (...) "/" name".
void append_list(std::string& out, const ListEntry& entry, EnabledSet enabled);
/// "* LSUB (...) "/" name".
void append_lsub(std::string& out, const ListEntry& entry, EnabledSet enabled);

/// Values for STATUS; only those asked for are read.
struct StatusValues {
    std::uint64_t messages = 0;
    std::uint64_t recent = 0;
    Uid uid_next;
    UidValidity uid_validity;
    std::uint64_t unseen = 0;
    std::uint64_t deleted = 0;
    std::uint64_t size = 0;
    std::uint64_t highest_modseq = 0;
    std::uint64_t mailbox_id = 0;
};

/// "* STATUS name (MESSAGES 3 ...)".
void append_status_data(std::string& out, const MailboxName& mailbox, StatusItems items, const StatusValues& values,
                        EnabledSet enabled);

/// What an ESEARCH answers beside the messages themselves (RFC 4731); a member is there if it was asked for and exists.
struct EsearchCounts {
    std::optional<std::uint32_t> min;
    std::optional<std::uint32_t> max;
    std::optional<std::uint32_t> count;
};

/// The mailbox that an answer to ESEARCH is about (RFC 7377 §2.1).
struct EsearchMailbox {
    std::string name; ///< UTF-8
    UidValidity uid_validity;
    EnabledSet enabled; ///< of the session
};

/// "* ESEARCH (TAG "a1") UID MIN 1", without the line's end: the messages may follow.
void append_esearch_begin(std::string& out, std::string_view tag, Numbering numbering, const EsearchCounts& counts,
                          const EsearchMailbox* mailbox = nullptr);

/// "* ESEARCH (TAG "a1") UID ADDTO (0 1:3)" or REMOVEFROM (RFC 5267 §4.3.2), one line; nothing for no messages.
void append_result_change(std::string& out, std::string_view tag, Numbering numbering, bool added,
                          std::span<const NumberRange> messages);

/// " ALL 1:3,5", written as the numbers come. Without any number nothing is written, as RFC 4731 §3.1 wants.
class EsearchSet {
public:
    /// `out` outlives it and may be emptied between two numbers. `label` stands before the first number.
    explicit EsearchSet(std::string* out, std::string_view label = " ALL ") : out_(out), label_(label) {}

    /// The next number, above all before.
    void add(std::uint32_t number);
    /// After the last one.
    void finish();

private:
    std::string* out_;
    std::string_view label_;
    NumberRange range_; ///< not written yet; 0 before the first number
    bool first_ = true;
};

/// One "* n FETCH (...)" line, item by item.
class FetchResponse {
public:
    FetchResponse(std::string& out, SequenceNumber number, EnabledSet enabled);
    FetchResponse(const FetchResponse&) = delete;
    FetchResponse& operator=(const FetchResponse&) = delete;

    void uid(Uid uid);
    void flags(const FlagList& flags);
    void internal_date(const DateTime& date);
    void rfc822_size(std::uint64_t size);
    void modseq(std::uint64_t modseq);
    /// EMAILID and THREADID.
    void email_id(std::uint64_t email);
    void thread_id(std::uint64_t thread);
    void save_date(const DateTime& date);
    void preview(std::string_view text);
    /// BINARY.SIZE[...] n.
    void binary_size(const FetchBinarySize& item, std::uint64_t size);
    /// Any item with a short text: the text goes into `out`. Nothing gives NIL: the part does not exist.
    void text(const FetchItem& item, std::optional<std::string_view> octets);
    /// Any item with a long text: writes `name {size}`; the caller sends exactly `size` octets before it goes on.
    /// `binary`: the octets may hold NUL, so BINARY[...] uses "~{size}" (RFC 9051 §4.3, literal8).
    void stream(const FetchItem& item, std::uint64_t size, bool binary = false);
    /// Any item whose value was made elsewhere: ENVELOPE, BODY, BODYSTRUCTURE (structure_writer.h).
    void raw(FetchAttribute attribute, std::string_view value);
    /// ")" and the line end.
    void finish();

    /// True if no item was written yet.
    bool empty() const { return first_; }

private:
    void name(std::string_view name);

    std::string& out_;
    EnabledSet enabled_;
    bool first_ = true;
};

} // namespace tegami::imap
