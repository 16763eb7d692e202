#include "trust/dkim/key.h"

#include "base/ascii.h"
#include "base/assert.h"
#include "base/base64.h"
#include "trust/dkim/sha256.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>

namespace tegami::dkim {
namespace {

constexpr std::size_t kEd25519Bytes = 32; // RFC 8463 §4.2
constexpr unsigned kGeneratedRsaBits = 2048;

struct FreeContext {
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }

    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }

    void operator()(BIO* memory) const { BIO_free(memory); }
};

using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeContext>;
using Memory = std::unique_ptr<BIO, FreeContext>;

const unsigned char* octets_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// What OpenSSL says of octets that are no key stays in the thread's queue and would mislead the next one who looks.
struct QuietErrors {
    QuietErrors() { ERR_set_mark(); }

    ~QuietErrors() { ERR_pop_to_mark(); }

    QuietErrors(const QuietErrors&) = delete;
    QuietErrors& operator=(const QuietErrors&) = delete;
};

std::unexpected<Fault> key_syntax(std::string_view tag) {
    return failure(Fault{.reason = Reason::key_syntax, .tag = std::string(tag)});
}

bool is_word(std::string_view text) {
    return !text.empty() && ascii::is_alpha(text.front()) && text.back() != '-' &&
           std::ranges::all_of(text, [](char c) { return ascii::is_alnum(c) || c == '-'; });
}

/// The items of the tag, or `otherwise` if there is no such tag. Items that nobody knows may be there, but only words
/// and `mark`.
Result<std::vector<std::string_view>, Fault> words_of(const TagList& tags, std::string_view name,
                                                      std::vector<std::string_view> otherwise,
                                                      std::string_view mark = {}) {
    const Tag* tag = tags.find(name);
    if (tag == nullptr) return otherwise;
    std::vector<std::string_view> words = colon_list(tag->value);
    for (const std::string_view word : words)
        if (!is_word(word) && (word.empty() || word != mark)) return key_syntax(name);
    return words;
}

/// Takes an ASN.1 value with this tag off the front and gives its content; nothing, and `der` unchanged, if there is
/// none.
std::optional<std::string_view> take_value(std::string_view& der, int wanted_tag) {
    const unsigned char* at = octets_of(der);
    long size = 0;
    int tag = 0;
    int kind = 0;
    const int flags = ASN1_get_object(&at, &size, &tag, &kind, static_cast<long>(der.size()));
    // 0x80: an error, or an indefinite length.
    if ((flags & 0x80) != 0 || tag != wanted_tag) return std::nullopt;
    const auto header = static_cast<std::size_t>(at - octets_of(der));
    const std::string_view content = der.substr(header, static_cast<std::size_t>(size));
    der.remove_prefix(header + content.size());
    return content;
}

/// RSAPublicKey, alone or in SubjectPublicKeyInfo: RFC 6376 §3.6.1 names the first, its examples and everybody wrap it.
/// The frames are opened here because OpenSSL's decoders, which find out what a key may be, take longer than verifying.
Result<KeyHandle, Reason> read_rsa(std::string_view octets) {
    constexpr std::string_view kRsaEncryption("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", 13);
    std::string_view key = octets;
    std::string_view rest = octets;
    auto inside = take_value(rest, V_ASN1_SEQUENCE);
    if (!inside || !rest.empty()) return failure(Reason::key_syntax);
    if (const auto algorithm = take_value(*inside, V_ASN1_SEQUENCE)) {
        if (*algorithm != kRsaEncryption) return failure(Reason::key_of_other_type);
        const auto bits = take_value(*inside, V_ASN1_BIT_STRING);
        // A bit string begins with the number of bits that are not used.
        if (!bits || !bits->starts_with('\0') || !inside->empty()) return failure(Reason::key_syntax);
        key = bits->substr(1);
        rest = key;
        inside = take_value(rest, V_ASN1_SEQUENCE);
        if (!inside || !rest.empty()) return failure(Reason::key_syntax);
    }
    const auto modulus = take_value(*inside, V_ASN1_INTEGER);
    const auto exponent = take_value(*inside, V_ASN1_INTEGER);
    if (!modulus || !exponent || !inside->empty()) return failure(Reason::key_syntax);
    if (exponent->size() > kRsaExponentBytesMax) return failure(Reason::key_too_long);
    const unsigned char* at = octets_of(key);
    KeyHandle handle(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(key.size())));
    if (!handle) return failure(Reason::key_syntax);
    return handle;
}

