// What everybody may look at while a writer works: the mailboxes, the views of those that are open, and news for the
// listeners. The writer (AccountCore) publishes here after each commit.
//
// Any thread. The mutex is held for moments, never across co_await.
#pragma once

#include "store/account.h"
#include "store/account_rows.h"
#include "store/pending_commit.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace tegami::store {

/// A mailbox whose view is in memory; kept by those who have it open.
struct OpenState {
    ViewPtr view; ///< protected by PublishedAccount's mutex
    std::size_t bytes = 0;
};

using OpenStatePtr = std::shared_ptr<OpenState>;
using EmailPagePtr = std::shared_ptr<const std::vector<record::EmailRecord>>;
/// Octets that the views of many accounts take, about.
using ViewMemory = std::shared_ptr<std::atomic<std::size_t>>;

/// The account as one commit left it, as far as it is in memory.
struct PublishedPicture {
    Version version;
    std::shared_ptr<const MailboxList> mailboxes;
    std::shared_ptr<const KeywordNames> keywords;
    std::map<MailboxId, OpenStatePtr> open;
    std::map<MailboxId, ViewPtr> views; ///< of those that are open
};

class PublishedAccount {
public:
    /// Adds what its views take to `memory` as long as they are there.
    explicit PublishedAccount(ViewMemory memory) : memory_(std::move(memory)) {}

    PublishedAccount(const PublishedAccount&) = delete;
    PublishedAccount& operator=(const PublishedAccount&) = delete;
    ~PublishedAccount();

    /// The account's own row.
    record::AccountRow row() const;
    std::shared_ptr<const MailboxList> mailboxes() const;

    PublishedPicture picture() const;

    ViewPtr view(const OpenState& open) const;
    /// Null if its view is not in memory.
    OpenStatePtr find_open(MailboxId mailbox) const;
    OpenStatePtr add_open(MailboxId mailbox, ViewPtr view);
    std::vector<MailboxId> open_mailboxes() const;
    /// Changes of one mailbox, or of all for mailbox 0, go to `listener` from now on; returns it.
    ListenerPtr listen(MailboxId mailbox, ListenerPtr listener);
    /// Drops views that nobody has open; returns what the others take.
    std::size_t trim();
    std::size_t memory_bytes() const;

    /// While hidden, whoever uses the account gets not_found. Not kept on disk.
    void set_hidden(bool hidden);
    /// Errors: not_found (hidden, removed).
    StoreResult<> check_there() const;

    /// A page of emails that was read before; null if it was not kept.
    EmailPagePtr find_emails(std::uint32_t page) const;
    /// Keeps a page that was read at `version`, unless a commit has come since.
    void keep_emails(std::uint32_t page, EmailPagePtr emails, Version version);

    /// After a commit: `rows` are as it made them.
    void publish(PendingCommit& commit, const AccountRows& rows);
    /// After everything was read again, with the views of all mailboxes that are still there and open.
    void replace(const AccountRows& rows, std::map<MailboxId, ViewPtr> views);

private:
    struct ListenerEntry {
        MailboxId mailbox;
        std::weak_ptr<Listener> listener;
    };

    std::shared_ptr<const MailboxList> list() const;
    void show(OpenState& open, ViewPtr view, std::size_t bytes);
    void close(MailboxId mailbox);
    void publish_view(const PendingCommit& commit, const AccountRows& rows, MailboxId mailbox);
    void tell(const ChangePtr& change);

    const ViewMemory memory_;
    mutable std::mutex guard_;
    bool hidden_ = false;
    record::AccountRow row_;
    Version version_;
    std::shared_ptr<const KeywordNames> keywords_ = std::make_shared<KeywordNames>();
    std::map<MailboxId, MailboxPtr> infos_;
    std::set<std::string> subscribed_names_;
    std::map<MailboxId, OpenStatePtr> open_;
    std::vector<ListenerEntry> listeners_;
    std::map<std::uint32_t, EmailPagePtr> emails_;
    mutable std::shared_ptr<const MailboxList> list_; // made when somebody asks
};

} // namespace tegami::store
