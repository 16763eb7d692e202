// Who has mail here, kept in the engine's directory domain (docs/formats/directory.md): builds the three interfaces
// over it and hands them out. Only who wires a program needs it; everybody else takes the interface.
//
// 1. Every method of the interfaces may be called from any thread; the Directory outlives every call.
// 2. It does not know mailboxes: it makes, hides and removes the accounts of the store, and nothing in them.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "base/random.h"
#include "directory/app_passwords.h"
#include "directory/engine_administration.h"
#include "directory/engine_credentials.h"
#include "directory/engine_lookup.h"
#include "directory/known_networks.h"
#include "directory/passkeys.h"
#include "directory/push_subscriptions.h"
#include "directory/roles.h"
#include "directory/second_factors.h"
#include "directory/session_registry.h"
#include "directory/signing_keys.h"
#include "directory/web_sessions.h"
#include "store/store.h"

#include <chrono>
#include <memory>

namespace tegami::directory {

struct DirectoryOptions {
    /// For logins by local part alone, and for a bare `Postmaster`.
    message::Domain default_domain;
    PasswordCost cost;
    /// How long a removed account can be brought back.
    Duration retention = std::chrono::days(14);
    /// Whoever has a role must have a second factor.
    bool second_factor_for_roles = false;
};

class Directory {
public:
    /// All of them outlive it.
    struct Dependencies {
        store::Store& store;
        async::WorkerPool& workers; ///< for hashing
        const Clock& clock;
        RandomSource& random;
    };

    /// Reads the domains, makes the server's secret on first use, and finishes removals that a crash interrupted.
    static async::Awaitable<DirectoryResult<std::unique_ptr<Directory>>> open(Dependencies dependencies,
                                                                              DirectoryOptions options);

    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    Lookup& lookup() { return lookup_; }

    Credentials& credentials() { return credentials_; }

    Administration& administration() { return administration_; }

    /// The sessions of accounts; asked to end when an account changes.
    SessionRegistry& sessions() { return sessions_; }

    /// The server's secret: others derive theirs from it.
    const std::string& secret() const { return credentials_.secret(); }

    /// The keys that sign the mail of our domains.
    SigningKeys& signing_keys() { return signing_keys_; }

    /// Who may do more than read their own mail.
    Roles& roles() { return roles_; }

    /// Where accounts have logged in from.
    KnownNetworks& known_networks() { return known_networks_; }

    /// What programs and devices log in with.
    AppPasswords& app_passwords() { return app_passwords_; }

    /// What some show to the web face beside the password.
    SecondFactors& second_factors() { return second_factors_; }

    /// What some sign in with in place of a password.
    Passkeys& passkeys() { return passkeys_; }

    /// Who is signed in to the web face.
    WebSessions& web_sessions() { return web_sessions_; }

    /// Where programs and browsers are told of changes.
    PushSubscriptions& push_subscriptions() { return push_subscriptions_; }

private:
    Directory(Dependencies dependencies, DirectoryOptions options);

    const DirectoryOptions options_;
    SessionRegistry sessions_;
    KnownNetworks known_networks_;
    SigningKeys signing_keys_;
    Roles roles_;
    LocalDomains domains_;
    EngineLookup lookup_;
    EngineCredentials credentials_;
    NewAccounts new_accounts_;
    RemovedAccounts removed_accounts_;
    EngineAdministration administration_;
    AppPasswords app_passwords_;
    SecondFactors second_factors_;
    Passkeys passkeys_;
    WebSessions web_sessions_;
    PushSubscriptions push_subscriptions_;
};

} // namespace tegami::directory
