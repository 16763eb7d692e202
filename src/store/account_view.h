// An account as one immutable picture: in which mailboxes each of its emails is, which threads they make, and what each
// mailbox counts. It is what JMAP (RFC 8621) asks of an account, as MailboxView is what IMAP asks of a mailbox.
//
// 1. A view never changes. The next one is made when somebody asks for it, from what has changed in the views of the
//    mailboxes since, and shares the rest. No record on disk holds any of it: it follows from rows and emails.
// 2. An email is here as long as one of its messages is: those with \Deleted are not (decision 17), nor is one whose
//    record cannot be read.
// 3. An email has a flag or keyword if one of its messages has it, but \Seen only if all of them have it (decision 17).
#pragma once

#include "store/account.h"
#include "store/sorted_pages.h"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace tegami::store {

/// A message of a mailbox, with what its email is.
struct EmailPlace {
    std::uint32_t email = 0;
    MailboxId mailbox;
    Uid uid;
    std::uint32_t thread = 0;
    std::uint32_t received = 0; ///< the internal date, seconds since 1970
    Flags flags;

    /// By email, then mailbox, then UID.
    bool operator<(const EmailPlace& other) const {
        if (email != other.email) return email < other.email;
        if (mailbox != other.mailbox) return mailbox < other.mailbox;
        return uid < other.uid;
    }

    bool visible() const { return !flags.has(Flag::deleted); }
};

/// Some of the places that follow each other.
class EmailPage : private std::vector<EmailPlace> {
public:
    using std::vector<EmailPlace>::begin;
    using std::vector<EmailPlace>::end;
    using std::vector<EmailPlace>::front;
    using std::vector<EmailPlace>::size;
    using std::vector<EmailPlace>::capacity;

    EmailPage() = default;

    template <class Iterator>
    EmailPage(Iterator begin, Iterator end) : std::vector<EmailPlace>(begin, end) {
        for (const EmailPlace& place : *this)
            newest_ = std::max(newest_, place.received);
    }

    /// When the one came that came last, visible or not, of whatever mailbox.
    std::uint32_t newest() const { return newest_; }

private:
    std::uint32_t newest_ = 0;
};

using PlacesByEmail = SortedPages<EmailPlace, EmailPage>;

/// An email of a thread.
struct ThreadPlace {
    std::uint32_t thread = 0;
    std::uint32_t email = 0;

    auto operator<=>(const ThreadPlace&) const = default;
};

/// What a mailbox holds as JMAP counts it (RFC 8621 §2). Of emails and threads, not of messages.
struct EmailCounts {
    std::uint32_t emails = 0;
    std::uint32_t unread_emails = 0; ///< neither \Seen nor \Draft
    std::uint32_t threads = 0;
    std::uint32_t unread_threads = 0; ///< with an unread email, wherever; trash and the other mailboxes apart

    bool operator==(const EmailCounts&) const = default;
};

/// An email as the sum of its messages.
struct EmailState {
    EmailId id;
    ThreadId thread;
    std::uint32_t received = 0;       ///< the internal date, seconds since 1970
    std::vector<MailboxId> mailboxes; ///< rising; at least one
    Flags flags;
    KeywordSet keywords;

    bool unread() const { return !flags.has(Flag::seen) && !flags.has(Flag::draft); }
};

class AccountView {
public:
    Version version() const { return version_; }

    const std::shared_ptr<const MailboxList>& mailboxes() const { return mailboxes_; }

    /// Whether the messages of the mailbox belong to what is shown; also of one that is gone.
    bool shows(MailboxId mailbox) const { return !shown_ || shown_->contains(mailbox); }

    /// The messages of a mailbox; null if it is not there or not selectable.
    ViewPtr messages(MailboxId mailbox) const;
    EmailCounts counts(MailboxId mailbox) const;
    /// Nothing if there is no such email, or none of its messages is visible.
    std::optional<EmailState> find(EmailId email) const;
    /// All of its messages, those with \Deleted as well, by mailbox and UID.
    std::vector<EmailPlace> places(EmailId email) const;
    /// The visible emails of a thread, the one that was received first before the others, of one second by id
    /// (RFC 8621 §3).
    std::vector<EmailId> thread(ThreadId thread) const;
    /// Emails of a thread, visible or not, rising.
    std::vector<EmailId> all_of_thread(ThreadId thread) const;

    /// All messages by email: for passes over the account, page by page.
    const PlacesByEmail& by_email() const { return by_email_; }

    /// The account's keywords by id.
    const KeywordNames& keyword_names() const { return *keywords_; }

    std::size_t memory_bytes() const;

private:
    friend class AccountViewUpdate;

    Version version_;
    std::shared_ptr<const MailboxList> mailboxes_;
    std::shared_ptr<const KeywordNames> keywords_ = std::make_shared<KeywordNames>();
    std::optional<std::set<MailboxId>> shown_; // nothing: all
    std::map<MailboxId, ViewPtr> messages_;
    PlacesByEmail by_email_;
    SortedPages<ThreadPlace> by_thread_;
    std::map<MailboxId, EmailCounts> counts_; // without those that count nothing
};

using AccountViewPtr = std::shared_ptr<const AccountView>;

/// Limit: parts of one account that are kept for those who see them (view_account()); of more the one least used is made anew.
inline constexpr std::size_t kPartsKeptMax = 16;

/// The account as of its last commit. The first call reads all of its mailboxes, those after it what has changed; the
/// caller waits for no writer, but for others that ask the same. It takes about 32 octets of memory for each message beside
/// the views of the mailboxes, until trim(). Errors: not_found (the account is gone).
async::Awaitable<StoreResult<AccountViewPtr>> view_account(AccountPtr account);

/// The part of the account that `reader` may read (access.h), as if there were nothing else: emails are in the mailboxes that
/// `reader` may read, and threads and counts are of these emails. Its version is that of its list of mailboxes. To the owner it is the
/// whole. Limit: kPartsKeptMax parts of an account stay in memory.
async::Awaitable<StoreResult<AccountViewPtr>> view_account(AccountPtr account, AccountId reader);

} // namespace tegami::store
