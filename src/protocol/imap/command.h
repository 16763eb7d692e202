// Every command of IMAP4rev1 and IMAP4rev2, and of the extensions this server offers, as one typed value each.
// parser.h makes them; service/imapd runs them, one file per command.
#pragma once

#include "message/threads.h"
#include "protocol/imap/fetch_item.h"
#include "protocol/imap/mailbox_name.h"
#include "protocol/imap/search_key.h"
#include "protocol/imap/sequence_set.h"
#include "protocol/imap/types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tegami::imap {

struct Capability {};

struct Noop {};

struct Logout {};

struct StartTls {};

/// AUTHENTICATE; `mechanism` in upper case. `initial_response` is decoded (RFC 4959: "=" is an empty one).
struct Authenticate {
    std::string mechanism;
    std::optional<std::string> initial_response;
};

struct Login {
    std::string user;
    std::string password;
};

/// ENABLE; names in upper case, known or not (RFC 9051 §6.3.1: unknown ones are ignored).
struct Enable {
    std::vector<std::string> capabilities;
};

/// QRESYNC of SELECT (RFC 7162 §3.2.5): what the client knew when it last had the mailbox open.
struct QuickResync {
    std::uint32_t uid_validity = 0;
    std::uint64_t modseq = 0;
    std::optional<SequenceSet> known_uids; ///< nothing: all UIDs there have been

    /// The n-th of `numbers` had the n-th of `uids`: both plain (SequenceSet::is_plain), and equally many.
    struct Match {
        SequenceSet numbers;
        SequenceSet uids;

        bool operator==(const Match&) const = default;
    };

    std::optional<Match> match;

    bool operator==(const QuickResync&) const = default;
};

/// The parameters of SELECT and EXAMINE (RFC 4466 §2.1).
struct SelectParameters {
    bool condstore = false;
    std::optional<QuickResync> resync;
};

struct Select {
    MailboxName mailbox;
    SelectParameters parameters;
};

struct Examine {
    MailboxName mailbox;
    SelectParameters parameters;
};

/// CREATE; a trailing "/" in the name is taken off (RFC 9051 §6.3.4: it only announces children).
struct Create {
    MailboxName mailbox;
    std::vector<SpecialUse> special_use;
};

struct Delete {
    MailboxName mailbox;
};

struct Rename {
    MailboxName from;
    MailboxName to;
};

struct Subscribe {
    MailboxName mailbox;
};

struct Unsubscribe {
    MailboxName mailbox;
};

/// RFC 5258 §3.1, RFC 6154 §5.2.
enum class ListSelection : std::uint8_t { subscribed, remote, recursive_match, special_use };
/// RFC 5258 §3.2, RFC 6154 §5.2, RFC 5819; `status` means that List::status is wanted.
enum class ListReturn : std::uint8_t { subscribed, children, special_use, status };

/// LIST; reference and patterns in UTF-8. `extended` is true if the RFC 5258 form was used in any way; if not, and the
/// only pattern is empty, the client asks for the hierarchy delimiter (RFC 9051 §6.3.9).
struct List {
    std::string reference;
    std::vector<std::string> patterns;
    EnumSet<ListSelection> selection;
    EnumSet<ListReturn> returns;
    StatusItems status;
    bool extended = false;
};

struct Lsub {
    std::string reference;
    std::string pattern;
};

struct Namespace {};

struct Status {
    MailboxName mailbox;
    StatusItems items;
};

/// One message of an APPEND up to its octets, which the reader streams. `utf8` is RFC 6855's UTF8 (~{n}) form.
struct AppendMessage {
    FlagList flags;
    std::optional<DateTime> date;
    std::uint64_t size = 0;
    bool binary = false;
    bool utf8 = false;
};

/// APPEND up to the octets of its first message; others may follow (RFC 3502).
struct Append {
    MailboxName mailbox;
    AppendMessage message;
};

struct Idle {};

struct Check {};

struct Close {};

struct Unselect {};

/// EXPUNGE, or UID EXPUNGE with its set (RFC 4315).
struct Expunge {
    std::optional<SequenceSet> uids;
};

