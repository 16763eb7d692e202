// The records of an account domain, their keys and their octets: docs/formats/account.md.
//
// 1. A key is a letter and big-endian numbers (a name last, where
//    there is one): the order of keys is the order of numbers.
// 2. A value begins with its format version. decode_* gives nothing for a value that is not wholly understood.
// 3. Checksums are the engine's business (docs/formats/account.md says which engine keeps which).
// Pages are in page_records.h.
#pragma once

#include "base/clock.h"
#include "store/account.h"
#include "store/engine/engine.h"
#include "store/ids.h"
#include "store/mailbox_list.h"
#include "store/mailbox_view.h"
#include "store/record_coding.h"
#include "store/types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::store {

/// "a/1 4200000001": a record by its domain and its key in hexadecimal.
std::string record_name(Domain domain, std::string_view key);
/// The error for a record that does not decode.
Error damaged_record(Domain domain, std::string_view key);
/// "records a/1 50… to 51…": keys that the engine cannot read.
std::string damaged_keys_name(Domain domain, const DamagedKeys& keys);

/// What one commit did to a mailbox and its messages.
struct MailboxChanges {
    /// What happened to the mailbox itself. The values are on disk: never renumber.
    enum class Itself : std::uint8_t { nothing = 0, made = 1, removed = 2, changed = 3 };

    MailboxId mailbox;
    Itself itself = Itself::nothing;
    UidSet appended;
    UidSet changed;
    UidSet marked; ///< of `changed`, those whose \Deleted came or went
    UidSet expunged;
};

} // namespace tegami::store

namespace tegami::store::record {

/// Limit: UIDs, UIDVALIDITY values and email ids; a mailbox or account that reaches it takes nothing new for ever.
inline constexpr std::uint32_t kIdMax = 0xffff'0000;

/// A: the account.
struct AccountRow {
    bool removed = false; ///< its removal has begun and must be ended
    Timestamp created{};
    Quota quota;
    std::uint64_t bytes = 0;
    std::uint64_t messages = 0;
    std::uint32_t next_mailbox = 1;
    std::uint32_t next_email = 1;
    std::uint32_t last_uid_validity = 0;
    std::uint8_t page_bits = 10; ///< a P page spans 2^page_bits UIDs
    std::uint8_t email_bits = 8; ///< an E or M page spans 2^email_bits emails
    Version log_floor;           ///< the change log reaches back to here

    std::uint32_t page_uids() const { return 1u << page_bits; }

    /// The page of a UID, and the first UID of a page.
    std::uint32_t page_of(Uid uid) const { return uid.value >> page_bits; }

    std::uint32_t first_uid(std::uint32_t page) const { return page << page_bits; }

    std::uint32_t page_emails() const { return 1u << email_bits; }

    /// Emails are gathered in pages this many at a time; younger ones are single records.
    std::uint32_t email_group() const { return page_emails() / 4; }

    /// The first email that is a single record.
    std::uint32_t email_tail() const { return next_email / email_group() * email_group(); }

    bool operator==(const AccountRow&) const = default;
};

/// B: a mailbox.
struct MailboxRow {
    MailboxId id; ///< in the key
    MailboxId parent;
    std::string level; ///< the last level of the name
    Role role = Role::none;
    std::uint32_t sort_order = 0; ///< RFC 8621 §2
    bool subscribed = false;
    bool selectable = true;
    bool removed = false; ///< nobody sees it any more; its messages are still to be expunged
    UidValidity uid_validity;
    Uid uid_next{1};
    Modseq highest_modseq;
    Uid first_recent{1};
    std::uint32_t messages = 0;
    std::uint32_t unseen = 0;
    std::uint32_t deleted = 0;
    std::uint32_t recent = 0;
    std::uint64_t size_bytes = 0;
    std::uint32_t deltas = 0;      ///< D records, at most
    std::uint32_t tail_deltas = 0; ///< those of the page of uid_next - 1, at most
    Modseq change_floor;           ///< what was expunged after this version is in the change log
    AccessList access;             ///< whom it is shared with

    bool operator==(const MailboxRow&) const = default;
};

/// L: what one commit changed.
struct LogRow {
    Timestamp time{};
    std::vector<MailboxChanges> mailboxes;
};

/// One email: an element of E, the value of e.
struct EmailRecord {
    std::uint32_t id = 0; ///< in the key or the page
    std::uint32_t thread = 0;
    BlobRef blob;
    Timestamp internal_date{};
    std::chrono::minutes zone{0}; ///< of internal_date

    bool operator==(const EmailRecord&) const = default;
};

/// T: the message-id hashes that lead to an email's thread.
using Hashes = std::vector<std::uint64_t>;

/// Y: a mailbox that was removed, for those of its messages that may come back.
struct RemovedMailboxRow {
    Role role = Role::none;
    std::string name; ///< the whole name

    bool operator==(const RemovedMailboxRow&) const = default;
};

/// G: where a delivery went.
struct DeliveryRow {
    Timestamp time{};
    std::vector<Placed> placed;
};

std::string encode(const AccountRow& row);
std::optional<AccountRow> decode_account(std::string_view value);
std::string encode(const MailboxRow& row);
std::optional<MailboxRow> decode_mailbox(MailboxId id, std::string_view value);
std::string encode(const LogRow& row);
std::optional<LogRow> decode_log(std::string_view value);
std::string encode(const EmailRecord& email);
std::optional<EmailRecord> decode_email(std::uint32_t id, std::string_view value);
std::string encode_hashes(const Hashes& hashes);
std::optional<Hashes> decode_hashes(std::string_view value);
std::string encode(const DeliveryRow& row);
std::optional<DeliveryRow> decode_delivery(std::string_view value);
std::string encode(const RemovedMailboxRow& row);
std::optional<RemovedMailboxRow> decode_removed_mailbox(std::string_view value);
/// N, H, m: one number.
std::string encode_number(std::uint64_t number);
std::optional<std::uint64_t> decode_number(std::string_view value);
/// K: a keyword; R: nothing.
std::string encode_text(std::string_view text);
std::optional<std::string> decode_text(std::string_view value);

/// Adds the UIDs of a set as pairs of gap and length.
void append_uids(std::string& out, const UidSet& uids);

std::string account_key();
std::string mailbox_key(MailboxId mailbox);
std::string name_key(MailboxId parent, std::string_view level);
std::string subscription_key(std::string_view name);
std::string keyword_key(std::uint16_t keyword);
std::string page_key(MailboxId mailbox, std::uint32_t page);
std::string delta_key(MailboxId mailbox, Uid uid);
std::string vanished_key(MailboxId mailbox, Modseq modseq, std::uint32_t page);
std::string removed_mailbox_key(MailboxId mailbox);
std::string log_key(Version version);
std::string email_page_key(std::uint32_t page);
std::string card_page_key(std::uint32_t group);
std::string sort_page_key(std::uint32_t group);
std::string email_key(std::uint32_t email);
std::string count_page_key(std::uint32_t page);
std::string count_key(std::uint32_t email);
std::string thread_key(ThreadId thread, std::uint32_t email);
std::string hash_key(std::uint64_t hash, std::uint32_t email);
/// What all keys of the hash begin with.
std::string hash_prefix(std::uint64_t hash);
std::string delivery_key(std::string_view tag);

/// The tag under which an email keeps its blob.
std::string reference_tag(AccountId account, std::uint32_t email);

} // namespace tegami::store::record
