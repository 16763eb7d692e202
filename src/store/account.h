// One account: its mailboxes, messages, keywords, change log and quota. docs/formats/account.md has the records.
//
// 1. Writers are ordered by one mutex per account; each commit is guarded by the version it was made from.
// 2. Readers use immutable snapshots (MailboxList, MailboxView) and wait for nobody.
// 3. Modseqs and UIDs only rise. A commit's version is the modseq of every message it touched.
// 4. What a session is told by Change plus its older view is exactly the next view.
// 5. A request too large for one engine batch becomes several commits in UID order, each whole in itself.
// 6. Messages whose records the disk has damaged are not shown and not expunged, and count in MailboxInfo; others are
//    read and changed as ever, and nothing is written over what is damaged.
// 7. If somebody else (another node) has committed first, the account is read again and the operation goes on. If the
//    answer to a commit is lost (`unknown`, cancellation), the account is read again before the next use. Either way
//    every listener is told `everything`.
// Methods may be called from any thread; the caller keeps the shared pointer until they return. Errors beside the
// ones named at each method: no_space, unavailable, damaged; unknown (done, wholly or in part, or not); conflict
// (others were quicker again and again).
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "store/change.h"
#include "store/flags.h"
#include "store/ids.h"
#include "store/mailbox_list.h"
#include "store/mailbox_view.h"
#include "store/sort_rows.h"
#include "store/types.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::store {

/// 0 means no limit.
struct Quota {
    std::uint64_t bytes_max = 0;
    std::uint64_t messages_max = 0;

    bool operator==(const Quota&) const = default;
};

struct QuotaUse {
    Quota limit;
    std::uint64_t bytes = 0; ///< every copy counts
    std::uint64_t messages = 0;

    bool operator==(const QuotaUse&) const = default;
};

/// What people have set of a mailbox.
struct MailboxSettings {
    Role role = Role::none;
    bool subscribed = false;
    std::uint32_t sort_order = 0; ///< RFC 8621 §2
};

/// What is to change of a mailbox.
struct MailboxUpdate {
    std::optional<std::string> name; ///< the whole one
    std::optional<Role> role;
    std::optional<bool> subscribed;
    std::optional<std::uint32_t> sort_order;
    std::vector<GrantChange> grants{}; ///< whom it is to be shared with, or no more
};

/// Where a new message goes: one row in a mailbox.
struct Placement {
    MailboxId mailbox;
    Flags flags;
    std::vector<std::string> keywords;
};

/// What joins messages to conversations: ids without brackets, as message/message_id.h gives them.
struct ThreadHints {
    std::optional<std::string> message_id;
    std::vector<std::string> in_reply_to;
    std::vector<std::string> references;
};

struct NewMessage {
    BlobRef blob;
    /// At least one; all of them share one EmailId.
    std::vector<Placement> placements;
    Timestamp internal_date;
    /// What the clock that the date is told by is ahead of UTC; within a day.
    std::chrono::minutes zone{0};
    ThreadHints thread;
    /// The blob's card, if the caller has it: that of many messages need not be read back. May be empty.
    std::string card{};
};

/// Where a message went.
struct Placed {
    MailboxId mailbox;
    UidValidity uid_validity;
    Uid uid;
    EmailId email;

    bool operator==(const Placed&) const = default;
};

/// How many commits an operation may take.
enum class Commits : std::uint8_t { many, one };

struct AppendResult {
    /// For each message, in order, for each placement, in order.
    std::vector<std::vector<Placed>> messages;
    /// A delivery with this tag was stored before: `messages` says where, nothing was added.
    bool already_there = false;
    Version version;
};

struct FlagResult {
    UidSet changed; ///< flags are different now
    UidSet failed;  ///< modified since (RFC 7162 §3.1.3): left alone
    Modseq modseq;  ///< the account's version afterwards
};

struct ExpungeResult {
    UidSet expunged;
    Modseq modseq;
};

/// COPYUID (RFC 9051 §6.4.7): the first UID of `source` became the first of `target`, and so on.
struct CopyResult {
    UidValidity uid_validity; ///< of the target
    UidSet source;
    UidSet target;
    Modseq modseq;
};

/// What is the same for all copies of a message.
struct EmailRow {
    EmailId id;
    ThreadId thread;
    BlobRef blob;
    Timestamp internal_date;
    std::chrono::minutes zone{0}; ///< in which the internal date is told

    bool operator==(const EmailRow&) const = default;
};

/// EmailRow for one message of a mailbox.
struct MessageDetails {
    MessageRow message;
    EmailRow email;
};

/// Cards as they were stored (message/card.h decodes them), in the order asked; for each, else, why it is not there:
/// not_found, damaged.
struct Cards {
    std::vector<StoreResult<std::string_view>> each;
    std::vector<std::shared_ptr<const std::string>> octets; ///< what they lie in
};

/// Some of an account's emails, in the order of their ids.
struct EmailWalk {
    std::vector<EmailRow> emails;
    EmailId end;          ///< each email with an id below this was told, or does not exist
    bool damaged = false; ///< but for some that cannot be read
    Version version;      ///< of the account before it was read; what came later may be in it
};

