#include "directory/records.h"

#include "store/record_coding.h"

namespace tegami::directory::records {

namespace {

using bytes::append_string;
using bytes::append_varint;
using bytes::Reader;
using store::record::begin_value;
using store::record::key;
using store::record::open_value;

enum Kind : char {
    kDomain = 'd',
    kAccount = 'n',
    kId = 'a',
    kCredentials = 'c',
    kKnownNetworks = 'k',
    kAlias = 'l',
    kSigningKey = 'm',
    kWebSessions = 'w',
    kAppPasswords = 'p',
    kSecondFactor = 'f',
    kPushSubscriptions = 'u',
    kPasskeys = 'h',
    kRole = 'r',
    kRemoval = 'x',
    kNextId = 'i',
    kSecret = 's',
    kPushKey = 'v',
};

KeyRange names_of(Kind kind, const std::optional<message::Domain>& domain) {
    std::string prefix(1, kind);
    if (domain) prefix += domain->ascii() + '\0';
    return prefix_range(std::move(prefix));
}

std::optional<EmailAddress> read_address(Reader& reader) {
    auto address = message::parse_email_address(reader.string());
    if (!address) return std::nullopt;
    return *std::move(address);
}

} // namespace

std::string domain_key(const message::Domain& domain) {
    return std::string(1, kDomain) + domain.ascii();
}

std::string account_key(const EmailAddress& address) {
    return std::string(1, kAccount) + address_key(address);
}

std::string alias_key(const EmailAddress& address) {
    return std::string(1, kAlias) + address_key(address);
}

std::string signing_key_key(const message::Domain& domain, std::string_view selector) {
    return std::string(1, kSigningKey) + domain.ascii() + '\0' + std::string(selector);
}

std::string id_key(AccountId id) {
    return key(kId, id.value);
}

std::string credentials_key(AccountId id) {
    return key(kCredentials, id.value);
}

std::string known_networks_key(AccountId id) {
    return key(kKnownNetworks, id.value);
}

std::string web_sessions_key(AccountId id) {
    return key(kWebSessions, id.value);
}

std::string app_passwords_key(AccountId id) {
    return key(kAppPasswords, id.value);
}

std::string second_factor_key(AccountId id) {
    return key(kSecondFactor, id.value);
}

std::string push_subscriptions_key(AccountId id) {
    return key(kPushSubscriptions, id.value);
}

std::string passkeys_key(AccountId id) {
    return key(kPasskeys, id.value);
}

std::string role_key(AccountId id) {
    return key(kRole, id.value);
}

std::string removal_key(AccountId id) {
    return key(kRemoval, id.value);
}

std::string next_id_key() {
    return std::string(1, kNextId);
}

std::string secret_key() {
    return std::string(1, kSecret);
}

std::string push_key_key() {
    return std::string(1, kPushKey);
}

KeyRange prefix_range(std::string prefix) {
    std::string end = prefix;
    // Every prefix ends in a letter or NUL, so adding one never overflows.
    ++end.back();
    return {.begin = std::move(prefix), .end = std::move(end)};
}

KeyRange all_domains() {
    return prefix_range(std::string(1, kDomain));
}

KeyRange all_ids() {
    return prefix_range(std::string(1, kId));
}

KeyRange all_removals() {
    return prefix_range(std::string(1, kRemoval));
}

KeyRange all_web_sessions() {
    return prefix_range(std::string(1, kWebSessions));
}

KeyRange all_push_subscriptions() {
    return prefix_range(std::string(1, kPushSubscriptions));
}

KeyRange all_roles() {
    return prefix_range(std::string(1, kRole));
}

KeyRange accounts_of(const std::optional<message::Domain>& domain) {
    return names_of(kAccount, domain);
}

KeyRange aliases_of(const std::optional<message::Domain>& domain) {
    return names_of(kAlias, domain);
}

KeyRange signing_keys_of(const std::optional<message::Domain>& domain) {
    return names_of(kSigningKey, domain);
}

std::string encode(const DomainSettings& domain) {
    std::string record = begin_value();
    append_string(record, domain.name.ascii());
    append_string(record, domain.catch_all ? domain.catch_all->to_string() : "");
    append_string(record, domain.subaddress_separator);
    // Rows from before there were policies stay as they are: whoever changes one asserts its octets.
    if (domain.sts_mode != kUsualStsMode) append_string(record, tls_policy::to_string(domain.sts_mode));
    return record;
}

std::string encode(const Account& account) {
    std::string record = begin_value();
    append_varint(record, account.id.value);
    append_string(record, account.address.to_string());
    append_varint(record, account.quota_bytes);
    append_varint(record, account.enabled ? 1 : 0);
    append_varint(record, static_cast<std::uint64_t>(account.created.time_since_epoch().count()));
    append_varint(record, account.credentials_version);
    if (!account.foreign_hash.empty()) append_string(record, account.foreign_hash);
    return record;
}

std::string encode(const RemovedAccount& removed) {
    std::string record = begin_value();
    append_string(record, encode(removed.account));
    append_varint(record, static_cast<std::uint64_t>(removed.removed.time_since_epoch().count()));
    append_varint(record, removed.erasing ? 1 : 0);
    return record;
}

std::string encode(const Alias& alias) {
    std::string record = begin_value();
    append_string(record, alias.address.to_string());
    append_varint(record, alias.targets.size());
    for (const EmailAddress& target : alias.targets)
        append_string(record, target.to_string());
    return record;
}

std::string encode(const StoredCredentials& credentials) {
    std::string record = begin_value();
    append_string(record, credentials.hash);
    append_string(record, credentials.scram.salt);
    append_varint(record, credentials.scram.iterations);
    append_string(record, credentials.scram.stored_key);
    append_string(record, credentials.scram.server_key);
    return record;
}

std::string encode(const std::vector<KnownNetwork>& networks) {
    std::string record = begin_value();
    append_varint(record, networks.size());
    for (const KnownNetwork& known : networks) {
        append_string(record, known.network);
        append_varint(record, known.day);
    }
    return record;
}

std::string encode(const std::vector<WebSession>& sessions) {
    std::string record = begin_value();
    append_varint(record, sessions.size());
    for (const WebSession& session : sessions) {
        append_string(record, session.id);
        append_string(record, session.hash);
        append_string(record, session.hash_before);
        append_varint(record, static_cast<std::uint64_t>(session.since.time_since_epoch().count()));
        append_varint(record, static_cast<std::uint64_t>(session.replaced.time_since_epoch().count()));
        append_varint(record, session.day);
        append_string(record, session.client);
        append_string(record, session.agent);
    }
    return record;
}

std::string encode(const SigningKey& key) {
    std::string record = begin_value();
    append_string(record, key.domain.ascii());
    append_string(record, key.selector);
    append_string(record, key.algorithm);
    append_string(record, key.private_key);
    append_string(record, key.record);
    append_varint(record, static_cast<std::uint64_t>(key.state));
    append_varint(record, static_cast<std::uint64_t>(key.since.time_since_epoch().count()));
    return record;
}

std::string encode(const Role& role) {
    std::string record = begin_value();
    append_varint(record, static_cast<std::uint64_t>(role.kind));
    append_varint(record, role.domains.size());
    for (const message::Domain& domain : role.domains)
        append_string(record, domain.ascii());
    return record;
}

std::string encode(const EmailAddress& address) {
    std::string record = begin_value();
    append_string(record, address.to_string());
    return record;
}

std::string encode_number(std::uint64_t number) {
    std::string record = begin_value();
    append_varint(record, number);
    return record;
}

std::string encode_octets(std::string_view octets) {
    std::string record = begin_value();
    append_string(record, octets);
    return record;
}

std::optional<std::vector<KnownNetwork>> decode_known_networks(std::string_view octets) {
    Reader reader = open_value(octets);
    const std::uint64_t count = reader.varint();
    std::vector<KnownNetwork> networks;
    for (std::uint64_t at = 0; at < count && !reader.failed(); ++at) {
        KnownNetwork known{.network = std::string(reader.string())};
        known.day = reader.varint();
        networks.push_back(std::move(known));
    }
    if (!reader.complete()) return std::nullopt;
    return networks;
}

std::optional<std::vector<WebSession>> decode_web_sessions(std::string_view octets) {
    Reader reader = open_value(octets);
    const std::uint64_t count = reader.varint();
    std::vector<WebSession> sessions;
    for (std::uint64_t at = 0; at < count && !reader.failed(); ++at) {
        WebSession session{
            .id = std::string(reader.string()), .hash = {}, .hash_before = {}, .client = {}, .agent = {}};
        session.hash = reader.string();
        session.hash_before = reader.string();
        session.since = Timestamp(Timestamp::duration(static_cast<std::int64_t>(reader.varint())));
        session.replaced = Timestamp(Timestamp::duration(static_cast<std::int64_t>(reader.varint())));
        session.day = reader.varint();
        session.client = reader.string();
        session.agent = reader.string();
        sessions.push_back(std::move(session));
    }
    if (!reader.complete()) return std::nullopt;
    return sessions;
}

std::optional<DomainSettings> decode_domain(std::string_view octets) {
    Reader reader = open_value(octets);
    const auto name = message::Domain::parse(reader.string());
    const std::string_view catch_all = reader.string();
    const std::string_view separator = reader.string();
    if (reader.failed() || !name) return std::nullopt;
    DomainSettings domain{.name = *name, .subaddress_separator = std::string(separator)};
    if (!reader.rest().empty()) {
        const auto mode = tls_policy::find_sts_mode(reader.string());
        if (!mode || *mode == kUsualStsMode) return std::nullopt; // there is one way to write it
        domain.sts_mode = *mode;
    }
    if (!reader.complete()) return std::nullopt;
    if (!catch_all.empty()) {
        auto address = message::parse_email_address(catch_all);
        if (!address) return std::nullopt;
        domain.catch_all = *std::move(address);
    }
    return domain;
}

std::optional<Account> decode_account(std::string_view octets) {
    Reader reader = open_value(octets);
    const std::uint64_t id = reader.varint();
    const auto address = read_address(reader);
    const std::uint64_t quota_bytes = reader.varint();
    const std::uint64_t enabled = reader.varint();
    const std::uint64_t created = reader.varint();
    const std::uint64_t credentials_version = reader.varint();
    const bool has_own_hash = reader.rest().empty();
    const std::string foreign_hash(has_own_hash ? std::string_view() : reader.string());
    // There is one way to write it.
    if (!reader.complete() || !address || has_own_hash != foreign_hash.empty()) return std::nullopt;
    return Account{.id = AccountId(id),
                   .address = *address,
                   .quota_bytes = quota_bytes,
                   .enabled = enabled != 0,
                   .created = Timestamp(Timestamp::duration(static_cast<std::int64_t>(created))),
                   .credentials_version = credentials_version,
                   .foreign_hash = foreign_hash};
}

std::optional<RemovedAccount> decode_removed_account(AccountId id, std::string_view octets) {
    Reader reader = open_value(octets);
    auto account = decode_account(reader.string());
    const std::uint64_t removed = reader.varint();
    const std::uint64_t erasing = reader.varint();
    if (!reader.complete() || !account || account->id != id) return std::nullopt;
    return RemovedAccount{.account = *std::move(account),
                          .removed = Timestamp(Timestamp::duration(static_cast<std::int64_t>(removed))),
                          .erasing = erasing != 0};
}

std::optional<Alias> decode_alias(std::string_view octets) {
    Reader reader = open_value(octets);
    const auto address = read_address(reader);
    const std::uint64_t count = reader.varint();
    if (reader.failed() || !address || count > kAliasTargetsMax) return std::nullopt;
    Alias alias{.address = *address};
    for (std::uint64_t at = 0; at < count; ++at) {
        auto target = read_address(reader);
        if (!target) return std::nullopt;
        alias.targets.push_back(*std::move(target));
    }
    if (!reader.complete()) return std::nullopt;
    return alias;
}

std::optional<StoredCredentials> decode_credentials(std::string_view octets) {
    Reader reader = open_value(octets);
    StoredCredentials credentials;
    credentials.hash = reader.string();
    credentials.scram.salt = reader.string();
    credentials.scram.iterations = static_cast<std::uint32_t>(reader.varint());
    credentials.scram.stored_key = reader.string();
    credentials.scram.server_key = reader.string();
    if (!reader.complete()) return std::nullopt;
    return credentials;
}

std::optional<SigningKey> decode_signing_key(std::string_view octets) {
    Reader reader = open_value(octets);
    const auto domain = message::Domain::parse(reader.string());
    if (!domain) return std::nullopt;
    SigningKey key{.domain = *domain};
    key.selector = reader.string();
    key.algorithm = reader.string();
    key.private_key = reader.string();
    key.record = reader.string();
    const std::uint64_t state = reader.varint();
    const std::uint64_t since = reader.varint();
    if (!reader.complete() || state > static_cast<std::uint64_t>(SigningKeyState::retired)) return std::nullopt;
    key.state = static_cast<SigningKeyState>(state);
    key.since = Timestamp(Timestamp::duration(static_cast<std::int64_t>(since)));
    return key;
}

/// A user has no row, and only a domain administrator has domains.
std::optional<Role> decode_role(std::string_view octets) {
    Reader reader = open_value(octets);
    const std::uint64_t kind = reader.varint();
    const std::uint64_t count = reader.varint();
    if (reader.failed() || kind == 0 || kind > static_cast<std::uint64_t>(RoleKind::administrator)) return std::nullopt;
    Role role{.kind = static_cast<RoleKind>(kind)};
    if (count > kRoleDomainsMax || (role.kind == RoleKind::domain_administrator) != (count > 0)) return std::nullopt;
    for (std::uint64_t at = 0; at < count; ++at) {
        auto domain = message::Domain::parse(reader.string());
        if (!domain) return std::nullopt;
        role.domains.push_back(*std::move(domain));
    }
    if (!reader.complete()) return std::nullopt;
    return role;
}

std::optional<EmailAddress> decode_address(std::string_view octets) {
    Reader reader = open_value(octets);
    auto address = read_address(reader);
    if (!reader.complete()) return std::nullopt;
    return address;
}

std::optional<std::uint64_t> decode_number(std::string_view octets) {
    Reader reader = open_value(octets);
    const std::uint64_t number = reader.varint();
    if (!reader.complete()) return std::nullopt;
    return number;
}

std::optional<std::string> decode_octets(std::string_view octets) {
    Reader reader = open_value(octets);
    std::string value(reader.string());
    if (!reader.complete()) return std::nullopt;
    return value;
}

std::optional<AccountId> decode_id_key(std::string_view key) {
    Reader reader(key);
    reader.take(1);
    const auto number = reader.big_endian<std::uint64_t>();
    if (!reader.complete()) return std::nullopt;
    return AccountId(number);
}

} // namespace tegami::directory::records
