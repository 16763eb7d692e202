// Who has mail here: domains, accounts, aliases, kept in the engine's directory domain (docs/formats/directory.md).
//
// 1. Every change is one batch guarded by assertions on the keys it decides on, or a chain of steps that a restart
//    repeats (removal of an account); two writers cannot both win.
// 2. Domains are few and are also held in memory, for decisions without waiting; accounts and aliases are looked up
//    in the engine each time, so a million of them cost nothing here.
// 3. Any method may be called from any thread; the Directory outlives every call into it.
//
// It does not know mailboxes: what must happen to an account's mail is asked of AccountStores.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "base/random.h"
#include "directory/credentials.h"
#include "directory/known_networks.h"
#include "directory/session_registry.h"
#include "directory/types.h"
#include "store/engine/engine.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tegami::async {
class WorkerPool;
}

namespace tegami::directory {

/// What the directory asks of the mail store. Implemented by app/.
class AccountStores {
public:
    virtual ~AccountStores() = default;
    /// Makes the empty mail store of a new account. Repeated after a crash, so one that exists already is success.
    virtual async::Awaitable<store::StoreResult<>> create(AccountId account, std::uint64_t quota_bytes) = 0;
    /// Nobody reaches the mail of a hidden account, but it is kept. Forgotten when the program ends.
    virtual void hide(AccountId account, bool hidden) = 0;
    /// Deletes all mail of the account. Repeated after a crash, so an account that is gone already is success.
    virtual async::Awaitable<store::StoreResult<>> erase(AccountId account) = 0;
};

/// One account that a recipient address leads to.
struct LocalRecipient {
    AccountId account;
    EmailAddress address; ///< the account's own address
    std::string detail;   ///< what followed the separator in `user+detail`; empty without

    bool operator==(const LocalRecipient&) const = default;
};

/// The address is ours: these accounts get a copy, and `remote` is sent on. Never both empty.
struct Local {
    std::vector<LocalRecipient> accounts;
    std::vector<EmailAddress> remote;

    bool operator==(const Local&) const = default;
};

/// The domain is not one of ours: relay, for those who may.
struct NotLocalDomain {
    bool operator==(const NotLocalDomain&) const = default;
};

/// The domain is ours and has no such address: 550 5.1.1.
struct UnknownUser {
    bool operator==(const UnknownUser&) const = default;
};

using Resolution = std::variant<Local, NotLocalDomain, UnknownUser>;

/// Domains by name; immutable.
using DomainTable = std::map<message::Domain, DomainSettings>;

/// One page of a listing; `next` continues it and is empty at the end.
template <class T>
struct Listing {
    std::vector<T> items;
    std::string next;
};

struct KeyRange;

/// What a new account starts with.
struct NewAccount {
    EmailAddress address;
    std::string password;
    std::uint64_t quota_bytes = 0;
};

/// An account as a backup has it.
struct StoredAccount {
    Account account;
    Credentials credentials;
    DomainSettings domain;
};

struct ImportEntry {
    std::string address; ///< as written in the file
    std::string password;
};

struct DirectoryOptions {
    /// For logins by local part alone, and for a bare `Postmaster`.
    message::Domain default_domain;
    PasswordCost cost;
    /// How long a removed account can be brought back.
    Duration retention = std::chrono::days(14);
};

class Directory {
public:
    struct Dependencies {
        store::Engine& engine;
        async::WorkerPool& workers;
        const Clock& clock;
        RandomSource& random;
        AccountStores& stores;
    };

    /// Reads the domains, makes the server's secret on first use, and finishes removals that a crash interrupted.
    static async::Awaitable<DirectoryResult<std::unique_ptr<Directory>>> open(Dependencies dependencies,
                                                                              DirectoryOptions options);

    // --- Look-ups ---

    /// The domains as of now; cheap, never waits.
    std::shared_ptr<const DomainTable> domains() const;
    bool is_local(const message::Domain& domain) const;

    /// Where mail for this recipient goes: exact account or alias (nested, RFC 5321 §3.9.1), the address without its
    /// sub-address, the postmaster (RFC 5321 §4.5.1), the domain's catch-all; in this order.
    async::Awaitable<DirectoryResult<Resolution>> resolve(EmailAddress recipient);
    /// What `RCPT TO:<Postmaster>` means (RFC 5321 §4.5.1).
    EmailAddress bare_postmaster() const;

    /// The account that logs in with this name: its full address, or its local part in the default domain.
    async::Awaitable<DirectoryResult<std::optional<Account>>> account_for_login(std::string login);
    /// The address that a login name stands for, whether it exists or not; nothing if it cannot be one.
    std::optional<EmailAddress> login_address(std::string_view login) const;
    async::Awaitable<DirectoryResult<std::optional<Account>>> account_at(EmailAddress address);
    async::Awaitable<DirectoryResult<std::optional<Account>>> account(AccountId id);
    async::Awaitable<DirectoryResult<std::optional<Credentials>>> credentials(AccountId id);

    /// True if the account may write this address into From and MAIL: its own, one with a sub-address of its own, or
    /// an alias that leads to it.
    async::Awaitable<DirectoryResult<bool>> may_send_as(AccountId account, EmailAddress address);

    // --- Changes ---

    async::Awaitable<DirectoryResult<>> add_domain(DomainSettings domain);
    /// Refused while the domain has accounts or aliases.
    async::Awaitable<DirectoryResult<>> remove_domain(message::Domain domain);

