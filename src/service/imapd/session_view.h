// What one session believes about its selected mailbox: which UID each sequence number stands for, and what the store
// has changed meanwhile that the client has not been told.
//
// 1. Sequence numbers change only in announce(), and exactly as the lines it returns tell the client.
// 2. EXPUNGE is announced only where the client cannot misread its numbers (RFC 9051 §7.5.1, RFC 3501 §7.4.1).
// 3. The count of messages never falls but by EXPUNGE; messages that came and went unannounced are never shown.
// 4. It keeps nothing for a message about which there is no news: the client's messages are those of the newest view
//    below `known_end_`, and those of `gone_`. So a mailbox of a million costs the session what an empty one costs.
// 5. No method takes longer than the news is long in ranges; announce() takes a bounded piece.
// It reads no store; selected.h brings it the changes.
#pragma once

#include "base/result.h"
#include "protocol/imap/sequence_set.h"
#include "protocol/imap/types.h"
#include "store/change.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tegami::imapd {

/// When untagged lines are about to be sent.
enum class Moment : std::uint8_t {
    /// FETCH, STORE or SEARCH by sequence number is running or ending: EXPUNGE is forbidden.
    numbers_in_use,
    /// Any other command, UID FETCH and IDLE among them: everything is allowed.
    safe,
};

/// One message as a command works on it.
struct NumberedUid {
    imap::SequenceNumber number;
    Uid uid;

    bool operator==(const NumberedUid&) const = default;
};

/// What to tell the client next, in the order of the members.
struct Announcement {
    /// One "n EXPUNGE" each, highest first, so that each number is right when it is read.
    std::vector<imap::SequenceNumber> expunged;
    /// The same messages by their UIDs, for sessions that want VANISHED instead (RFC 7162 §3.2.10).
    UidSet vanished;
    /// "n EXISTS".
    std::optional<std::uint32_t> exists;
    /// "n RECENT", for IMAP4rev1 sessions only.
    std::optional<std::uint32_t> recent;
    /// "n FETCH (UID u FLAGS (...))" with the flags as they are now.
    std::vector<NumberedUid> flags;
    /// There is more to say at once: call again.
    bool more = false;

    bool empty() const { return expunged.empty() && !exists && !recent && flags.empty() && !more; }
};

/// How a view differs from an older one, when the changes between them are not known one by one.
struct Difference {
    UidSet gone;       ///< not there any more
    UidSet changed;    ///< in both, with a higher modseq
    UidSet reappeared; ///< UIDs that the older view passed over, though they are below its uid_next
};

/// Why a sequence set means nothing here: a BAD answer.
enum class ResolveError : std::uint8_t {
    /// A sequence number above the number of messages.
    no_such_number,
};

class SessionView {
public:
    /// Limit: lines of one announcement.
    static constexpr std::size_t kLinesMax = 256;

    /// The mailbox as it is when it is selected, and the messages recent to this session (RFC 3501 §2.3.2).
    SessionView(store::ViewPtr view, UidSet claimed);

    /// The newest picture of the mailbox: where flags are read.
    const store::ViewPtr& view() const { return view_; }

    /// How many messages the client believes there are.
    std::uint32_t exists() const { return count_below(known_end_); }

    /// How many of them are recent.
    std::uint32_t recent() const;

    bool is_recent(Uid uid) const { return recent_.contains(uid); }

    /// More messages that are recent to this session alone; they may be some that the view does not show yet.
    void add_recent(const UidSet& recent) { recent_.merge(recent); }

    /// The UID of a number the client may use (1 to exists()).
    Uid uid_of(imap::SequenceNumber number) const;
    /// The message, if it is still there.
    std::optional<store::MessageRow> row(Uid uid) const;

    /// Takes in what a commit did to the mailbox, with its view. Nothing the client can see changes yet.
    void apply(const store::MailboxChange& change);
    /// Takes in a view of which only the difference to the present one is known. False, and nothing is changed, if a
    /// message has come back whose number the client does not have: IMAP has no words for that.
    [[nodiscard]] bool replace(store::ViewPtr newer, const Difference& difference);

    /// The mailbox is gone, and all its messages with it.
    void lose_everything() {
        note_gone();
        removed_ = true;
    }

    bool removed() const { return removed_; }

    /// Forgets pending flag news for these UIDs: the session told the client itself, or stored them .SILENT.
    void flags_told(const UidSet& uids) { flags_.subtract(uids); }

    /// What may be said now; it then counts as said.
    Announcement announce(Moment moment);

    /// The numbers a set means in this view. UIDs that do not exist are left out (RFC 9051 §6.4.9); sequence numbers
    /// that do not exist are an error, as the client's picture must be wrong.
    Result<imap::NumberRanges, ResolveError> resolve(const imap::SequenceSet& set, imap::Numbering numbering) const;
    /// The same for a search, where sequence numbers that do not exist are no error but match nothing (RFC 7377 §2).
    imap::NumberRanges existing(const imap::SequenceSet& set, imap::Numbering numbering) const;
    /// The numbers of the messages of the set that the client knows.
    imap::NumberRanges numbers_of(const UidSet& uids) const;
    /// UIDs that hold the messages of these numbers, and no other message that the client knows.
    UidSet uids_of(const imap::NumberRanges& numbers) const;
    /// Those of them that are gone from the store, though the client has not been told: RFC 2180's EXPUNGEISSUED.
    UidSet gone_of(UidSet uids) const;

    /// The UIDs below which the client knows of messages end here.
    Uid known_end() const { return known_end_; }

    /// True if messages are gone that the client still counts.
    bool owes_expunges() const { return removed_ || !gone_.empty(); }

    /// The version up to which the client knows of everything once announce() has nothing more to say at this moment: what
    /// it may not be told yet is above (RFC 7162 §3.2).
    store::Version told() const { return owes_expunges() ? settled_ : view_->version(); }

    /// Keeps the result of a SEARCH with SAVE (RFC 9051 §6.4.4.1); expunged messages leave it.
    void save_result(const imap::NumberRanges& numbers) { saved_ = uids_of(numbers); }

    /// What it takes in memory beside the shared view.
    std::size_t memory_bytes() const;

private:
    std::uint32_t count_below(Uid uid) const;
    std::uint32_t gone_below(Uid uid) const;
    UidSet known() const;
    void note_gone();
    bool announce_expunged(std::vector<imap::SequenceNumber>& numbers, UidSet& uids);
    bool announce_flags(std::vector<NumberedUid>& messages);
    void count_gone();

    store::ViewPtr view_;
    UidSet recent_; ///< expunged ones stay in it
    Uid known_end_; ///< the client knows of no message from here on
    bool removed_ = false;
    std::uint32_t recent_told_ = 0;
    store::Version settled_;                 ///< before the first of those in `gone_` went
    UidSet gone_;                            ///< known to the client, not in the view
    std::vector<std::uint32_t> gone_before_; ///< for each range of gone_, how many UIDs lie in those before it
    UidSet flags_;                           ///< known to the client, with flags that it has not been told
    Uid flags_from_{1};                      ///< those below are told already
    UidSet saved_;                           ///< around the messages of the saved result
};

} // namespace tegami::imapd
