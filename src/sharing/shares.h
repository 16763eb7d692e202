// Sharing mailboxes with other accounts of the server: what takes both of them. README.md says in which order they are
// written.
#pragma once

#include "async/awaitable.h"
#include "async/mutex.h"
#include "base/clock.h"
#include "directory/credentials.h"
#include "sharing/share_record.h"
#include "store/account_objects.h"
#include "store/store.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tegami::sharing {

/// Limit: accounts that share something with one.
inline constexpr std::size_t kOwnersMax = 200;
/// Limit: news that an account keeps; of more the oldest go (RFC 9670 §3.1).
inline constexpr std::size_t kShareNewsMax = 100;

/// Another account, of which one sees a part (store/access.h).
struct SharedAccount {
    message::EmailAddress address;
    store::AccountPtr account;
};

/// Whom a mailbox is to be shared with, or no more.
struct ShareChange {
    store::AccountPtr owner;
    store::MailboxId mailbox;
    store::AccountId changed_by; ///< who is allowed to, and gets no news of it
    std::vector<store::GrantChange> grants;
};

/// Methods may be called from any thread.
class Shares {
public:
    /// All of them outlive it.
    struct Dependencies {
        store::Store& store;
        directory::Credentials& credentials;
        Clock& clock;
    };

    explicit Shares(Dependencies with) : with_(with) {}

    /// The accounts of which this one sees something now, by address. A disabled account shares nothing.
    async::Awaitable<store::StoreResult<std::vector<SharedAccount>>> shared_with(store::AccountPtr account);
    /// The accounts to look at for what they share with this one: those that do, and perhaps some that did or are about to. At most
    /// `count_max`, those that began first.
    async::Awaitable<store::StoreResult<std::vector<store::AccountPtr>>> owners_noted(store::AccountPtr account,
                                                                                      std::size_t count_max);
    /// The account `owner`, if `account` sees something of it now; else null.
    async::Awaitable<store::StoreResult<store::AccountPtr>> find_shared(store::AccountId account,
                                                                        store::AccountId owner);
    /// Whose account this is; nothing if it is gone or disabled.
    async::Awaitable<store::StoreResult<std::optional<message::EmailAddress>>> address_of(store::AccountId account);
    /// The account of a whole address; nothing if there is none, or it is disabled.
    async::Awaitable<store::StoreResult<std::optional<store::AccountId>>> find_account(std::string address);
    /// Changes whom a mailbox is shared with. The owner is in no list: such changes are passed over. Errors: not_found (the
    /// mailbox, a grantee who is to get something), invalid (a limit, a mailbox that holds no messages).
    async::Awaitable<store::StoreResult<>> change(ShareChange change);

private:
    struct Grantee {
        store::GrantChange change;
        store::Rights before;
        store::AccountPtr account; ///< null: it is gone
    };

    async::Awaitable<store::StoreResult<std::vector<Grantee>>> grantees(const ShareChange* change) const;

    const Dependencies with_;
    async::Mutex turn_; ///< of those who change what is shared: seldom, and in two accounts
};

} // namespace tegami::sharing
