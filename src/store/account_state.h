// What Account is made of: the state in memory, and the operations on it, one file for each family.
//
// 1. Only the owner of `writer_` changes state or engine; it may read the state without `guard_`.
// 2. `guard_` protects what readers on other threads see; it is held for moments, never across co_await.
// 3. State in memory changes only after the engine has committed (commit()); whenever a commit may have happened
//    without that, `stale_` is set and the next writer reads everything again.
// 4. A page's new content is made by a part (Transaction); parts are joined while they fit one engine batch.
#pragma once

#include "async/mutex.h"
#include "async/turns.h"
#include "base/log.h"
#include "store/account.h"
#include "store/account_records.h"
#include "store/append_queue.h"
#include "store/engine/engine.h"
#include "store/page_records.h"
#include "store/transaction.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::store {

/// A mailbox whose view is in memory; kept by those who have it open.
struct OpenState {
    ViewPtr view; ///< protected by AccountState::guard_
};

using OpenStatePtr = std::shared_ptr<OpenState>;

struct AccountOptions {
    Duration retention;
    Duration delivery_tag_retention;
    Log* log = nullptr; ///< hears of damage
};

class AccountState {
public:
    AccountState(Engine* engine, Clock* clock, AccountOptions options, AccountId id);

    /// Writes a new account. Errors: exists.
    async::Awaitable<StoreResult<>> create(Quota quota);
    /// Reads the account. Errors: not_found.
    async::Awaitable<StoreResult<>> load();
    /// Removes all that the account has; also one whose removal was cut short.
    async::Awaitable<StoreResult<>> remove_all();

    AccountId id() const { return id_; }

    QuotaUse quota() const;
    async::Awaitable<StoreResult<>> set_quota(Quota quota);
    std::shared_ptr<const MailboxList> mailboxes() const;
    ViewPtr view(const OpenState& open) const;
    ListenerPtr listen(MailboxId mailbox, async::Executor executor);
    /// Drops views that nobody has open; returns what the others take.
    std::size_t trim();
    /// What the views take, about.
    std::size_t memory_bytes() const;
    /// True if its removal has begun.
    bool is_removed() const;
    /// While hidden, whoever uses it gets not_found; sweep() and remove_all() work. Not kept on disk.
    void set_hidden(bool hidden);
    /// Errors: not_found (hidden).
    StoreResult<> check_shown() const;

    async::Awaitable<StoreResult<MailboxId>> create_mailbox(std::string name, Role role);
    async::Awaitable<StoreResult<>> rename_mailbox(MailboxId mailbox, std::string new_name);
    async::Awaitable<StoreResult<>> remove_mailbox(MailboxId mailbox);
    async::Awaitable<StoreResult<>> subscribe(std::string name, bool subscribed);
    async::Awaitable<StoreResult<OpenStatePtr>> open(MailboxId mailbox);
    async::Awaitable<StoreResult<AppendResult>> append(std::vector<NewMessage> messages,
                                                       std::optional<std::string> delivery_tag);
    async::Awaitable<StoreResult<FlagResult>> change_flags(MailboxId mailbox, UidSet uids, FlagChange change,
                                                           std::optional<Modseq> unchanged_since);
    async::Awaitable<StoreResult<ExpungeResult>> expunge(MailboxId mailbox, UidSet uids, Account::Expunge which);
    async::Awaitable<StoreResult<CopyResult>> copy(MailboxId from, UidSet uids, MailboxId to, bool move);
    async::Awaitable<StoreResult<ExpungedPage>> expunged(std::string from, std::size_t count_max);
    async::Awaitable<StoreResult<UndeleteResult>> undelete(std::vector<ExpungedPlace> places);
    async::Awaitable<StoreResult<Uid>> claim_recent(MailboxId mailbox);
    async::Awaitable<StoreResult<std::vector<MessageDetails>>> details(MailboxId mailbox, std::vector<Uid> uids);
    async::Awaitable<StoreResult<std::vector<StoreResult<EmailRow>>>> emails(std::vector<EmailId> ids);
    async::Awaitable<StoreResult<std::vector<EmailId>>> thread(ThreadId thread);
    async::Awaitable<StoreResult<std::optional<AccountChanges>>> changes_since(Version since);
    async::Awaitable<StoreResult<>> sweep();

private:
    using Lock = async::Mutex::Lock;
    using EmailPage = std::shared_ptr<const std::vector<record::EmailRecord>>;

