// Every record of the directory by its first octet: how it is read, and that its key is the one that it belongs under.
// A new record is taught here; what check() and repair() have to know of it the compiler asks for.
#pragma once

#include "directory/records.h"
#include "store/engine/engine.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tegami::directory::records {

/// a: the account with this id.
struct AddressRow {
    AccountId id;
    EmailAddress address;
};

/// c
struct CredentialsRow {
    AccountId id;
    StoredCredentials credentials;
};

/// k
struct KnownNetworksRow {
    AccountId id;
    std::vector<KnownNetwork> networks;
};

/// w
struct WebSessionsRow {
    AccountId id;
    std::vector<WebSession> sessions;
};

/// p
struct AppPasswordsRow {
    AccountId id;
    StoredAppPasswords stored;
};

/// f
struct SecondFactorRow {
    AccountId id;
    SecondFactor factor;
};

/// u
struct PushSubscriptionsRow {
    AccountId id;
    std::vector<PushSubscription> subscriptions;
};

/// h
struct PasskeysRow {
    AccountId id;
    std::vector<Passkey> passkeys;
};

/// r
struct RoleRow {
    AccountId id;
    Role role;
};

/// x
struct RemovalRow {
    AccountId id;
    RemovedAccount removed;
};

/// i
struct NextIdRow {
    std::uint64_t id = 0;
};

/// s
struct SecretRow {
    std::string octets;
};

/// v
struct PushKeyRow {
    std::string pem;
};

/// d, n, l and m are what they describe.
using AnyRow = std::variant<DomainSettings, Account, AddressRow, CredentialsRow, KnownNetworksRow, WebSessionsRow,
                            AppPasswordsRow, SecondFactorRow, PasskeysRow, PushSubscriptionsRow, RoleRow, Alias,
                            SigningKey, RemovalRow, NextIdRow, SecretRow, PushKeyRow>;

/// Nothing if the kind of the row is not known, it cannot be read, or it does not belong under its key.
std::optional<AnyRow> decode_row(const store::Row& row);

} // namespace tegami::directory::records
