// What one session believes about its selected mailbox: which UID each sequence number stands for, and what the store
// has changed meanwhile that the client has not been told.
//
// 1. Sequence numbers change only in announce(), and exactly as the lines it returns tell the client.
// 2. EXPUNGE is announced only where the client cannot misread its numbers (RFC 9051 §7.5.1, RFC 3501 §7.4.1).
// 3. The count of messages never falls but by EXPUNGE; messages that came and went unannounced are never shown.
// 4. Changes may be applied twice, or again after a resync: nothing is counted twice, flags are told again at most.
// 5. Batches cost n log n of their size plus one pass over the mailbox, whatever their shape.
// It keeps no flags: a changed message is announced with the flags it has when it is announced.
#pragma once

#include "base/result.h"
#include "protocol/imap/sequence_set.h"
#include "protocol/imap/types.h"

#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace tegami::imap {

/// A message was added. `recent`: this session is the first to be told of it (RFC 3501 §2.3.2).
struct NewMessage {
    Uid uid;
    bool recent = false;
};

/// A message's flags or keywords changed.
struct FlagsChanged {
    Uid uid;
};

/// A message is gone from the store.
struct Expunged {
    Uid uid;
};

using MailboxChange = std::variant<NewMessage, FlagsChanged, Expunged>;

/// When untagged lines are about to be sent.
enum class Moment : std::uint8_t {
    /// No command is in progress, and no IDLE: EXPUNGE is forbidden.
    no_command,
    /// FETCH, STORE or SEARCH by sequence number is running or ending: EXPUNGE is forbidden.
    numbers_in_use,
    /// Any other command, UID FETCH and IDLE among them: everything is allowed.
    safe,
};

/// A message by both its names.
struct NumberedUid {
    SequenceNumber number;
    Uid uid;

    bool operator==(const NumberedUid&) const = default;
};

/// What to tell the client, in the order of the members.
struct Announcement {
    /// One "n EXPUNGE" each, highest first, so that each number is right when it is read.
    std::vector<SequenceNumber> expunged;
    /// "n EXISTS".
    std::optional<std::uint32_t> exists;
    /// "n RECENT", for IMAP4rev1 sessions only.
    std::optional<std::uint32_t> recent;
    /// "n FETCH (UID u FLAGS (...))" with the flags as they are now.
    std::vector<NumberedUid> flags;

    bool empty() const { return expunged.empty() && !exists && !recent && flags.empty(); }

    bool operator==(const Announcement&) const = default;
};

/// Why a sequence set means nothing here: a BAD answer.
enum class ResolveError : std::uint8_t {
    /// A sequence number above the number of messages.
    no_such_number,
};

class SessionView {
public:
    /// The mailbox as it is when it is selected: sorted UIDs, and those of them that are recent to this session.
    explicit SessionView(std::vector<std::uint32_t> uids, std::vector<std::uint32_t> recent = {});

    /// How many messages the client believes there are.
    std::uint32_t exists() const { return static_cast<std::uint32_t>(uids_.size()); }

    /// How many of them are recent.
    std::uint32_t recent() const { return static_cast<std::uint32_t>(recent_.size()); }

    /// The UID of a number the client may use (1 to exists()).
    Uid uid_of(SequenceNumber number) const;
    /// The number of a UID, if the client knows the message.
    std::optional<SequenceNumber> number_of(Uid uid) const;

    /// All UIDs the client knows, by number.
    std::span<const std::uint32_t> uids() const { return uids_; }

    bool is_recent(Uid uid) const;
    /// True if the message is gone from the store but the client has not been told: RFC 2180's NO [EXPUNGEISSUED].
    bool is_gone(Uid uid) const;

    /// Takes in what the store has changed. Nothing the client can see changes yet.
    void apply(std::span<const MailboxChange> changes);
    /// Forgets pending flag news for these UIDs: the session told the client itself, or stored them .SILENT.
    void flags_told(std::span<const Uid> uids);
    /// True if announce() could say something at a safe moment.
    bool has_news() const;
    /// Everything that may be said now; it then counts as said.
    Announcement announce(Moment moment);

    /// The numbers a set means in this view. UIDs that do not exist are left out (RFC 9051 §6.4.9); sequence numbers
    /// that do not exist are an error, as the client's picture must be wrong.
    Result<NumberRanges, ResolveError> resolve(const SequenceSet& set, Numbering numbering) const;

    /// Keeps the result of a SEARCH with SAVE (RFC 9051 §6.4.4.1), by numbers.
    void save_result(std::span<const NumberRange> numbers);
    /// The saved result, by the numbers of now; expunged messages have left it.
    NumberRanges saved_result() const;

private:
    void settle() const;
    NumberRanges numbers_of_uids(std::span<const NumberRange> uid_ranges) const;

    std::vector<std::uint32_t> uids_;   // sorted: index + 1 is the sequence number
    std::vector<std::uint32_t> recent_; // sorted, subset of uids_
    std::vector<std::uint32_t> saved_;  // sorted UIDs of the saved result
    std::uint32_t highest_seen_ = 0;    // highest UID ever applied: what makes repeated changes harmless

    struct NewUid {
        std::uint32_t uid = 0;
        bool recent = false;
    };

    // Pending news. Appended unsorted and put in order by settle() when somebody looks.
    mutable std::vector<NewUid> new_;
    mutable std::vector<std::uint32_t> gone_;
    mutable std::vector<std::uint32_t> flags_;
    mutable bool settled_ = true;
};

} // namespace tegami::imap