/// Nothing if the key's parts do not fit each other.
std::optional<std::string> try_to_sign(EVP_PKEY* key, KeyType type, std::string_view digest) {
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
    auto* const at = reinterpret_cast<unsigned char*>(signature.data());
    std::size_t size = signature.size();
    bool done = false;
    if (type == KeyType::ed25519) {
        const DigestContext context(EVP_MD_CTX_new());
        done = context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
               EVP_DigestSign(context.get(), at, &size, octets_of(digest), digest.size()) == 1;
    } else {
        const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
        done = context && EVP_PKEY_sign_init(context.get()) == 1 &&
               EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
               EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
               EVP_PKEY_sign(context.get(), at, &size, octets_of(digest), digest.size()) == 1;
    }
    if (!done) return std::nullopt;
    signature.resize(size);
    return signature;
}

bool is_ed25519_signature(EVP_PKEY* key, std::string_view digest, std::string_view signature) {
    const DigestContext context(EVP_MD_CTX_new());
    return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), octets_of(signature), signature.size(), octets_of(digest), digest.size()) ==
               1;
}

bool is_signature(EVP_PKEY* key, KeyType type, std::string_view digest, std::string_view signature) {
    if (type == KeyType::ed25519) return is_ed25519_signature(key, digest, signature);
    return RsaVerification(key).verifies(digest, signature);
}

int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
    return -1;
}

} // namespace

void FreeKey::operator()(EVP_PKEY* key) const {
    EVP_PKEY_free(key);
}

Result<KeyRecord, Fault> parse_key_record(std::string_view text) {
    const auto tags = TagList::parse(text);
    if (!tags) return key_syntax(tags.error().name);
    KeyRecord record;
    if (const Tag* tag = tags->find("v"); tag != nullptr && (tag != &tags->tags().front() || tag->value != "DKIM1"))
        return key_syntax("v");
    if (const Tag* tag = tags->find("k"); tag != nullptr && tag->value != "rsa") {
        if (!is_word(tag->value)) return key_syntax("k");
        record.type = tag->value == "ed25519" ? std::optional(KeyType::ed25519) : std::nullopt;
    }
    const Tag* data = tags->find("p");
    if (data == nullptr) return key_syntax("p");
    auto decoded = base64::decode(without_space(data->value));
    if (!decoded) return key_syntax("p");
    record.octets = *std::move(decoded);
    TRY(const auto hashes, words_of(*tags, "h", {"sha256"}));
    TRY(const auto services, words_of(*tags, "s", {"*"}, "*"));
    TRY(const auto flags, words_of(*tags, "t", {}));
    record.for_sha256 = contains(hashes, "sha256");
    record.for_email = contains(services, "*") || contains(services, "email");
    record.testing = contains(flags, "y");
    record.exact_identity = contains(flags, "s");
    return record;
}

Result<PublicKey, Fault> PublicKey::create(const KeyRecord& record) {
    const QuietErrors quiet;
    if (!record.type) return failure(Fault{.reason = Reason::key_of_other_type, .tag = "k"});
    if (*record.type == KeyType::ed25519) {
        if (record.octets.size() != kEd25519Bytes) return key_syntax("p");
        KeyHandle key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets_of(record.octets), kEd25519Bytes));
        if (!key) return key_syntax("p");
        return PublicKey(std::move(key), KeyType::ed25519);
    }
    auto read = read_rsa(record.octets);
    if (!read) return failure(Fault{.reason = read.error(), .tag = "p"});
    KeyHandle key = *std::move(read);
    const int bits = EVP_PKEY_get_bits(key.get());
    if (bits < kRsaBitsMin) return failure(Fault{.reason = Reason::key_too_short, .tag = "p"});
    if (bits > kRsaBitsMax) return failure(Fault{.reason = Reason::key_too_long, .tag = "p"});
    return PublicKey(std::move(key), KeyType::rsa);
}

