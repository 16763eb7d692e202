#include "directory/second_factor.h"

#include "base/ascii.h"
#include "protocol/sasl/scram.h"

#include <algorithm>

namespace tegami::directory {

namespace {

/// Sixteen letters, 72 bits: with that many a quick hash is enough.
constexpr std::string_view kRecoveryLetters = "abcdefghjkmnpqrstuvwxyz";
constexpr std::size_t kRecoveryLength = 16;
constexpr std::size_t kRecoveryGroup = 4;

std::string hash_recovery_code(std::string_view code) {
    return sasl::sha256(code);
}

/// What is meant by what somebody types.
std::string without_gaps(std::string_view typed) {
    std::string meant = ascii::lower(typed);
    std::erase_if(meant, [](char each) { return each == ' ' || each == '-'; });
    return meant;
}

} // namespace

std::vector<std::string> SecondFactor::kinds(bool has_passkeys) const {
    std::vector<std::string> all;
    if (totp.confirmed) all.emplace_back("totp");
    if (in_force() && has_passkeys) all.emplace_back("passkey");
    return all;
}

RecoveryCodes RecoveryCodes::make(RandomSource& random) {
    RecoveryCodes codes;
    for (std::size_t count = 0; count < kRecoveryCodes; ++count) {
        std::string shown;
        for (std::size_t at = 0; at < kRecoveryLength; ++at) {
            if (at != 0 && at % kRecoveryGroup == 0) shown += '-';
            shown += kRecoveryLetters[random.below(kRecoveryLetters.size())];
        }
        codes.hashes.push_back(hash_recovery_code(without_gaps(shown)));
        codes.shown.push_back(std::move(shown));
    }
    return codes;
}

bool use_code(SecondFactor& factor, std::string_view code, Timestamp now) {
    const std::string meant = without_gaps(code);
    const TotpFactor& totp = factor.totp;
    const auto step = totp.confirmed ? find_totp_step(totp.secret, meant, totp.last_step, now) : std::nullopt;
    if (step) {
        factor.totp.last_step = *step;
        return true;
    }
    const std::string hash = hash_recovery_code(meant);
    const auto used = std::ranges::find_if(
        factor.recovery_hashes, [&](const std::string& each) { return sasl::equal_in_constant_time(each, hash); });
    if (used == factor.recovery_hashes.end()) return false;
    factor.recovery_hashes.erase(used);
    return true;
}

} // namespace tegami::directory
