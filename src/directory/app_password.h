// A password that was made for one program or device, beside the one of the account. Pure.
//
// 1. It is 135 bits of chance, made here and shown once: nobody guesses it, so it is kept under a quick hash, and for SCRAM
//    as keys with the salt and the iterations that all secrets of the account share (protocol/sasl/scram.h).
// 2. It is written in groups with hyphens. Who shows it may leave them out, or write blanks or capitals; SCRAM, where nothing
//    is shown, takes it as it is written.
// 3. It opens the services that it is for, from the networks that it is for, and never the web face.
// 4. One that is for programs over HTTP alone (JMAP, the administration) is a token: it is written with a prefix that leak scanners
//    know, and with the account's number, so that it can stand alone (RFC 6750).
#pragma once

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/random.h"
#include "directory/login_client.h"
#include "directory/types.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::directory {

/// Limit: app passwords of one account.
inline constexpr std::size_t kAppPasswordsMax = 64;
/// Limit: octets of what somebody calls one.
inline constexpr std::size_t kAppPasswordNameBytesMax = 100;
/// Limit: networks that one may be used from.
inline constexpr std::size_t kAppPasswordNetworksMax = 16;

/// What somebody wants one to be.
struct AppPasswordWish {
    std::string name;
    std::set<LoginService> services{kMailServices.begin(), kMailServices.end()};
    std::vector<IpNetwork> networks{}; ///< empty: from anywhere

    bool is_token() const;

    bool operator==(const AppPasswordWish&) const = default;
};

struct AppPassword {
    std::string id; ///< what people call it by; not secret
    AppPasswordWish wish;
    Timestamp made{};
    std::uint64_t used_day = 0; ///< of the last use, since 1970; 0: never
    std::string used_from{};    ///< the network then, as network_of() prints it
    std::string hash{};         ///< of its letters
    std::string stored_key{};   ///< of SCRAM, as it is written
    std::string server_key{};

    bool operator==(const AppPassword&) const = default;
};

/// Those of one account.
struct StoredAppPasswords {
    std::string salt; ///< of all hashes, and what SCRAM shows
    std::uint32_t iterations = 0;
    std::vector<AppPassword> passwords; ///< the one made last at the end

    bool operator==(const StoredAppPasswords&) const = default;
};

/// What is wrong with a wish, or nothing.
std::optional<Error> check_wish(const AppPasswordWish& wish);

/// Five groups of six letters, none of which looks like another; a token of the account's (`tegami_7_` and the letters) if that is
/// what is wished for.
std::string generate_app_password(const AppPasswordWish& wish, AccountId account, RandomSource& random);
/// Whose a token says it is; nothing if it has not the form of one.
std::optional<AccountId> account_of_access_token(std::string_view shown);
/// The letters of one that somebody shows, also of a token; nothing if it cannot be one.
std::optional<std::string> app_password_letters(std::string_view shown);
/// What is kept of its letters.
std::string hash_app_password(std::string_view salt, std::string_view letters);

/// Why it does not open this service for this client, as a word for the log: "wrong-protocol", "wrong-network"; empty: it
/// does.
std::string_view why_refused(const AppPassword& password, const LoginClient& client);

} // namespace tegami::directory