/// Names a message that was expunged and is still kept.
struct ExpungedPlace {
    MailboxId mailbox;
    Modseq modseq; ///< with which it was expunged
    Uid record;    ///< the first of those that were expunged together
    Uid uid;

    auto operator<=>(const ExpungedPlace&) const = default;
};

/// A message that can be brought back.
struct ExpungedMessage {
    ExpungedPlace place;
    std::string mailbox; ///< the name of the one it was in, and comes back to
    Timestamp expunged{};
    MessageRow message; ///< as it was
};

/// One page of a listing; `next` continues it and is empty at the end.
struct ExpungedPage {
    std::vector<ExpungedMessage> messages;
    std::string next;
};

/// For each message that was asked for, where it is now, or why it is not: not_found (not there any more: brought back
/// before, or past its time), over_quota, damaged, invalid (its mailbox cannot be made again).
using UndeleteResult = std::vector<StoreResult<Placed>>;

class Account;
class AccountCache;
class AccountObjects;
class AccountView;
struct AccountChanges;
class AccountCore;
class AppendQueue;
struct EmailUpdate;
class Store;
struct OpenState;

/// A mailbox that somebody has open: its view stays in memory and is kept up to date while this lives.
class OpenMailbox {
public:
    OpenMailbox(MailboxId id, std::shared_ptr<const Account> account, std::shared_ptr<OpenState> open);

    MailboxId id() const { return id_; }

    /// The present view. After the mailbox was removed: the last one.
    ViewPtr view() const;
    /// Changes that touch this mailbox, posted to `executor`. To miss nothing: listen first, then take view(), and
    /// pass over changes whose version is not above the view's.
    ListenerPtr listen(async::Executor executor) const;

private:
    const MailboxId id_;
    const std::shared_ptr<const Account> account_;
    const std::shared_ptr<OpenState> open_;
};

using OpenMailboxPtr = std::shared_ptr<OpenMailbox>;

/// Limit: rows that one call of details(), emails() or cards() answers.
inline constexpr std::size_t kDetailsMax = 1024;
/// Limit: entries of the change log that one call of vanished_since() reads; whoever was away for longer looks at everything.
inline constexpr std::size_t kLogRowsReadMax = 20'000;
/// Limit: octets of a delivery tag.
inline constexpr std::size_t kDeliveryTagBytesMax = 100;

class Account : public std::enable_shared_from_this<Account> {
public:
    explicit Account(std::unique_ptr<AccountCore> core);
    ~Account();
    Account(const Account&) = delete;
    Account& operator=(const Account&) = delete;

    AccountId id() const;
    QuotaUse quota() const;
    async::Awaitable<StoreResult<>> set_quota(Quota quota);

    /// The mailboxes as of the last commit.
    std::shared_ptr<const MailboxList> mailboxes() const;
    /// Every change of the account, posted to `executor`.
    ListenerPtr listen(async::Executor executor) const;
    /// The same for somebody who listens to another account already (async::Channel).
    ListenerPtr listen_beside(const Listener& first) const;

    /// Makes the mailbox and the parents it lacks (RFC 9051 §6.3.4); a name that only held inferiors becomes a mailbox.
    /// Errors: exists (also: the role), invalid (name, limit).
    async::Awaitable<StoreResult<MailboxId>> create_mailbox(std::string name, MailboxSettings settings = {});
    /// Changes what is given, all in one commit once a new parent is made; where all is so already, nothing is written.
    /// INBOX keeps name and role. Errors: not_found, exists (name, role), invalid (name, limit, a name below itself, shares
    /// of what is not selectable).
    async::Awaitable<StoreResult<>> update_mailbox(MailboxId mailbox, MailboxUpdate update);
    /// Renames with all inferiors (RFC 9051 §6.3.6). INBOX stays: its messages move to the new mailbox, its inferiors
    /// stay. Errors: not_found, exists, invalid (name, limit, a name below itself).
    async::Awaitable<StoreResult<>> rename_mailbox(MailboxId mailbox, std::string new_name);
    /// Removes the mailbox with its messages (RFC 9051 §6.3.5). With inferiors, the name stays and is not selectable.
    /// Errors: not_found; invalid (INBOX; not selectable and with inferiors).
    async::Awaitable<StoreResult<>> remove_mailbox(MailboxId mailbox);
    /// Also names that do not exist (RFC 9051 §6.3.7). Errors: invalid.
    async::Awaitable<StoreResult<>> subscribe(std::string name);
    async::Awaitable<StoreResult<>> unsubscribe(std::string name);

    /// Keeps the mailbox's view in memory while the result lives. Errors: not_found; invalid (not selectable).
    async::Awaitable<StoreResult<OpenMailboxPtr>> open(MailboxId mailbox);

    /// Stores messages. All of them in one commit where they fit one engine batch; else in several, of which those before
    /// one that fails are taken back, unless `commits` forbids it. With a delivery tag there is one
    /// message, and the same tag again adds nothing. Appends that wait share commits: where the task that carries one
    /// out is cancelled, the others end as if they were, too. Errors: not_found, invalid (also: too many for one commit),
    /// over_quota.
    async::Awaitable<StoreResult<AppendResult>> append(std::vector<NewMessage> messages,
                                                       std::optional<std::string> delivery_tag = {},
                                                       Commits commits = Commits::many);

