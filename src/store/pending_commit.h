// A commit of an account in the making: the operations, and the state as it will be once they are durable.
//
// A part is a commit in the making over another one (`base`): it sees what the base will
// have changed, and is either merged into it or, if both together would not fit one
// engine batch, thrown away and made again after the base was committed (in_batches.h).
#pragma once

#include "store/account_records.h"
#include "store/account_rows.h"
#include "store/change.h"
#include "store/engine/engine.h"
#include "store/mailbox_view.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tegami::store {

/// How many rows each email of an M page has.
struct CountPage {
    std::vector<std::uint32_t> counts;
    std::uint32_t deltas = 0; ///< m records over it
    bool damaged = false;     ///< records of it cannot be read, so the page is not written anew
};

using PagePlace = std::pair<MailboxId, std::uint32_t>;

class PendingCommit {
public:
    PendingCommit() = default;

    /// Over what is committed: `modseq` is the version that its commit will make.
    PendingCommit(Modseq modseq, const record::AccountRow& row) : modseq(modseq), account(row) {}

    /// A part of `whole`.
    static PendingCommit part_of(const PendingCommit& whole);
    /// Takes the part in.
    void merge(PendingCommit part);

    void put(std::string key, std::string value);
    void erase(std::string key);
    void erase_range(std::string begin, std::string end);
    void add_reference(BlobId blob, std::string tag);
    void remove_reference(BlobId blob, std::string tag);

    /// Calls `done` once this is durable and published; never if it is thrown away or fails.
    void then(std::move_only_function<void()> done) { done_.push_back(std::move(done)); }

    /// For whoever commits.
    void tell_done();

    /// The mailbox's row as it will be, for changing it.
    record::MailboxRow& mailbox(MailboxId mailbox, const AccountRows& rows);
    /// What happens to the mailbox, for listeners and the log.
    MailboxChange& change(MailboxId mailbox);
    /// The page as it will be: nothing if this transaction does not touch it, null if it will be empty.
    const ViewPagePtr* find_page(PagePlace place) const;
    const CountPage* find_counts(std::uint32_t page) const;
    const std::vector<record::EmailRecord>* find_emails(std::uint32_t page) const;
    /// The C or S record's value, empty if it goes; null if it does not change.
    const std::string* find_group_page(const std::string& key) const;
    std::optional<std::uint32_t> find_hash(std::uint64_t hash) const;
    /// Null if it is not known.
    const std::string* find_card(std::uint32_t email) const;
    /// New rows of the page that were written without looking at the rest of it.
    std::vector<MessageRow> unread_rows(PagePlace place) const;
    /// New emails from `first` on.
    std::map<std::uint32_t, record::EmailRecord> tail_emails_from(std::uint32_t first) const;

    Modseq modseq;
    std::vector<Operation> operations;
    std::size_t bytes = 0; ///< of keys, values and tags in `operations`
    record::AccountRow account;
    std::map<MailboxId, record::MailboxRow> mailboxes; ///< those that change
    std::set<MailboxId> removed;
    std::map<MailboxId, MailboxChange> changes;
    bool mailbox_list = false;
    std::set<ObjectKind> objects; ///< of which some change; the log tells that something did
    std::optional<std::set<std::string>> subscribed_names;
    std::shared_ptr<const KeywordNames> keywords; ///< null if the table does not grow
    std::map<PagePlace, ViewPagePtr> pages;
    std::map<PagePlace, std::vector<MessageRow>> unread;
    std::map<std::uint32_t, CountPage> counts;
    /// E pages that change; each is written once, by the commit, however many changes came together.
    std::map<std::uint32_t, std::vector<record::EmailRecord>> email_pages;
    std::map<std::string, std::string> group_pages; ///< C and S records that change, by key; empty: it goes
    /// New emails; the commit writes single records of those that no group has taken until then.
    std::map<std::uint32_t, record::EmailRecord> tail_emails;
    std::map<std::uint64_t, std::uint32_t> hashes; ///< message-id hash → thread
    /// Cards of new emails, as far as they are known; whoever adds the emails holds them until the commit.
    std::map<std::uint32_t, const std::string*> cards;

private:
    const PendingCommit* base_ = nullptr;
    std::vector<std::move_only_function<void()>> done_;
};

} // namespace tegami::store
