// The mailbox that a session has selected: the store's newest picture of it, and beside it what the client has been
// told (imap::SessionView). The gap between the two is the news.
//
// 1. take_news() only learns; what the client sees changes in announce() alone (announce.h).
// 2. Flags are read from the newest view; a message that is in the numbers but not in the view is gone.
#pragma once

#include "async/awaitable.h"
#include "protocol/imap/mailbox_name.h"
#include "protocol/imap/session_view.h"
#include "protocol/imap/types.h"
#include "store/account.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tegami::imapd {

/// One message as a command works on it.
struct SelectedMessage {
    imap::SequenceNumber number;
    imap::Uid uid;
};

/// The messages a command's set means.
struct Chosen {
    std::vector<SelectedMessage> messages; ///< in order; those that are still there
    bool some_gone = false;                ///< others are expunged, though the client has not been told

    store::UidSet uids() const;
};

class SelectedMailbox {
public:
    /// Opens the mailbox and listens to it. With `read_only` (EXAMINE) its recent messages stay recent.
    static async::Awaitable<store::StoreResult<std::unique_ptr<SelectedMailbox>>>
    open(store::AccountPtr account, store::MailboxPtr mailbox, bool read_only, async::Executor executor);

    store::MailboxId id() const { return mailbox_->id(); }

    bool read_only() const { return read_only_; }

    const store::ViewPtr& view() const { return view_; }

    imap::SessionView& numbers() { return numbers_; }

    /// Learns what the store has changed.
    void take_news();

    /// Returns when there may be news.
    async::Awaitable<> wait_for_news() { return listener_->wait(); }

    /// Learns the news, then finds the messages of a set; nothing if it names sequence numbers that do not exist.
    std::optional<Chosen> choose(const imap::SequenceSet& set, imap::Numbering numbering);
    /// The row of a message, if it is still there.
    std::optional<store::MessageRow> row(imap::Uid uid) const;
    /// A row's flags as they are written. \Recent is IMAP4rev1's.
    imap::FlagList flags(const store::MessageRow& row, imap::EnabledSet enabled) const;

    /// System flags and all keywords of the mailbox, for FLAGS; remembers that they were told.
    imap::FlagList tell_flags();
    /// True if a message has keywords that tell_flags() has not told.
    bool has_untold(const imap::FlagList& flags) const;

    /// Whether this session fetches what the message says for the first time; notes that it does.
    bool is_first_fetch(store::Uid uid);

    /// Messages came while the mailbox was selected and count as recent here: the store is to be told.
    bool saw_arrivals() const { return saw_arrivals_; }

private:
    SelectedMailbox(store::AccountPtr account, store::OpenMailboxPtr mailbox, store::ListenerPtr listener,
                    store::ViewPtr view, bool read_only, store::Uid first_recent);

    void learn(const store::MailboxChange& change);
    void compare_with(const store::ViewPtr& newer);
    void lose_everything();

    store::AccountPtr account_;
    store::OpenMailboxPtr mailbox_;
    store::ListenerPtr listener_;
    store::ViewPtr view_;
    bool read_only_;
    bool removed_ = false;
    bool saw_arrivals_ = false;
    imap::SessionView numbers_;
    std::vector<std::string> keywords_told_; // sorted
    store::UidSet fetched_;
};

} // namespace tegami::imapd
