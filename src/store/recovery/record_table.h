// Every record that the store keeps in an engine: its letter, what it is, whom it belongs to, how it is read, and which
// blobs it holds. A new record is taught here, and nowhere else unless others depend on what is in it.
//
// docs/formats/account.md, queue.md, journey.md and tally.md describe the octets. The directory's records have a table
// of their own (directory/record_table.h): no room of the store knows what they are.
#pragma once

#include "store/account_records.h"
#include "store/engine/engine.h"
#include "store/journey_records.h"
#include "store/page_records.h"
#include "store/policy_records.h"
#include "store/queue_records.h"
#include "store/tally_records.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tegami::store {

/// Rows of one page when a whole domain is read.
inline constexpr std::size_t kScanRows = 500;
/// Octets of a message read at once, to see that they can be read.
inline constexpr std::uint64_t kReadBytes = 1u << 20;

namespace record {

/// N: the name of a mailbox.
struct NameRow {
    MailboxId parent;
    std::string level;
    MailboxId mailbox;
};

/// K: the number of a keyword.
struct KeywordRow {
    std::uint16_t id = 0;
    std::string word;
};

/// P: messages of a mailbox; their UIDs are in the columns.
struct MessagesRow {
    MailboxId mailbox;
    std::uint32_t page = 0;
    PageColumns columns;
};

/// D: a message of a mailbox, over its page.
struct DeltaRow {
    MailboxId mailbox;
    Delta delta;
};

/// X: messages that were in a mailbox.
struct VanishedRow {
    MailboxId mailbox;
    Vanished vanished;
};

/// E, e: emails.
struct EmailsRow {
    std::vector<EmailRecord> emails;
};

/// M, m: how many rows emails have, from one email on.
struct CountsRow {
    std::uint32_t first_email = 0;
    std::vector<std::uint32_t> rows;
};

/// Queue D and T: finds an item by due time, or the items of a destination.
struct QueueDueRow {
    std::string key;
};

struct QueueListedRow {
    QueueItemId item;
    std::string key;
};

/// Queue W: finds a message that is held.
struct QueueHeldRow {
    std::string key;
};

/// A record that can be read and that nothing else depends on.
struct OtherRow {};

using AnyRow =
    std::variant<AccountRow, MailboxRow, NameRow, KeywordRow, MessagesRow, DeltaRow, VanishedRow, EmailsRow, CountsRow,
                 LogRow, QueueMessage, QueueItem, QueueDueRow, QueueListedRow, QueueHeldRow, JourneyEvent, OtherRow>;

} // namespace record

/// Whom a record belongs to. The number of a mailbox, email or entry is in the key, behind the letter or at its end.
enum class Owner : std::uint8_t {
    domain,         ///< the account, the shard or the day
    mailbox,        ///< u32 behind the letter; the mailbox has a record
    former_mailbox, ///< u32 behind the letter; the mailbox may be gone
    email,          ///< u32 at the end
    entry,          ///< u64 behind the letter; for D and T 12 octets before the end, for W 8
};

struct RecordKind {
    char letter;
    std::string_view name; ///< for people
    Owner owner;
    /// True if repair of an account writes all of them anew, out of what it could read of everything.
    bool derived;
    /// Nothing if the row is not wholly understood. `sizes` is the row of the account, or any for other domains.
    std::optional<record::AnyRow> (*decode)(const record::AccountRow& sizes, const Row& row);
};

/// All records of this kind of domain; none for kinds that are not the store's.
std::span<const RecordKind> record_kinds(DomainKind domain);
/// The kind of record that this key is of; null if there is none.
const RecordKind* find_record_kind(DomainKind domain, std::string_view key);
/// A row as what it is; nothing if its letter is not known or it is not wholly understood.
std::optional<record::AnyRow> decode_row(DomainKind domain, const record::AccountRow& sizes, const Row& row);

/// A blob that a record needs, and the tag under which it holds it.
struct HeldBlob {
    BlobRef blob;
    std::string tag;
};

/// The blobs that a record holds; most hold none.
std::vector<HeldBlob> held_blobs(Domain domain, const record::AnyRow& row);

/// Whom a record belongs to: "a/1 mailbox 3".
std::string record_owner_text(Domain domain, std::string_view key);
/// "record a/1 50… cannot be read (a/1 mailbox 3: messages)".
std::string damaged_record_text(Domain domain, std::string_view key);

} // namespace tegami::store
