// Domains, accounts, passwords and aliases as the operator manages them. May be called from any thread.
//
// A change that takes the right to log in away ends the sessions of the account.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "directory/app_password.h"
#include "directory/password.h"
#include "directory/second_factor.h"
#include "directory/types.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::directory {

/// Domains by name; immutable.
using DomainTable = std::map<message::Domain, DomainSettings>;

/// One page of a listing; `next` continues it and is empty at the end.
template <class T>
struct Listing {
    std::vector<T> items;
    std::string next;
};

/// What a new account starts with.
struct NewAccount {
    EmailAddress address;
    std::string password{};
    std::uint64_t quota_bytes = 0;
    std::string hash{}; ///< instead of a password: one that another server made of it (foreign_hash.h)
};

/// An account as a backup has it.
struct StoredAccount {
    Account account;
    StoredCredentials credentials;
    std::optional<StoredAppPasswords> app_passwords;
    std::optional<SecondFactor> second_factor;
    DomainSettings domain;
};

struct ImportEntry {
    std::string address; ///< as written in the file
    std::string password{};
    std::string hash{}; ///< as in NewAccount
};

class Administration {
public:
    virtual ~Administration() = default;

    // --- Domains ---

    /// The domains as of now; cheap, never waits.
    virtual std::shared_ptr<const DomainTable> domains() const = 0;
    virtual async::Awaitable<DirectoryResult<>> add_domain(DomainSettings domain) = 0;
    /// Changes the settings of the domain with this name.
    virtual async::Awaitable<DirectoryResult<>> set_domain(DomainSettings domain) = 0;
    /// Refused while the domain has accounts or aliases.
    virtual async::Awaitable<DirectoryResult<>> remove_domain(message::Domain domain) = 0;

    // --- Accounts ---

    virtual async::Awaitable<DirectoryResult<std::optional<Account>>> account_at(EmailAddress address) = 0;
    virtual async::Awaitable<DirectoryResult<Account>> add_account(NewAccount account) = 0;
    /// Adds many accounts: hashes on all workers, commits in batches. The result has one entry for each line in
    /// order: nothing if it was added, or why it was not; every other line is added all the same. Give it some
    /// hundred entries at a time.
    virtual async::Awaitable<std::vector<std::optional<Error>>> import_accounts(std::vector<ImportEntry> entries) = 0;
    /// Makes an account that is no longer there again: with the passwords, second factor, quota and state it had, and with its domain
    /// if that is gone too. Its mail store is new, and so is its id.
    virtual async::Awaitable<DirectoryResult<Account>> restore_account(StoredAccount stored) = 0;
    virtual async::Awaitable<DirectoryResult<>> set_password(EmailAddress address, std::string password) = 0;
    /// The same with a hash that another server made of the password.
    virtual async::Awaitable<DirectoryResult<>> set_password_hash(EmailAddress address, std::string hash) = 0;
    /// A disabled account still receives mail; its sessions end.
    virtual async::Awaitable<DirectoryResult<>> set_enabled(EmailAddress address, bool enabled) = 0;
    /// How many octets of mail the account may keep; 0: any. One that has more keeps it, and takes nothing new.
    virtual async::Awaitable<DirectoryResult<>> set_quota(EmailAddress address, std::uint64_t bytes) = 0;

    // --- Removed accounts ---

    /// Removes the account: nobody logs in to it or reaches it any more,
    /// and its address is free. It is kept for the retention time.
    virtual async::Awaitable<DirectoryResult<>> remove_account(EmailAddress address) = 0;
    /// Removes the account and erases all its mail at once; without such an account, those with this address that were
    /// removed before and are still kept.
    virtual async::Awaitable<DirectoryResult<>> erase_account(EmailAddress address) = 0;
    /// Brings the account back that was removed last with this address: its password, its mail, under `as` if that is
    /// given. Errors: not_found; exists (the address is in use).
    virtual async::Awaitable<DirectoryResult<Account>> restore_account(EmailAddress address,
                                                                       std::optional<EmailAddress> as) = 0;
    /// Those with this address that can be brought back, the one that was removed last at the end.
    virtual async::Awaitable<DirectoryResult<std::vector<RemovedAccount>>> removed_with(EmailAddress address) = 0;
    /// How long a removed account can be brought back.
    virtual Duration retention() const = 0;
    /// Erases removed accounts whose retention time is over. For a slow periodic call.
    virtual async::Awaitable<DirectoryResult<>> sweep() = 0;

    // --- Aliases ---

    virtual async::Awaitable<DirectoryResult<std::optional<Alias>>> alias_at(EmailAddress address) = 0;
    /// Errors: not_found (a target of ours that does not exist), exists, invalid (a target that leads back to the alias
    /// and to nobody else).
    virtual async::Awaitable<DirectoryResult<>> add_alias(Alias alias) = 0;
    virtual async::Awaitable<DirectoryResult<>> remove_alias(EmailAddress address) = 0;

    // --- Listings, ordered by domain, then local part ---

    /// Up to `count_max` accounts; `from` is empty or the `next` of the page before. `domain` narrows it to one.
    virtual async::Awaitable<DirectoryResult<Listing<Account>>>
    list_accounts(std::optional<message::Domain> domain, std::string from, std::size_t count_max) = 0;
    virtual async::Awaitable<DirectoryResult<Listing<Alias>>> list_aliases(std::optional<message::Domain> domain,
                                                                           std::string from, std::size_t count_max) = 0;
    /// Removed accounts that can be brought back, by id.
    virtual async::Awaitable<DirectoryResult<Listing<RemovedAccount>>> list_removed(std::string from,
                                                                                    std::size_t count_max) = 0;
};

} // namespace tegami::directory
