// The mailbox that a session has selected: hears what the store changes in it and hands that to the session's view of
// it (session_view.h), which knows what the client has been told.
//
// 1. take_news() only learns; what the client sees changes in announce() alone (announce.h).
// 2. Flags are read from the newest view; a message that is in the numbers but not in the view is gone.
// 3. What it keeps beside the shared view is news in ranges, and is charged to the memory budget.
#pragma once

#include "async/awaitable.h"
#include "base/memory_budget.h"
#include "service/imapd/session_view.h"
#include "store/account.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::imapd {

/// The messages a command's set means.
struct Chosen {
    imap::NumberRanges numbers;
    UidSet uids;            ///< holds those messages that are still there, and no other message
    bool some_gone = false; ///< others are expunged, though the client has not been told
};

/// Takes numbers apart in batches, so that no list is as long as the mailbox.
class NumberBatches {
public:
    /// `numbers` outlives it.
    explicit NumberBatches(const imap::NumberRanges* numbers) : numbers_(numbers) {}

    /// The next messages, at most `count_max`; none at the end. The view must not announce EXPUNGE in between.
    std::vector<NumberedUid> next(const SessionView& view, std::size_t count_max);

private:
    const imap::NumberRanges* numbers_;
    std::size_t range_ = 0;
    std::uint32_t taken_ = 0; ///< of that range
};

/// The flags of a message of a view, as they are written; \Recent only to sessions that have not enabled IMAP4rev2.
imap::FlagList flags_of(const SessionView& numbers, const store::MessageRow& row, imap::EnabledSet enabled);

class SelectedMailbox {
public:
    struct How {
        bool read_only = false;    ///< EXAMINE: recent messages stay recent
        bool tells_recent = false; ///< the session is IMAP4rev1: it takes \Recent from others by telling it
        store::AccountId user{};   ///< whose session it is
    };

    /// Opens the mailbox and listens to it. `memory` outlives it.
    static async::Awaitable<store::StoreResult<std::unique_ptr<SelectedMailbox>>>
    open(store::AccountPtr account, store::MailboxPtr mailbox, How how, async::Executor executor, MemoryBudget* memory);

    /// The account that the mailbox is in.
    store::Account& account() const { return *account_; }

    store::MailboxId id() const { return mailbox_->id(); }

    bool read_only() const { return how_.read_only; }

    /// What the user may do in it now.
    store::Rights rights() const;
    /// Whether the user may still read it; of a mailbox that is gone there is nothing to read.
    bool may_read() const;

    const SessionView& numbers() const { return numbers_; }

    SessionView& numbers() { return numbers_; }

    /// Learns what the store has changed. False if the session cannot follow: it has to end, and lost() says why.
    async::Awaitable<bool> take_news();

    /// What the client is told if take_news() could not follow.
    std::string_view lost() const { return lost_; }

    /// Returns when there may be news.
    async::Awaitable<> wait_for_news() { return listener_->wait(); }

    /// Finds the messages of a set; nothing if it names sequence numbers that do not exist.
    std::optional<Chosen> choose(const imap::SequenceSet& set, imap::Numbering numbering) const;

    /// A row's flags as they are written. \Recent is IMAP4rev1's.
    imap::FlagList flags(const store::MessageRow& row, imap::EnabledSet enabled) const {
        return flags_of(numbers_, row, enabled);
    }

    /// System flags and all keywords of the mailbox, for FLAGS; remembers that they were told.
    async::Awaitable<imap::FlagList> known_flags();
    /// True if a message has keywords that known_flags() has not told.
    bool has_untold(const imap::FlagList& flags) const;

    /// Whether this session fetches what the message says for the first time; notes that it does.
    bool is_first_fetch(Uid uid);

    /// Messages came while the mailbox was selected that no session is known to have told as recent.
    bool saw_arrivals() const { return saw_arrivals_; }

private:
    SelectedMailbox(store::AccountPtr account, store::OpenMailboxPtr mailbox, store::ListenerPtr listener,
                    SessionView numbers, How how, MemoryBudget* memory);

    async::Awaitable<bool> compare();
    void note_arrivals(Uid uid_next_before);
    async::Awaitable<> claim_arrivals();
    bool charge();

    store::AccountPtr account_;
    store::OpenMailboxPtr mailbox_;
    store::ListenerPtr listener_;
    const How how_;
    bool saw_arrivals_ = false;
    std::string_view lost_;
    SessionView numbers_;
    std::vector<std::string> keywords_told_; // sorted
    UidSet fetched_;
    MemoryBudget::Charge charge_;
};

} // namespace tegami::imapd
