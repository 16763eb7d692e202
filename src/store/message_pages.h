// The messages of mailboxes within a commit in the making: their pages (P, D, X records) are read through it and
// written into it. All for the writer of the account.
#pragma once

#include "store/account_core.h"
#include "store/page_records.h"

#include <cstdint>
#include <vector>

namespace tegami::store::messages {

/// Limit: rows that one step handles, so that even an engine with small batches has room for it.
std::size_t step_rows_max(const AccountCore& core);

/// The page as it will be after `part`; null if it has no messages.
async::Awaitable<StoreResult<ViewPagePtr>> page(const AccountCore* core, PendingCommit* part, MailboxId mailbox,
                                                std::uint32_t number);

/// Writes a page whose messages `touched` have changed, come or gone; `old` is the page as it was, or null.
StoreResult<> write_page(const AccountCore& core, PendingCommit& part, MailboxId mailbox, PageColumns columns,
                         const ViewPagePtr& old, const std::vector<Uid>& touched);

/// Adds messages, whose UIDs begin with the mailbox's next one and have no gaps. Their emails are the caller's affair.
async::Awaitable<StoreResult<>> add(const AccountCore* core, PendingCommit* part, MailboxId mailbox,
                                    std::vector<MessageRow> rows);

/// What the flags of a message are to be.
struct NewFlags {
    Uid uid;
    Flags flags;
    KeywordSet keywords;
};

/// Sets flags of messages of one page, which rise; what is so already stays as it is, also its modseq. The UIDs of the
/// others. Errors: invalid (too many keywords of one message).
async::Awaitable<StoreResult<UidSet>> set_flags(const AccountCore* core, PendingCommit* part, MailboxId mailbox,
                                                std::vector<NewFlags> messages);

/// Takes messages of one page out and keeps them in an X record until the retention time has passed. `page` is the page
/// as it is committed. Errors: damaged (there is no such page).
StoreResult<> remove(const AccountCore& core, PendingCommit& part, MailboxId mailbox, ViewPagePtr page,
                     const std::vector<MessageRow>& rows, record::Gone why);

/// As remove(), reading the page where it is not at hand.
async::Awaitable<StoreResult<>> find_and_remove(const AccountCore* core, PendingCommit* part, MailboxId mailbox,
                                                std::vector<MessageRow> rows, record::Gone why);

} // namespace tegami::store::messages
