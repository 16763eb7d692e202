// The directory's rows as octets: docs/formats/directory.md, in code. Every record begins with its format version.
//
// Decoding never trusts a row: anything unexpected gives nothing, and the caller names the damaged key.
#pragma once

#include "directory/app_password.h"
#include "directory/passkey.h"
#include "directory/password.h"
#include "directory/push_subscription.h"
#include "directory/roles.h"
#include "directory/second_factor.h"
#include "directory/signing_keys.h"
#include "directory/types.h"
#include "directory/web_session.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::directory {

/// All keys from `begin` up to, but without, `end`.
struct KeyRange {
    std::string begin;
    std::string end;
};

/// A network that an account has logged in from.
struct KnownNetwork {
    std::string network;   ///< as network_of() prints it
    std::uint64_t day = 0; ///< of the last login, since 1970

    bool operator==(const KnownNetwork&) const = default;
};

} // namespace tegami::directory

namespace tegami::directory::records {

// Keys. Each kind of row has its own first octet.
std::string domain_key(const message::Domain& domain);
std::string account_key(const EmailAddress& address);
std::string id_key(AccountId id);
std::string credentials_key(AccountId id);
std::string known_networks_key(AccountId id);
std::string web_sessions_key(AccountId id);
std::string app_passwords_key(AccountId id);
std::string second_factor_key(AccountId id);
std::string push_subscriptions_key(AccountId id);
std::string passkeys_key(AccountId id);
std::string role_key(AccountId id);
std::string alias_key(const EmailAddress& address);
std::string removal_key(AccountId id);
std::string signing_key_key(const message::Domain& domain, std::string_view selector);
std::string next_id_key();
std::string secret_key();
std::string push_key_key();

/// The range of all keys that begin with `prefix`.
KeyRange prefix_range(std::string prefix);
KeyRange all_domains();
KeyRange all_ids();
KeyRange all_removals();
KeyRange all_web_sessions();
KeyRange all_push_subscriptions();
KeyRange all_roles();
/// Accounts, aliases or signing keys, of every domain or of one.
KeyRange accounts_of(const std::optional<message::Domain>& domain);
KeyRange aliases_of(const std::optional<message::Domain>& domain);
KeyRange signing_keys_of(const std::optional<message::Domain>& domain);

std::string encode(const DomainSettings& domain);
std::string encode(const Account& account);
std::string encode(const RemovedAccount& removed);
std::string encode(const Alias& alias);
std::string encode(const StoredCredentials& credentials);
std::string encode(const std::vector<KnownNetwork>& networks);
std::string encode(const std::vector<WebSession>& sessions);
std::string encode(const StoredAppPasswords& stored);
std::string encode(const SecondFactor& factor);
std::string encode(const std::vector<PushSubscription>& subscriptions);
std::string encode(const std::vector<Passkey>& passkeys);
std::string encode(const SigningKey& key);
std::string encode(const Role& role);
/// The row under id_key: the account's address.
std::string encode(const EmailAddress& address);
/// A row that holds one number: under next_id_key, the id of the next account.
std::string encode_number(std::uint64_t number);
/// A row that holds octets: under secret_key, the secret; under push_key_key, a key as PEM text.
std::string encode_octets(std::string_view octets);

std::optional<DomainSettings> decode_domain(std::string_view octets);
std::optional<Account> decode_account(std::string_view octets);
std::optional<RemovedAccount> decode_removed_account(AccountId id, std::string_view octets);
std::optional<Alias> decode_alias(std::string_view octets);
std::optional<StoredCredentials> decode_credentials(std::string_view octets);
std::optional<std::vector<KnownNetwork>> decode_known_networks(std::string_view octets);
std::optional<std::vector<WebSession>> decode_web_sessions(std::string_view octets);
std::optional<StoredAppPasswords> decode_app_passwords(std::string_view octets);
std::optional<SecondFactor> decode_second_factor(std::string_view octets);
std::optional<std::vector<PushSubscription>> decode_push_subscriptions(std::string_view octets);
std::optional<std::vector<Passkey>> decode_passkeys(std::string_view octets);
std::optional<SigningKey> decode_signing_key(std::string_view octets);
std::optional<Role> decode_role(std::string_view octets);
std::optional<EmailAddress> decode_address(std::string_view octets);
std::optional<std::uint64_t> decode_number(std::string_view octets);
std::optional<std::string> decode_octets(std::string_view octets);
/// The id in the key of an id or removal row.
std::optional<AccountId> decode_id_key(std::string_view key);

} // namespace tegami::directory::records