    struct ListenerEntry {
        MailboxId mailbox; // 0: all changes
        std::weak_ptr<Listener> listener;
    };

    // account_state.cpp: reading, committing, publishing
    /// For every operation of a user: shown, and refreshed.
    async::Awaitable<StoreResult<>> fresh();
    async::Awaitable<StoreResult<>> refresh();
    async::Awaitable<StoreResult<>> read_views_again();

    Transaction begin_transaction() const { return {version_.next(), row_}; }

    async::Awaitable<StoreResult<>> commit(Transaction* transaction);
    void write_rows(Transaction& transaction) const;
    void publish(Transaction& transaction, Version version);
    void publish_view(Transaction& transaction, MailboxId mailbox);
    void tell(const ChangePtr& change);
    void tell_everything();
    bool fits(const Transaction& whole, const Transaction& part) const;
    void rebuild_infos();
    MailboxPtr make_info(const record::MailboxRow& row) const;
    std::string name_of(MailboxId mailbox) const;
    async::Awaitable<StoreResult<OpenStatePtr>> open_locked(MailboxId mailbox);
    /// The view, if it is in memory.
    ViewPtr loaded_view(MailboxId mailbox) const;
    StoreResult<const record::MailboxRow*> find_mailbox(MailboxId mailbox) const;

    // account_rows.cpp: reading what is kept in memory, around damage
    struct Mailboxes {
        std::map<MailboxId, record::MailboxRow> rows;
        std::set<MailboxId> damaged; ///< whose rows only have a name
    };

    async::Awaitable<StoreResult<>> read_rows();
    async::Awaitable<StoreResult<std::vector<Row>>> scan_around(std::string begin, std::string end,
                                                                std::vector<DamagedKeys>* damaged);
    async::Awaitable<StoreResult<Mailboxes>> read_mailboxes(MailboxId last);
    async::Awaitable<StoreResult<>> name_damaged(Mailboxes* mailboxes, std::set<MailboxId> there, UidSet perhaps);
    async::Awaitable<StoreResult<std::shared_ptr<const KeywordNames>>> read_keywords();

    // account_views.cpp: reading the messages of a mailbox, around damage
    using Pages = std::map<std::uint32_t, ViewPagePtr>;

    struct Damage {
        std::set<std::uint32_t> pages; ///< with records that cannot be read
        UidSet uids;                   ///< whose deltas cannot be read
    };

    struct NumberedRow {
        std::uint32_t number; ///< UID or page
        Row row;
    };

    void tell_damage(std::string record) const;
    async::Awaitable<StoreResult<ViewPtr>> read_view(MailboxId mailbox);
    /// The pages from `first` to `last`, without those that are empty and sound.
    async::Awaitable<StoreResult<Pages>> read_pages(MailboxId mailbox, std::uint32_t first, std::uint32_t last);
    /// The D or P records of a mailbox with numbers from `first` to `last`. What cannot be read goes into `unreadable`.
    async::Awaitable<StoreResult<std::vector<NumberedRow>>> read_numbered(std::string prefix, std::uint32_t first,
                                                                          std::uint32_t last, UidSet* unreadable);
    ViewPagePtr make_page(std::uint32_t number, PageColumns columns, const std::vector<record::Delta>* deltas,
                          const Damage& damage) const;

    // account_pages.cpp: the pages of mailboxes and emails within a transaction
    record::MailboxRow& mailbox_in(Transaction& transaction, MailboxId mailbox) const;
    void count(Transaction& transaction, record::MailboxRow& mailbox, const MessageRow& row, int sign) const;

    std::uint32_t page_of(Uid uid) const { return uid.value >> row_.page_bits; }

