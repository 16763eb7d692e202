#include "directory/password.h"

#include "base/ascii.h"
#include "base/assert.h"
#include "message/utf8.h"

#include <argon2.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tegami::directory {

namespace {

constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kSaltBytes = 16;

// Of the passwords that lists of stolen ones name first, those that are long enough; both in order.
constexpr std::string_view kCommon[] = {
    "0123456789", "0987654321", "12341234",   "12344321", "12345678",     "123456789",  "1234567890", "123456789a",
    "123qweasd",  "1q2w3e4r",   "1q2w3e4r5t", "1qaz2wsx", "1qazxsw2",     "87654321",   "88888888",   "987654321",
    "a1b2c3d4",   "aa123456",   "abc12345",   "abcd1234", "asdf1234",     "p@$$w0rd",   "p@ssw0rd",   "pass1234",
    "passw0rd",   "q1w2e3r4",   "qazwsxedc",  "qwer1234", "qwerty123456", "qwertyuiop", "zaq12wsx",   "zxcvbnm123",
};
constexpr std::string_view kCommonStems[] = {
    "admin",    "administrator", "asdfasdf", "asdfghjk", "asdfghjkl", "baseball",   "changeme",
    "computer", "football",      "iloveyou", "internet", "letmein",   "monkey",     "p@ssword",
    "passw0rd", "password",      "princess", "qwerty",   "qwertyui",  "qwertyuiop", "secret",
    "starwars", "sunshine",      "superman", "test",     "trustno",   "welcome",    "whatever",
};
static_assert(std::ranges::is_sorted(kCommon) && std::ranges::is_sorted(kCommonStems));

} // namespace

Salts Salts::make(RandomSource& random) {
    Salts salts{.argon2id = std::string(kSaltBytes, '\0'), .scram = std::string(kSaltBytes, '\0')};
    random.fill(salts.argon2id.data(), kSaltBytes);
    random.fill(salts.scram.data(), kSaltBytes);
    return salts;
}

std::optional<Error> check_new_password(std::string_view password) {
    if (password.empty()) return Error{.code = ErrorCode::invalid, .message = "the password is empty"};
    if (password.size() > kNewPasswordBytesMax)
        return Error{.code = ErrorCode::invalid,
                     .message = fmt::format("the password is longer than {} octets", kNewPasswordBytesMax)};
    if (!sasl::prepare_password(password))
        return Error{.code = ErrorCode::invalid,
                     .message = "the password must be UTF-8 text without control characters"};
    return std::nullopt;
}

std::optional<Error> check_chosen_password(std::string_view password) {
    if (const auto error = check_new_password(password)) return error;
    if (message::utf8_length(password) >= kNewPasswordCharactersMin) return std::nullopt;
    return Error{.code = ErrorCode::invalid,
                 .message =
                     fmt::format("the password is too short: it needs {} characters", kNewPasswordCharactersMin)};
}

bool is_guessed_first(std::string_view password, const EmailAddress& address) {
    const std::string lower = ascii::lower(password);
    const std::string local_part = ascii::lower(address.local_part);
    const std::string& domain = address.domain.ascii();
    const bool one_character = lower.find_first_not_of(lower.front()) == std::string::npos;
    const bool of_address = lower == local_part || lower == domain || lower == local_part + "@" + domain ||
                            lower == domain.substr(0, domain.find('.'));
    // "password", and "password1", "password123!": what people add when a rule asks for more.
    const std::string_view stem = std::string_view(lower).substr(0, lower.find_last_not_of("0123456789!.?") + 1);
    return one_character || of_address || std::ranges::binary_search(kCommon, lower) ||
           std::ranges::binary_search(kCommonStems, stem);
}

StoredCredentials derive_credentials(std::string_view password, const Salts& salts, const PasswordCost& cost) {
    const std::string prepared = sasl::usable_password(password);
    std::string encoded(argon2_encodedlen(cost.passes, cost.memory_kib, cost.lanes, kSaltBytes, kHashBytes, Argon2_id),
                        '\0');
    const int status =
        argon2id_hash_encoded(cost.passes, cost.memory_kib, cost.lanes, prepared.data(), prepared.size(),
                              salts.argon2id.data(), salts.argon2id.size(), kHashBytes, encoded.data(), encoded.size());
    // Every argument is ours; what remains is memory, without which the process cannot go on either.
    ASSERT(status == ARGON2_OK);
    encoded.resize(encoded.find('\0'));
    return {.hash = std::move(encoded), .scram = sasl::derive_scram_keys(password, salts.scram, cost.scram_iterations)};
}

bool verify_password(std::string_view password, const std::string& argon2id) {
    const std::string prepared = sasl::usable_password(password);
    return argon2id_verify(argon2id.c_str(), prepared.data(), prepared.size()) == ARGON2_OK;
}

std::string generate_password(RandomSource& random) {
    // Without i, l, o, 0 and 1, which people confuse when they copy by hand.
    constexpr std::string_view kAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";
    std::string password;
    for (int at = 0; at < 20; ++at) {
        if (at != 0 && at % 5 == 0) password += '-';
        password += kAlphabet[random.below(kAlphabet.size())];
    }
    return password;
}

} // namespace tegami::directory