PublicKey::PublicKey(KeyHandle key, KeyType type) : key_(std::move(key)), type_(type) {
    if (type_ == KeyType::rsa) rsa_.emplace(key_.get());
}

bool PublicKey::verifies(std::string_view digest, std::string_view signature) const {
    const QuietErrors quiet;
    return rsa_ ? rsa_->verifies(digest, signature) : is_ed25519_signature(key_.get(), digest, signature);
}

Result<PublicKey, Fault> usable_key(const KeyRecord& record, KeyType wanted) {
    if (!record.for_email) return failure(Fault{.reason = Reason::key_not_for_email, .tag = "s"});
    if (!record.for_sha256) return failure(Fault{.reason = Reason::key_not_for_hash, .tag = "h"});
    if (record.octets.empty()) return failure(Fault{.reason = Reason::key_revoked, .tag = "p"});
    if (record.type != wanted) return failure(Fault{.reason = Reason::key_of_other_type, .tag = "k"});
    return PublicKey::create(record);
}

PrivateKey PrivateKey::generate(KeyType type) {
    KeyHandle key(type == KeyType::rsa ? EVP_RSA_gen(kGeneratedRsaBits)
                                       : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    // It needs memory and chance, without which the process cannot go on either.
    ASSERT(key);
    return {std::move(key), type};
}

Result<PrivateKey, PrivateKeyFault> PrivateKey::load(std::string_view octets) {
    const QuietErrors quiet;
    const Memory memory(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
    KeyHandle key(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_password, nullptr));
    if (!key) {
        const unsigned char* at = octets_of(octets);
        key.reset(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(octets.size())));
    }
    if (!key) return failure(PrivateKeyFault::unreadable);
    const int base = EVP_PKEY_get_base_id(key.get());
    if (base != EVP_PKEY_RSA && base != EVP_PKEY_ED25519) return failure(PrivateKeyFault::wrong_type);
    const KeyType type = base == EVP_PKEY_RSA ? KeyType::rsa : KeyType::ed25519;
    if (type == KeyType::rsa && EVP_PKEY_get_bits(key.get()) < kRsaBitsMin) return failure(PrivateKeyFault::too_short);
    if (type == KeyType::rsa && EVP_PKEY_get_bits(key.get()) > kRsaBitsMax) return failure(PrivateKeyFault::too_long);
    const std::string digest(kDigestBytes, 'd');
    const auto signature = try_to_sign(key.get(), type, digest);
    if (!signature || !is_signature(key.get(), type, digest, *signature)) return failure(PrivateKeyFault::unreadable);
    return PrivateKey(std::move(key), type);
}

std::string PrivateKey::pem() const {
    const Memory memory(BIO_new(BIO_s_secmem()));
    ASSERT(memory &&
           PEM_write_bio_PKCS8PrivateKey(memory.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string PrivateKey::record() const {
    std::string octets;
    if (type_ == KeyType::ed25519) {
        std::size_t size = kEd25519Bytes;
        octets.resize(size);
        ASSERT(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(octets.data()), &size) == 1);
    } else {
        const int size = i2d_PUBKEY(key_.get(), nullptr);
        ASSERT(size > 0);
        octets.resize(static_cast<std::size_t>(size));
        auto* at = reinterpret_cast<unsigned char*>(octets.data());
        ASSERT(i2d_PUBKEY(key_.get(), &at) == size);
    }
    return "v=DKIM1; k=" + std::string(to_string(type_)) + "; p=" + base64::encode(octets);
}

std::string PrivateKey::sign(std::string_view digest) const {
    auto signature = try_to_sign(key_.get(), type_, digest);
    ASSERT(signature); // load() has tried the key
    return *std::move(signature);
}

} // namespace tegami::dkim