    std::uint32_t first_uid(std::uint32_t page) const { return page << row_.page_bits; }

    /// A page with more deltas than this is written anew.
    std::uint32_t deltas_max() const { return std::max(1u, row_.page_uids() / 16); }

    std::uint32_t count_deltas_max() const { return std::max(1u, row_.page_emails() / 8); }

    async::Awaitable<StoreResult<ViewPagePtr>> page(Transaction* transaction, MailboxId mailbox, std::uint32_t page);
    StoreResult<> write_page(Transaction& transaction, MailboxId mailbox, PageColumns columns, const ViewPagePtr& old,
                             const std::vector<Uid>& touched) const;
    async::Awaitable<StoreResult<>> add_rows(Transaction* part, MailboxId mailbox, std::vector<MessageRow> rows);
    async::Awaitable<StoreResult<>> adjust_counts(Transaction* part, std::vector<std::uint32_t> emails, int by);
    async::Awaitable<StoreResult<CountPage>> count_page(const Transaction* transaction, std::uint32_t page);
    async::Awaitable<StoreResult<std::vector<record::EmailRecord>>> email_page(const Transaction* transaction,
                                                                               std::uint32_t page);
    async::Awaitable<StoreResult<>> add_emails(Transaction* part, std::vector<record::EmailRecord> emails);
    async::Awaitable<StoreResult<>> fill_email_pages(Transaction* part, std::vector<record::EmailRecord> emails,
                                                     std::uint32_t old_tail);
    std::size_t unit_rows_max() const;

    // account_append.cpp
    StoreResult<KeywordSet> intern(Transaction& transaction, const std::vector<std::string>& keywords) const;
    StoreResult<> check_append(const record::AccountRow& account, const std::vector<NewMessage>& messages) const;
    static StoreResult<> check_quota(const record::AccountRow& account, std::uint64_t bytes, std::uint64_t messages);
    async::Awaitable<StoreResult<std::uint32_t>> find_thread(const Transaction* part, record::Hashes hashes,
                                                             std::uint32_t email);
    async::Awaitable<StoreResult<>> append_part(Transaction* part, const NewMessage* message,
                                                std::vector<Placed>* placed);
    async::Awaitable<> append_waiting();
    async::Awaitable<StoreResult<std::optional<AppendResult>>> find_delivery(std::string tag);
    async::Awaitable<StoreResult<>> append_request(Transaction* part, AppendRequest* request,
                                                   std::vector<Placed>* placed);
    async::Awaitable<> append_group(const AppendQueue::Group* group);
    async::Awaitable<StoreResult<>> commit_appends(Transaction* whole,
                                                   std::map<AppendRequest*, std::vector<Placed>>* added);
    async::Awaitable<StoreResult<AppendResult>> append_many(std::vector<NewMessage> messages);
    async::Awaitable<void> undo(std::map<MailboxId, UidSet> added);

    // account_flags.cpp
    StoreResult<> flag_part(Transaction& part, const ViewPagePtr& page, const std::vector<std::size_t>& positions,
                            const FlagChange& change, const KeywordSet& keywords, MailboxId mailbox);
    async::Awaitable<StoreResult<>> fold(MailboxId mailbox);

    // account_expunge.cpp
    async::Awaitable<StoreResult<>> expunge_part(Transaction* part, MailboxId mailbox, std::vector<MessageRow> rows,
                                                 record::Gone why);
    async::Awaitable<StoreResult<>> copy_part(Transaction* part, MailboxId from, std::vector<MessageRow> rows,
                                              MailboxId to, bool move, CopyResult* result);
    async::Awaitable<StoreResult<ExpungeResult>> expunge_locked(MailboxId mailbox, UidSet uids, Account::Expunge which,
                                                                record::Gone why);
    async::Awaitable<StoreResult<CopyResult>> copy_locked(MailboxId from, UidSet uids, MailboxId to, bool move);

    // account_undelete.cpp
    /// An X record and the messages of it that are to come back.
    struct Kept {
        std::string key;
        MailboxId mailbox;
        record::Vanished vanished;
        std::vector<std::pair<Uid, std::size_t>> wanted; ///< rising, each with its position in the request
    };

