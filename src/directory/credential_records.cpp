// The rows of what somebody shows to log in, beside the account's own password.
#include "directory/records.h"

#include "store/record_coding.h"

#include <map>

namespace tegami::directory::records {

namespace {

using bytes::append_string;
using bytes::append_varint;
using bytes::Reader;
using store::record::begin_value;
using store::record::open_value;

std::uint64_t number_of(Timestamp moment) {
    return static_cast<std::uint64_t>(moment.time_since_epoch().count());
}

Timestamp moment_of(std::uint64_t number) {
    return Timestamp(Timestamp::duration(static_cast<std::int64_t>(number)));
}

void append(std::string& record, const AppPasswordWish& wish) {
    append_string(record, wish.name);
    append_varint(record, wish.services.size());
    for (const LoginService service : wish.services)
        append_string(record, word_of(service));
    append_varint(record, wish.networks.size());
    for (const IpNetwork& network : wish.networks)
        append_string(record, network.to_string());
}

std::optional<AppPasswordWish> read_wish(Reader& reader) {
    AppPasswordWish wish{.name = std::string(reader.string()), .services = {}};
    const std::uint64_t services = reader.varint();
    for (std::uint64_t at = 0; at < services && !reader.failed(); ++at) {
        const auto service = find_app_password_service(reader.string());
        if (!service) return std::nullopt;
        wish.services.insert(*service);
    }
    const std::uint64_t networks = reader.varint();
    for (std::uint64_t at = 0; at < networks && !reader.failed(); ++at) {
        const auto network = IpNetwork::parse(reader.string());
        if (!network) return std::nullopt;
        wish.networks.push_back(*network);
    }
    return wish;
}

/// The kinds of second factors in their rows.
enum class FactorKind : std::uint64_t { totp = 1, passkeys = 2, required = 3 };

std::string encode_totp(const TotpFactor& totp) {
    std::string record;
    append_string(record, totp.secret);
    append_varint(record, totp.confirmed ? 1 : 0);
    append_varint(record, totp.last_step);
    return record;
}

std::optional<TotpFactor> decode_totp(std::string_view octets) {
    Reader reader(octets);
    TotpFactor totp{.secret = std::string(reader.string())};
    totp.confirmed = reader.varint() != 0;
    totp.last_step = reader.varint();
    if (!reader.complete() || totp.secret.empty()) return std::nullopt;
    return totp;
}

/// Puts what a kind has into the factor; false if that cannot be read.
bool take_factor(SecondFactor& factor, std::uint64_t kind, std::string_view octets) {
    switch (kind) {
    case static_cast<std::uint64_t>(FactorKind::totp): {
        auto totp = decode_totp(octets);
        if (!totp) return false;
        factor.totp = *std::move(totp);
        return true;
    }
    case static_cast<std::uint64_t>(FactorKind::passkeys): factor.by_passkeys = true; return octets.empty();
    case static_cast<std::uint64_t>(FactorKind::required): factor.required = true; return octets.empty();
    default: return false;
    }
}

} // namespace

std::string encode(const StoredAppPasswords& stored) {
    std::string record = begin_value();
    append_string(record, stored.salt);
    append_varint(record, stored.iterations);
    append_varint(record, stored.passwords.size());
    for (const AppPassword& password : stored.passwords) {
        append_string(record, password.id);
        append(record, password.wish);
        append_varint(record, number_of(password.made));
        append_varint(record, password.used_day);
        append_string(record, password.used_from);
        append_string(record, password.hash);
        append_string(record, password.stored_key);
        append_string(record, password.server_key);
    }
    return record;
}

std::optional<StoredAppPasswords> decode_app_passwords(std::string_view octets) {
    Reader reader = open_value(octets);
    StoredAppPasswords stored{.salt = std::string(reader.string()), .passwords = {}};
    stored.iterations = static_cast<std::uint32_t>(reader.varint());
    const std::uint64_t count = reader.varint();
    for (std::uint64_t at = 0; at < count && !reader.failed(); ++at) {
        AppPassword password{.id = std::string(reader.string()), .wish = {.name = {}}};
        auto wish = read_wish(reader);
        if (!wish) return std::nullopt;
        password.wish = *std::move(wish);
        password.made = moment_of(reader.varint());
        password.used_day = reader.varint();
        password.used_from = reader.string();
        password.hash = reader.string();
        password.stored_key = reader.string();
        password.server_key = reader.string();
        stored.passwords.push_back(std::move(password));
    }
    if (!reader.complete()) return std::nullopt;
    return stored;
}

std::string encode(const SecondFactor& factor) {
    std::string record = begin_value();
    std::map<FactorKind, std::string> factors;
    if (!factor.totp.secret.empty()) factors.emplace(FactorKind::totp, encode_totp(factor.totp));
    if (factor.by_passkeys) factors.emplace(FactorKind::passkeys, "");
    if (factor.required) factors.emplace(FactorKind::required, "");
    append_varint(record, factors.size());
    for (const auto& [kind, octets] : factors) {
        append_varint(record, static_cast<std::uint64_t>(kind));
        append_string(record, octets);
    }
    append_varint(record, factor.recovery_hashes.size());
    for (const std::string& hash : factor.recovery_hashes)
        append_string(record, hash);
    return record;
}

std::optional<SecondFactor> decode_second_factor(std::string_view octets) {
    Reader reader = open_value(octets);
    SecondFactor factor;
    const std::uint64_t factors = reader.varint();
    for (std::uint64_t at = 0; at < factors && !reader.failed(); ++at) {
        const std::uint64_t kind = reader.varint();
        if (!take_factor(factor, kind, reader.string())) return std::nullopt;
    }
    const std::uint64_t hashes = reader.varint();
    for (std::uint64_t at = 0; at < hashes && !reader.failed(); ++at)
        factor.recovery_hashes.emplace_back(reader.string());
    if (!reader.complete()) return std::nullopt;
    return factor;
}

std::string encode(const std::vector<PushSubscription>& subscriptions) {
    std::string record = begin_value();
    append_varint(record, subscriptions.size());
    for (const PushSubscription& each : subscriptions) {
        append_string(record, each.id);
        append_string(record, each.owner.web_session);
        append_string(record, each.owner.app_password);
        append_varint(record, each.owner.credentials_version);
        append_string(record, each.device);
        append_string(record, each.url);
        append_string(record, each.public_key);
        append_string(record, each.secret);
        append_string(record, each.code);
        append_varint(record, each.verified ? 1 : 0);
        append_varint(record, number_of(each.expires));
        append_varint(record, each.types ? each.types->size() + 1 : 0);
        for (const std::string& type : each.types.value_or(std::vector<std::string>()))
            append_string(record, type);
    }
    return record;
}

std::string encode(const std::vector<Passkey>& passkeys) {
    std::string record = begin_value();
    append_varint(record, passkeys.size());
    for (const Passkey& passkey : passkeys) {
        append_string(record, passkey.id);
        append_string(record, passkey.name);
        append_string(record, passkey.credential.id);
        append_string(record, passkey.credential.key);
        append_varint(record, passkey.credential.counter);
        append_varint(record, number_of(passkey.made));
        append_varint(record, passkey.used_day);
    }
    return record;
}

std::optional<std::vector<PushSubscription>> decode_push_subscriptions(std::string_view octets) {
    Reader reader = open_value(octets);
    const std::uint64_t count = reader.varint();
    std::vector<PushSubscription> subscriptions;
    for (std::uint64_t at = 0; at < count && !reader.failed(); ++at) {
        PushSubscription one;
        one.id = reader.string();
        one.owner.web_session = reader.string();
        one.owner.app_password = reader.string();
        one.owner.credentials_version = reader.varint();
        one.device = reader.string();
        one.url = reader.string();
        one.public_key = reader.string();
        one.secret = reader.string();
        one.code = reader.string();
        one.verified = reader.varint() != 0;
        one.expires = moment_of(reader.varint());
        const std::uint64_t types = reader.varint();
        if (types != 0) one.types.emplace();
        for (std::uint64_t number = 1; number < types && !reader.failed(); ++number)
            one.types->emplace_back(reader.string());
        subscriptions.push_back(std::move(one));
    }
    if (!reader.complete()) return std::nullopt;
    return subscriptions;
}

std::optional<std::vector<Passkey>> decode_passkeys(std::string_view octets) {
    Reader reader = open_value(octets);
    std::vector<Passkey> passkeys;
    const std::uint64_t count = reader.varint();
    for (std::uint64_t at = 0; at < count && !reader.failed(); ++at) {
        Passkey passkey{.id = std::string(reader.string()), .name = std::string(reader.string()), .credential = {}};
        passkey.credential.id = reader.string();
        passkey.credential.key = reader.string();
        passkey.credential.counter = static_cast<std::uint32_t>(reader.varint());
        passkey.made = moment_of(reader.varint());
        passkey.used_day = reader.varint();
        passkeys.push_back(std::move(passkey));
    }
    if (!reader.complete()) return std::nullopt;
    return passkeys;
}

} // namespace tegami::directory::records
