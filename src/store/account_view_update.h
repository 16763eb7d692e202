// Makes the next AccountView out of the one before.
//
// The views of mailboxes share the pages that nothing has changed: what is new are the pages that both do not share, and
// within them the rows that differ. So no writer has to tell anything, and nothing can be told wrongly.
#pragma once

#include "store/account_core.h"

namespace tegami::store {

class AccountViewUpdate {
public:
    /// `old` may be null: then everything is new. `now` has the views of all mailboxes.
    AccountViewUpdate(AccountCore* core, const AccountView* old, PublishedPicture now);

    /// In turns between which others have theirs.
    async::Awaitable<StoreResult<>> run();

    /// After run().
    std::shared_ptr<AccountView> take() { return std::move(view_); }

private:
    /// A row that is there now, or was.
    struct RowEdit {
        std::uint32_t email;
        Uid uid;
        Flags flags;
        bool there;
    };

    /// What all places of an email share.
    struct Known {
        std::uint32_t thread;
        std::uint32_t received;
    };

    async::Awaitable<StoreResult<>> compare(MailboxId mailbox, ViewPtr old, ViewPtr now);
    void compare_pages(const ViewPage* old, const ViewPage* now);
    async::Awaitable<StoreResult<>> take_in(MailboxId mailbox, std::size_t begin, std::size_t end);
    async::Awaitable<StoreResult<>> read_new_emails(std::size_t begin, std::size_t end);
    void take_in_emails(const std::vector<PlacesByEmail::Edit>& edits);
    void count(std::uint32_t thread, int sign);
    async::Awaitable<> count_everything();

    AccountCore* const core_;
    const AccountView* const old_;
    std::shared_ptr<AccountView> view_;
    MailboxId trash_;
    bool from_scratch_ = false;                 // counts are made at the end
    std::vector<RowEdit> rows_;                 // of one page
    std::map<std::uint32_t, Known> new_emails_; // of one turn
};

} // namespace tegami::store