    /// Errors: not_found, invalid (a keyword, a limit).
    async::Awaitable<StoreResult<FlagResult>> change_flags(MailboxId mailbox, UidSet uids, FlagChange change,
                                                           std::optional<Modseq> unchanged_since = {});

    enum class Expunge : std::uint8_t { deleted_only, forced };
    /// Removes the messages of the set, those with \Deleted or all of them. Errors: not_found.
    async::Awaitable<StoreResult<ExpungeResult>> expunge(MailboxId mailbox, UidSet uids,
                                                         Expunge which = Expunge::deleted_only);

    /// All or nothing, as far as one node goes. Errors: not_found, invalid, over_quota.
    async::Awaitable<StoreResult<CopyResult>> copy(MailboxId from, UidSet uids, MailboxId to);
    /// Every message is in exactly one of the two at any time.
    /// Moving within one mailbox gives new UIDs (RFC 6851 §4.4).
    async::Awaitable<StoreResult<CopyResult>> move(MailboxId from, UidSet uids, MailboxId to);

    /// What can be brought back: deleted, not moved, within the retention time; of one mailbox after the other, the
    /// oldest first. `from` is empty or the `next` of the page before.
    async::Awaitable<StoreResult<ExpungedPage>> expunged(std::string from, std::size_t count_max);
    /// Brings messages back into the mailboxes they were in, as new arrivals: with a new UID, without \Deleted, saved
    /// now (RFC 8514). A mailbox that was removed is made again. Limit: kDetailsMax. Errors: invalid.
    async::Awaitable<StoreResult<UndeleteResult>> undelete(std::vector<ExpungedPlace> places);

    /// The UIDs that are recent to the caller's session (RFC 3501 §2.3.2): nobody else gets these as recent. Nothing is
    /// written if there are none.
    async::Awaitable<StoreResult<UidSet>> claim_recent(MailboxId mailbox);

    /// The messages of these that are in the mailbox, in the order given. Limit: kDetailsMax.
    async::Awaitable<StoreResult<std::vector<MessageDetails>>> details(MailboxId mailbox, std::vector<Uid> uids);
    /// For each id its row, or not_found if it is gone, or damaged. Rows of expunged messages last for the retention
    /// time, so a session may still read what its older view shows. Limit: kDetailsMax.
    async::Awaitable<StoreResult<std::vector<StoreResult<EmailRow>>>> emails(std::vector<EmailId> ids);
    /// The UIDs of the mailbox whose messages were expunged by commits after `since` (RFC 7162 §3.2.6). Nothing if that is
    /// not known any more: the log does not reach back so far, is too long (kLogRowsReadMax) or damaged, or has no such
    /// version. Commits that come meanwhile may be in it.
    async::Awaitable<StoreResult<std::optional<UidSet>>> vanished_since(MailboxId mailbox, Modseq since);
    /// The cards of these emails, which a run of emails has in a few reads. Limit: kDetailsMax.
    async::Awaitable<StoreResult<Cards>> cards(std::vector<EmailId> ids);
    /// What these emails are sorted and threaded by, which a run of emails has in a few reads. Limit: kSortRowsMax.
    async::Awaitable<StoreResult<SortRows>> sort_rows(std::vector<EmailId> ids, SortWanted wanted);
    /// Emails with ids from `from` on, expunged ones that are kept included; at least `count_max` if there are as many,
    /// and not many more.
    async::Awaitable<StoreResult<EmailWalk>> walk_emails(EmailId from, std::size_t count_max);
    /// Housekeeping: forgets expunged messages, log entries and delivery tags past
    /// their retention time, folds deltas, and ends removals that a crash cut short.
    /// Others write in between. Idempotent; for a slow periodic walk over all accounts.
    async::Awaitable<StoreResult<>> sweep();

    /// Drops views that nobody has open; returns the octets that remain.
    std::size_t trim();

private:
    friend AccountCache;
    friend AccountObjects;
    friend OpenMailbox;
    friend Store;
    friend async::Awaitable<StoreResult<std::shared_ptr<const AccountView>>> view_account(std::shared_ptr<Account>);
    friend async::Awaitable<StoreResult<std::shared_ptr<const AccountView>>> view_account(std::shared_ptr<Account>,
                                                                                          AccountId);
    friend async::Awaitable<std::vector<StoreResult<>>> update_emails(std::shared_ptr<Account>, AccountId,
                                                                      std::vector<EmailUpdate>);
    friend async::Awaitable<StoreResult<std::optional<AccountChanges>>>
        changes_between(std::shared_ptr<Account>, std::shared_ptr<const AccountView>, Version, Version);
    std::unique_ptr<AccountCore> core_;
    std::unique_ptr<AppendQueue> appends_;
};

using AccountPtr = std::shared_ptr<Account>;

} // namespace tegami::store
