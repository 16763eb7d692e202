// The mailboxes of an account as one immutable picture.
//
// 1. Names are UTF-8 with "/" between levels; INBOX is spelled so, at the top only, and found in any case.
// 2. Every mailbox but those at the top has its parent in the list.
#pragma once

#include "store/access.h"
#include "store/ids.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::store {

/// RFC 6154 §2. The values are on disk: never renumber.
enum class Role : std::uint8_t { none = 0, inbox = 1, drafts = 2, sent = 3, junk = 4, trash = 5, archive = 6 };

/// Limit: octets of a whole name, octets of a level, levels, mailboxes of an account.
inline constexpr std::size_t kMailboxNameBytesMax = 1000;
inline constexpr std::size_t kMailboxLevelBytesMax = 255;
inline constexpr std::size_t kMailboxLevelsMax = 32;
inline constexpr std::size_t kMailboxesMax = 10'000;

/// Where messages go whose mailbox is not known any more; made when the first one needs it.
inline constexpr const char* kRecoveredMailbox = "Recovered";

struct MailboxInfo {
    MailboxId id;
    MailboxId parent; ///< 0 at the top
    std::string name; ///< the whole name
    Role role = Role::none;
    std::uint32_t sort_order = 0; ///< RFC 8621 §2
    bool subscribed = false;
    /// False for a name that only holds inferiors (\Noselect): its mailbox was deleted.
    bool selectable = true;
    /// Its record cannot be read: it shows its name and nothing else, and is not selectable, until repair.
    bool damaged = false;
    UidValidity uid_validity;
    Uid uid_next;
    Modseq highest_modseq;
    Modseq change_floor; ///< what was expunged after this version is in the change log
    /// Messages from this UID on were in no session yet (RFC 3501 §2.3.2, \Recent); see Account::claim_recent.
    Uid first_recent;
    std::uint32_t messages = 0;
    std::uint32_t unseen = 0;  ///< without \Seen
    std::uint32_t deleted = 0; ///< with \Deleted
    std::uint32_t recent = 0;
    std::uint64_t size_bytes = 0; ///< of all messages, as STATUS SIZE counts them
    AccessList access;            ///< whom it is shared with

    bool operator==(const MailboxInfo&) const = default;
};

using MailboxPtr = std::shared_ptr<const MailboxInfo>;

class MailboxList {
public:
    /// `part`: see part().
    MailboxList(std::vector<MailboxPtr> mailboxes, std::vector<std::string> subscribed_names, Version version,
                std::uint64_t part = 0);

    /// All mailboxes, ordered by name octets.
    const std::vector<MailboxPtr>& all() const { return by_name_; }

    /// Nothing (null) if there is none.
    MailboxPtr find(std::string_view name) const;
    MailboxPtr find(MailboxId id) const;
    MailboxPtr find(Role role) const;

    bool has_children(MailboxId id) const;

    /// Subscribed names that are no mailbox now (RFC 9051 §6.3.7: a subscription outlives its mailbox), sorted.
    const std::vector<std::string>& subscribed_names() const { return subscribed_names_; }

    Version version() const { return version_; }

    /// 0 if these are all mailboxes of the account. Else a number that changes with which mailboxes somebody else sees, and
    /// with what they are but for their messages; versions of different parts have nothing to do with each other.
    std::uint64_t part() const { return part_; }

private:
    std::vector<MailboxPtr> by_name_;
    std::vector<MailboxPtr> by_id_;
    std::vector<std::string> subscribed_names_;
    Version version_;
    std::uint64_t part_;
};

/// True if the store takes this as the name of a mailbox: valid
/// UTF-8, no control characters, no empty level, within the limits.
bool is_mailbox_name(std::string_view name);

/// The name with a first level that is "inbox" in any case spelled INBOX.
std::string canonical_mailbox_name(std::string_view name);

} // namespace tegami::store
