#include "directory/totp.h"

#include "base/ascii.h"
#include "base/assert.h"
#include "protocol/sasl/scram.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

namespace tegami::directory {

namespace {

constexpr std::size_t kTotpSecretBytes = 20;
constexpr std::size_t kSha1Bytes = 20;
constexpr std::uint32_t kTotpModulus = 1'000'000; // six digits

/// RFC 3986 §2.1
std::string percent_encoded(std::string_view text) {
    std::string encoded;
    for (const char each : text) {
        if (ascii::is_alnum(each) || std::string_view("-._~").contains(each))
            encoded += each;
        else
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(each));
    }
    return encoded;
}

} // namespace

std::string new_totp_secret(RandomSource& random) {
    std::string secret(kTotpSecretBytes, '\0');
    random.fill(secret.data(), secret.size());
    return secret;
}

std::string totp_code(std::string_view secret, std::uint64_t step) {
    std::array<unsigned char, 8> counter{};
    for (std::size_t at = 0; at < counter.size(); ++at)
        counter[counter.size() - 1 - at] = static_cast<unsigned char>(step >> (8 * at));
    std::array<unsigned char, kSha1Bytes> mac{};
    unsigned int length = 0;
    const auto* const made = HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(),
                                  counter.size(), mac.data(), &length);
    ASSERT(made != nullptr && length == mac.size());
    const std::size_t offset = mac.back() & 0xfU;
    std::uint32_t number = 0;
    for (std::size_t at = 0; at < 4; ++at)
        number = (number << 8) | mac.at(offset + at);
    return fmt::format("{:06}", (number & 0x7fff'ffffU) % kTotpModulus);
}

std::uint64_t totp_step_at(Timestamp moment) {
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(moment).time_since_epoch() / kTotpStep);
}

std::optional<std::uint64_t> find_totp_step(std::string_view secret, std::string_view code, std::uint64_t last_used,
                                            Timestamp now) {
    const std::uint64_t present = totp_step_at(now);
    std::optional<std::uint64_t> found;
    for (std::uint64_t step = present - kTotpStepsAround; step <= present + kTotpStepsAround; ++step)
        if (step > last_used && sasl::equal_in_constant_time(totp_code(secret, step), code)) found = step;
    return found;
}

std::string base32(std::string_view octets) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string text;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char each : octets) {
        bits = (bits << 8) | static_cast<unsigned char>(each);
        held += 8;
        while (held >= 5) {
            held -= 5;
            text += kAlphabet[(bits >> held) & 0x1fU];
        }
        bits &= (1U << held) - 1;
    }
    if (held != 0) text += kAlphabet[(bits << (5 - held)) & 0x1fU];
    return text;
}

std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view account) {
    return fmt::format("otpauth://totp/{0}:{1}?secret={2}&issuer={0}&algorithm=SHA1&digits=6&period=30",
                       percent_encoded(issuer), percent_encoded(account), base32(secret));
}

} // namespace tegami::directory
