#include "directory/password.h"

#include "base/assert.h"

#include <argon2.h>
#include <fmt/format.h>

#include <array>

namespace tegami::directory {

namespace {

constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kSaltBytes = 16;

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
    return {.argon2id = std::move(encoded),
            .scram = sasl::derive_scram_keys(password, salts.scram, cost.scram_iterations)};
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