    async::Awaitable<DirectoryResult<Account>> add_account(NewAccount account);
    /// Makes an account that is no longer there again: with the password, quota and state it had, and with its domain
    /// if that is gone too. Its mail store is new, and so is its id.
    async::Awaitable<DirectoryResult<Account>> restore_account(StoredAccount stored);
    /// Ends the account's sessions, as does everything else that takes the right to log in away.
    async::Awaitable<DirectoryResult<>> set_password(EmailAddress address, std::string password);
    async::Awaitable<DirectoryResult<>> set_enabled(EmailAddress address, bool enabled);
    /// Removes the account: nobody logs in to it or reaches it any more, and its address is free. It is kept for the
    /// retention time.
    async::Awaitable<DirectoryResult<>> remove_account(EmailAddress address);
    /// Removes the account and erases all its mail at once; without such an account, those with this address that were
    /// removed before and are still kept.
    async::Awaitable<DirectoryResult<>> erase_account(EmailAddress address);
    /// Brings the account back that was removed last with this address: its password, its mail, under `as` if that is
    /// given. Errors: not_found; exists (the address is in use).
    async::Awaitable<DirectoryResult<Account>> restore_account(EmailAddress address, std::optional<EmailAddress> as);
    /// Erases removed accounts whose retention time is over. For a slow periodic call.
    async::Awaitable<DirectoryResult<>> sweep();
    /// Adds many accounts: hashes on all workers, commits in batches. The result has one entry for each line in
    /// order: nothing if it was added, or why it was not; every other line is added all the same. Give it some
    /// hundred entries at a time.
    async::Awaitable<std::vector<std::optional<Error>>> import_accounts(std::vector<ImportEntry> entries);

    async::Awaitable<DirectoryResult<>> add_alias(Alias alias);
    async::Awaitable<DirectoryResult<>> remove_alias(EmailAddress address);

    // --- Listings, ordered by domain, then local part ---

    /// Up to `count_max` accounts; `from` is empty or the `next` of the page before. `domain` narrows it to one.
    async::Awaitable<DirectoryResult<Listing<Account>>> list_accounts(std::optional<message::Domain> domain,
                                                                      std::string from, std::size_t count_max);
    /// Those with this address that can be brought back, the one that was removed last at the end.
    async::Awaitable<DirectoryResult<std::vector<RemovedAccount>>> removed_with(EmailAddress address);
    /// Removed accounts that can be brought back, by id.
    async::Awaitable<DirectoryResult<Listing<RemovedAccount>>> list_removed(std::string from, std::size_t count_max);
    async::Awaitable<DirectoryResult<Listing<Alias>>> list_aliases(std::optional<message::Domain> domain,
                                                                   std::string from, std::size_t count_max);

    /// The sessions of accounts; asked to end when an account changes.
    SessionRegistry& sessions() { return sessions_; }

    /// Where accounts have logged in from.
    KnownNetworks& known_networks() { return known_networks_; }

    /// A secret of this server that stays the same for ever, for salts of users that do not exist (SCRAM).
    const std::string& server_secret() const { return server_secret_; }

    const DirectoryOptions& options() const { return options_; }

private:
    struct Expansion;
    struct Prepared;

    Directory(Dependencies dependencies, DirectoryOptions options);

    async::Awaitable<DirectoryResult<>> load_domains();
    async::Awaitable<DirectoryResult<>> load_secret();
    // removed_accounts.cpp
    async::Awaitable<DirectoryResult<>> begin_removals();
    async::Awaitable<DirectoryResult<>> take_out(EmailAddress address, bool erasing, AccountId* id);
    async::Awaitable<DirectoryResult<>> erase(RemovedAccount removed);
    async::Awaitable<DirectoryResult<>> finish_erasing(AccountId account);
    void publish(const std::function<void(DomainTable&)>& change);

    async::Awaitable<DirectoryResult<std::optional<Alias>>> alias_at(EmailAddress address);
    template <class T>
    async::Awaitable<DirectoryResult<Listing<T>>> list(KeyRange keys, std::string from, std::size_t count_max,
                                                       Decoder<T> decode);

    async::Awaitable<DirectoryResult<>> expand(Expansion* into, EmailAddress address, std::size_t depth);
    async::Awaitable<DirectoryResult<bool>> expand_name(Expansion* into, EmailAddress address, std::string detail,
                                                        std::size_t depth);
    async::Awaitable<DirectoryResult<>> expand_target(Expansion* into, EmailAddress target, std::string detail,
                                                      std::size_t depth);
    async::Awaitable<DirectoryResult<>> expand_postmaster(Expansion* into, EmailAddress address, std::size_t depth);

    std::optional<Error> check_new_address(const EmailAddress& address) const;
    async::Awaitable<DirectoryResult<>> check_target(EmailAddress alias, EmailAddress target);
    async::Awaitable<DirectoryResult<>> update_account(EmailAddress address, std::function<void(Account&)> change,
                                                       std::optional<Credentials> new_credentials);

    async::Awaitable<std::vector<DirectoryResult<Account>>> add_accounts(std::vector<NewAccount> accounts);
    async::Awaitable<void> check_new_accounts(std::vector<Prepared>* accounts);
    async::Awaitable<void> derive_all(std::vector<Prepared>* accounts);
    async::Awaitable<DirectoryResult<AccountId>> reserve_ids(std::size_t count);
    async::Awaitable<void> commit_new_accounts(std::vector<Prepared*> accounts);
    async::Awaitable<void> commit_or_explain(std::vector<Prepared*> accounts);

    store::Engine& engine_;
    async::WorkerPool& workers_;
    const Clock& clock_;
    RandomSource& random_;
    AccountStores& stores_;
    DirectoryOptions options_;
    SessionRegistry sessions_;
    KnownNetworks known_networks_;
    std::string server_secret_;
    mutable std::mutex mutex_; // guards domains_ only, never held across a wait
    std::shared_ptr<const DomainTable> domains_;
};

} // namespace tegami::directory