/// SEARCH. `returns` is nothing without RETURN; "RETURN ()" means ALL and is given as that. All texts of `key` are
/// still in `charset`, upper case (nothing means US-ASCII or UTF-8: RFC 9051 §6.4.4).
struct Search {
    Numbering numbering{};
    std::optional<SearchReturns> returns;
    std::optional<PartialRange> partial; ///< of SearchReturn::partial
    std::optional<std::string> charset;
    SearchKey key;
};

/// Where ESEARCH looks (RFC 7377 §2.2).
struct SearchSource {
    enum class Which : std::uint8_t { selected, inboxes, personal, subscribed, subtree, subtree_one, mailboxes };
    Which which{};
    std::vector<MailboxName> names; ///< of the last three

    bool operator==(const SearchSource&) const = default;
};

/// Limit: sources of one ESEARCH, and names of each; ours.
inline constexpr std::size_t kSearchSourceNamesMax = 1000;

/// ESEARCH (RFC 7377): a UID SEARCH in several mailboxes.
struct MultiSearch {
    std::vector<SearchSource> sources; ///< none: the selected mailbox
    Search search;
};

/// What SORT orders by (RFC 5256 §3; DISPLAYFROM and DISPLAYTO of RFC 5957; RELEVANCY of RFC 6203).
enum class SortBy : std::uint8_t { arrival, cc, date, from, size, subject, to, display_from, display_to, relevancy };

struct SortCriterion {
    SortBy by{};
    bool reverse = false;

    bool operator==(const SortCriterion&) const = default;
};

/// SORT: a SEARCH whose result is in an order; with RETURN as RFC 5267 has it (ESORT).
struct Sort {
    Search search;
    std::vector<SortCriterion> criteria;
};

/// CANCELUPDATE (RFC 5267 §4.3.5): the tags of searches with UPDATE.
struct CancelUpdate {
    std::vector<std::string> tags;
};

struct Thread {
    Search search; ///< without `returns`
    message::ThreadAlgorithm algorithm{};
};

/// FETCH; macros are spelled out. UID FETCH has `uid` among its items, asked for or not (RFC 9051 §6.4.9).
struct Fetch {
    Numbering numbering{};
    SequenceSet set;
    std::vector<FetchItem> items;
    std::optional<std::uint64_t> changed_since; ///< RFC 7162 §3.1.4.1; `modseq` is then among the items
    bool vanished = false;                      ///< RFC 7162 §3.2.6, only with `changed_since`
    std::optional<PartialRange> partial;        ///< RFC 9394 §3.3
};

enum class StoreMode : std::uint8_t { replace, add, remove };

struct Store {
    Numbering numbering{};
    SequenceSet set;
    StoreMode mode{};
    bool silent = false;
    FlagList flags;
    std::optional<std::uint64_t> unchanged_since; ///< RFC 7162 §3.1.3
};

struct Copy {
    Numbering numbering{};
    SequenceSet set;
    MailboxName mailbox;
};

struct Move {
    Numbering numbering{};
    SequenceSet set;
    MailboxName mailbox;
};

/// SETACL (RFC 4314 §3.1): the rights of `identifier` become these, or these are added to or taken from them.
struct SetAcl {
    MailboxName mailbox;
    std::string identifier;
    StoreMode mode{};
    std::string rights;
};

struct DeleteAcl {
    MailboxName mailbox;
    std::string identifier;
};

struct GetAcl {
    MailboxName mailbox;
};

struct ListRights {
    MailboxName mailbox;
    std::string identifier;
};

struct MyRights {
    MailboxName mailbox;
};

/// ID (RFC 2971): names and values as sent; empty for NIL.
struct Id {
    std::vector<std::pair<std::string, std::optional<std::string>>> fields;
};

using Command = std::variant<Capability, Noop, Logout, StartTls, Authenticate, Login, Enable, Select, Examine, Create,
                             Delete, Rename, Subscribe, Unsubscribe, List, Lsub, Namespace, Status, Append, Idle, Check,
                             Close, Unselect, Expunge, Search, MultiSearch, CancelUpdate, Sort, Thread, Fetch, Store,
                             Copy, Move, SetAcl, DeleteAcl, GetAcl, ListRights, MyRights, Id>;

/// A command with the tag its answer must carry.
struct TaggedCommand {
    std::string tag;
    Command command;
};

/// The command's name for logs: "UID FETCH".
std::string_view name_of(const Command& command);

} // namespace tegami::imap
