#include "protocol/sasl/scram.h"

#include "base/ascii.h"
#include "base/assert.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace tegami::sasl {

namespace {

const unsigned char* octets_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* octets_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

/// Appends what OpaqueString makes of one code point. False if the FreeformClass forbids it (RFC 8264 §4.3).
bool append_prepared(UChar32 point, std::string& out) {
    const int category = u_charType(point);
    if (category == U_SPACE_SEPARATOR) {
        out += ' ';
        return true;
    }
    const bool forbidden = category == U_CONTROL_CHAR || category == U_SURROGATE || category == U_UNASSIGNED ||
                           category == U_PRIVATE_USE_CHAR ||
                           u_hasBinaryProperty(point, UCHAR_NONCHARACTER_CODE_POINT) ||
                           u_hasBinaryProperty(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
    if (forbidden) return false;
    char buffer[U8_MAX_LENGTH];
    std::int32_t length = 0;
    U8_APPEND_UNSAFE(buffer, length, point);
    out.append(buffer, static_cast<std::size_t>(length));
    return true;
}

} // namespace

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string sha256(std::string_view octets) {
    std::string digest(kScramKeyBytes, '\0');
    SHA256(octets_of(octets), octets.size(), octets_of(digest));
    return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view octets) {
    std::string mac(kScramKeyBytes, '\0');
    unsigned int length = 0;
    const auto* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets_of(octets), octets.size(),
                            octets_of(mac), &length);
    ASSERT(made != nullptr && length == mac.size());
    return mac;
}

std::string salted_password(std::string_view password, std::string_view salt, std::uint32_t iterations) {
    std::string salted(kScramKeyBytes, '\0');
    const int made = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), octets_of(salt),
                                       static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(),
                                       static_cast<int>(salted.size()), octets_of(salted));
    ASSERT(made == 1);
    return salted;
}

ScramSecrets secrets_of(const ScramKeys& keys) {
    return {.salt = keys.salt,
            .iterations = keys.iterations,
            .verifiers = {{.stored_key = keys.stored_key, .server_key = keys.server_key}}};
}

ScramKeys derive_scram_keys(std::string_view password, std::string_view salt, std::uint32_t iterations) {
    const std::string salted = salted_password(usable_password(password), salt, iterations);
    return {.salt = std::string(salt),
            .iterations = iterations,
            .stored_key = sha256(hmac_sha256(salted, "Client Key")),
            .server_key = hmac_sha256(salted, "Server Key")};
}

std::optional<std::string> prepare_password(std::string_view password) {
    if (password.empty()) return std::nullopt;
    if (std::ranges::all_of(password, [](char c) { return c == ' ' || ascii::is_vchar(c); }))
        return std::string(password);

    std::string prepared;
    const auto length = static_cast<std::int32_t>(password.size());
    for (std::int32_t at = 0; at < length;) {
        UChar32 point = 0;
        U8_NEXT(password.data(), at, length, point);
        if (point < 0 || !append_prepared(point, prepared)) return std::nullopt;
    }

    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
    if (U_FAILURE(status)) return std::nullopt;
    std::string normalised;
    icu::StringByteSink<std::string> sink(&normalised);
    nfc->normalizeUTF8(0, icu::StringPiece(prepared.data(), static_cast<std::int32_t>(prepared.size())), sink, nullptr,
                       status);
    if (U_FAILURE(status)) return std::nullopt;
    return normalised;
}

std::string usable_password(std::string_view password) {
    std::optional<std::string> prepared = prepare_password(password);
    return prepared ? *std::move(prepared) : std::string(password);
}

} // namespace tegami::sasl
