#include "protocol/web_push/encryption.h"

#include "base/assert.h"
#include "base/freer.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <cstdint>
#include <memory>

namespace tegami::web_push {

namespace {

using std::string_literals::operator""s;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>>;
using Derivation = std::unique_ptr<EVP_KDF, Freer<EVP_KDF_free>>;
using DerivationContext = std::unique_ptr<EVP_KDF_CTX, Freer<EVP_KDF_CTX_free>>;

constexpr std::size_t kContentKeyBytes = 16;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
/// What every record ends with that is the last one, before padding.
constexpr char kLastRecord = '\x02';

unsigned char* octets_in(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

/// HKDF with SHA-256 (RFC 5869).
std::string derive(std::string secret, std::string salt, std::string info, std::size_t size) {
    std::string digest("SHA256");
    const std::array<OSSL_PARAM, 5> parts{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret.data(), secret.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt.data(), salt.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()), OSSL_PARAM_construct_end()};
    const Derivation hkdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    const DerivationContext context(EVP_KDF_CTX_new(hkdf.get()));
    std::string derived(size, '\0');
    ASSERT(EVP_KDF_derive(context.get(), octets_in(derived), derived.size(), parts.data()) == 1);
    return derived;
}

std::string seal(std::string text, std::string key, std::string nonce) {
    const Cipher context(EVP_CIPHER_CTX_new());
    std::string sealed(text.size() + kTagBytes, '\0');
    int written = 0;
    int more = 0;
    const bool done =
        EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, octets_in(key), octets_in(nonce)) == 1 &&
        EVP_EncryptUpdate(context.get(), octets_in(sealed), &written, octets_in(text), static_cast<int>(text.size())) ==
            1 &&
        EVP_EncryptFinal_ex(context.get(), octets_in(sealed) + written, &more) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, octets_in(sealed) + text.size()) == 1;
    ASSERT(done);
    return sealed;
}

} // namespace

bool is_receiver(const Receiver& receiver) {
    return receiver.secret.size() == kSecretBytes && p256::is_public_key(receiver.public_key);
}

std::optional<std::string> encrypt(std::string_view text, const Receiver& receiver, const p256::Key& once,
                                   std::string_view salt) {
    ASSERT(text.size() <= kTextBytesMax && salt.size() == kSaltBytes);
    if (receiver.secret.size() != kSecretBytes) return std::nullopt;
    const auto shared = once.agree(receiver.public_key);
    if (!shared) return std::nullopt;
    // RFC 8291 §3.3, §3.4
    const std::string info = "WebPush: info\0"s + receiver.public_key + once.public_octets();
    return encode_aes128gcm(text, derive(*shared, receiver.secret, info, 32), salt, once.public_octets());
}

std::string encode_aes128gcm(std::string_view text, std::string_view secret, std::string_view salt,
                             std::string_view key_id) {
    const std::string own(secret);
    const std::string with(salt);
    std::string body = with;
    for (const int shift : {24, 16, 8, 0})
        body += static_cast<char>(kMessageBytesMax >> shift & 0xff); // the record size
    body += static_cast<char>(key_id.size());
    body += key_id;
    return body + seal(std::string(text) + kLastRecord,
                       derive(own, with, "Content-Encoding: aes128gcm\0"s, kContentKeyBytes),
                       derive(own, with, "Content-Encoding: nonce\0"s, kNonceBytes));
}

} // namespace tegami::web_push