    /// What became of some of them.
    struct BroughtBack {
        std::vector<std::pair<std::size_t, StoreResult<Placed>>> outcomes;
        PageColumns left; ///< in the X record
    };

    std::optional<record::Vanished> decode_kept(const Row& row) const;
    async::Awaitable<StoreResult<record::RemovedMailboxRow>> home_of(MailboxId mailbox);
    async::Awaitable<StoreResult<MailboxId>> make_home(MailboxId mailbox);
    async::Awaitable<StoreResult<std::vector<Kept>>> find_kept(const std::vector<ExpungedPlace>* places);
    async::Awaitable<StoreResult<>> bring_back(Kept kept, MailboxId target, Transaction* whole, UndeleteResult* result);
    async::Awaitable<StoreResult<>> bring_back_part(Transaction* part, const Kept* kept, MailboxId target,
                                                    std::size_t first, BroughtBack* back);

    // account_mailboxes.cpp
    MailboxId find_name(std::string_view name) const;
    MailboxId find_child(const Transaction& transaction, MailboxId parent, std::string_view level) const;
    StoreResult<MailboxId> add_mailbox(Transaction& transaction, MailboxId parent, std::string level, Role role,
                                       bool subscribed) const;
    async::Awaitable<StoreResult<MailboxId>> add_path(std::string name, Role role);
    UidValidity new_uid_validity(Transaction& transaction) const;
    async::Awaitable<StoreResult<MailboxId>> create_locked(std::string name, Role role);
    async::Awaitable<StoreResult<>> rename_inbox(MailboxId inbox, std::string new_name);
    async::Awaitable<StoreResult<>> finish_removal(MailboxId mailbox);
    /// Ends the removals of mailboxes that were cut short.
    async::Awaitable<StoreResult<>> finish_removals();
    bool has_children(MailboxId mailbox) const;
    bool is_below(MailboxId mailbox, MailboxId ancestor) const;

    // account_sweep.cpp
    async::Awaitable<StoreResult<>> sweep_log();
    async::Awaitable<StoreResult<>> sweep_vanished();
    async::Awaitable<StoreResult<>> sweep_removed_mailboxes();
    async::Awaitable<StoreResult<>> sweep_tags();
    async::Awaitable<StoreResult<bool>> forget_vanished(Row row, Timestamp cutoff);
    async::Awaitable<StoreResult<>> forget_part(Transaction* part, std::vector<std::uint32_t> emails);
    async::Awaitable<StoreResult<>> forget_email(Transaction* part, std::uint32_t email);
    async::Awaitable<StoreResult<>> release_blobs();

    // account_read.cpp
    async::Awaitable<StoreResult<EmailPage>> read_email_page(std::uint32_t page, std::uint32_t page_emails);
    async::Awaitable<StoreResult<std::optional<record::EmailRecord>>> find_single_email(std::uint32_t email);
    async::Awaitable<StoreResult<std::optional<record::EmailRecord>>> find_email(std::uint32_t email);

    Engine* const engine_;
    Clock* const clock_;
    const AccountOptions options_;
    const AccountId id_;
    const Domain domain_;
    const Limits limits_;

    AppendQueue appends_;
    async::Mutex writer_;
    bool stale_ = false; // under writer_

    mutable std::mutex guard_;
    bool removed_ = false;
    bool hidden_ = false;
    Version version_;
    record::AccountRow row_;
    std::map<MailboxId, record::MailboxRow> rows_;
    std::set<MailboxId> damaged_; ///< those whose B record cannot be read: it is never written
    std::map<MailboxId, MailboxPtr> infos_;
    std::set<std::string> subscribed_names_;
    std::shared_ptr<const KeywordNames> keywords_ = std::make_shared<KeywordNames>();
    std::map<MailboxId, OpenStatePtr> open_;
    std::vector<ListenerEntry> listeners_;
    std::map<std::uint32_t, EmailPage> email_cache_;
    mutable std::shared_ptr<const MailboxList> list_;
};

} // namespace tegami::store
