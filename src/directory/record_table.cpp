#include "directory/record_table.h"

#include <algorithm>
#include <array>

namespace tegami::directory::records {

namespace {

struct RecordKind {
    char letter;
    std::optional<AnyRow> (*decode)(const store::Row& row);
};

/// What `decode` says of a row that is there under a key made of itself.
template <class T, class KeyOf>
std::optional<AnyRow> under_its_key(const store::Row& row, std::optional<T> decoded, KeyOf key_of) {
    if (!decoded || key_of(*decoded) != row.key) return std::nullopt;
    return AnyRow(*std::move(decoded));
}

/// What `decode` says of a row whose key ends in an id.
template <class T, class Decode>
std::optional<AnyRow> with_id(const store::Row& row, Decode decode) {
    const auto id = decode_id_key(row.key);
    if (!id) return std::nullopt;
    auto decoded = decode(*id, row.value);
    if (!decoded) return std::nullopt;
    return AnyRow(T{*id, *std::move(decoded)});
}

std::optional<AnyRow> domain_row(const store::Row& row) {
    return under_its_key(row, decode_domain(row.value),
                         [](const DomainSettings& domain) { return domain_key(domain.name); });
}

std::optional<AnyRow> account_row(const store::Row& row) {
    return under_its_key(row, decode_account(row.value),
                         [](const Account& account) { return account_key(account.address); });
}

std::optional<AnyRow> alias_row(const store::Row& row) {
    return under_its_key(row, decode_alias(row.value), [](const Alias& alias) { return alias_key(alias.address); });
}

std::optional<AnyRow> signing_key_row(const store::Row& row) {
    return under_its_key(row, decode_signing_key(row.value),
                         [](const SigningKey& key) { return signing_key_key(key.domain, key.selector); });
}

std::optional<AnyRow> address_row(const store::Row& row) {
    return with_id<AddressRow>(row, [](AccountId, std::string_view octets) { return decode_address(octets); });
}

std::optional<AnyRow> credentials_row(const store::Row& row) {
    return with_id<CredentialsRow>(row, [](AccountId, std::string_view octets) { return decode_credentials(octets); });
}

std::optional<AnyRow> known_networks_row(const store::Row& row) {
    return with_id<KnownNetworksRow>(row,
                                     [](AccountId, std::string_view octets) { return decode_known_networks(octets); });
}

std::optional<AnyRow> web_sessions_row(const store::Row& row) {
    return with_id<WebSessionsRow>(row, [](AccountId, std::string_view octets) { return decode_web_sessions(octets); });
}

std::optional<AnyRow> app_passwords_row(const store::Row& row) {
    return with_id<AppPasswordsRow>(row,
                                    [](AccountId, std::string_view octets) { return decode_app_passwords(octets); });
}

std::optional<AnyRow> second_factor_row(const store::Row& row) {
    return with_id<SecondFactorRow>(row,
                                    [](AccountId, std::string_view octets) { return decode_second_factor(octets); });
}

std::optional<AnyRow> push_subscriptions_row(const store::Row& row) {
    return with_id<PushSubscriptionsRow>(
        row, [](AccountId, std::string_view octets) { return decode_push_subscriptions(octets); });
}

std::optional<AnyRow> passkeys_row(const store::Row& row) {
    return with_id<PasskeysRow>(row, [](AccountId, std::string_view octets) { return decode_passkeys(octets); });
}

std::optional<AnyRow> role_row(const store::Row& row) {
    return with_id<RoleRow>(row, [](AccountId, std::string_view octets) { return decode_role(octets); });
}

std::optional<AnyRow> removal_row(const store::Row& row) {
    return with_id<RemovalRow>(row, decode_removed_account);
}

std::optional<AnyRow> next_id_row(const store::Row& row) {
    const auto id = decode_number(row.value);
    if (!id || row.key != next_id_key()) return std::nullopt;
    return NextIdRow{*id};
}

std::optional<AnyRow> secret_row(const store::Row& row) {
    auto octets = decode_octets(row.value);
    if (!octets || row.key != secret_key()) return std::nullopt;
    return SecretRow{*std::move(octets)};
}

std::optional<AnyRow> push_key_row(const store::Row& row) {
    auto octets = decode_octets(row.value);
    if (!octets || row.key != push_key_key()) return std::nullopt;
    return PushKeyRow{*std::move(octets)};
}

constexpr std::array kRecords{
    RecordKind{'a', address_row},        RecordKind{'c', credentials_row},
    RecordKind{'d', domain_row},         RecordKind{'f', second_factor_row},
    RecordKind{'h', passkeys_row},       RecordKind{'i', next_id_row},
    RecordKind{'k', known_networks_row}, RecordKind{'l', alias_row},
    RecordKind{'m', signing_key_row},    RecordKind{'n', account_row},
    RecordKind{'p', app_passwords_row},  RecordKind{'r', role_row},
    RecordKind{'s', secret_row},         RecordKind{'u', push_subscriptions_row},
    RecordKind{'v', push_key_row},       RecordKind{'w', web_sessions_row},
    RecordKind{'x', removal_row},
};

} // namespace

std::optional<AnyRow> decode_row(const store::Row& row) {
    if (row.key.empty()) return std::nullopt;
    const auto kind = std::ranges::find(kRecords, row.key.front(), &RecordKind::letter);
    return kind == kRecords.end() ? std::nullopt : kind->decode(row);
}

} // namespace tegami::directory::records
