#include "acme/certificate.h"

#include "acme/jws.h"
#include "acme/openssl_types.h"
#include "base/ascii.h"
#include "base/assert.h"
#include "base/base64.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>

namespace tegami::acme {

namespace {

using Request = std::unique_ptr<X509_REQ, Freer<X509_REQ_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using Octets = std::unique_ptr<ASN1_OCTET_STRING, Freer<ASN1_OCTET_STRING_free>>;
using Object = std::unique_ptr<ASN1_OBJECT, Freer<ASN1_OBJECT_free>>;
using GeneralNames = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;
using KeyId = std::unique_ptr<AUTHORITY_KEYID, Freer<AUTHORITY_KEYID_free>>;

struct FreeExtensions {
    void operator()(STACK_OF(X509_EXTENSION) * all) const { sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free); }
};

using Extensions = std::unique_ptr<STACK_OF(X509_EXTENSION), FreeExtensions>;

constexpr int kSerialBits = 127;
constexpr long kChallengeSeconds = 7L * 24 * 3600;

/// Of the letters that a name in the DNS has, so that it means nothing else to OpenSSL, and an asterisk.
bool is_host_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return ascii::is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '*';
    });
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names)
        list += (list.empty() ? "DNS:" : ",DNS:") + name;
    return list;
}

Extension names_extension(const std::vector<std::string>& names) {
    return Extension(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative_names(names).c_str()));
}

/// The hash of the proof, critical: id-pe-acmeIdentifier.
Extension proof_extension(std::string_view authorization) {
    constexpr std::string_view kOctetString("\x04\x20", 2); // DER: so long a string
    const std::string value = std::string(kOctetString) + sha256(authorization);
    const Object kind(OBJ_txt2obj("1.3.6.1.5.5.7.1.31", 1));
    const Octets octets(ASN1_OCTET_STRING_new());
    ASN1_OCTET_STRING_set(octets.get(), reinterpret_cast<const unsigned char*>(value.data()),
                          static_cast<int>(value.size()));
    return Extension(X509_EXTENSION_create_by_OBJ(nullptr, kind.get(), 1, octets.get()));
}

Timestamp to_time(const ASN1_TIME* time) {
    std::tm parts{};
    ASN1_TIME_to_tm(time, &parts);
    return std::chrono::sys_seconds(std::chrono::seconds(timegm(&parts)));
}

std::vector<Certificate> read_chain(const std::string& text) {
    const Memory memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    std::vector<Certificate> chain;
    while (chain.size() <= kChainLengthMax) {
        Certificate each(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
        if (!each) break;
        chain.push_back(std::move(each));
    }
    ERR_clear_error(); // the end of the text is one
    return chain;
}

std::vector<std::string> names_in(const X509* certificate) {
    std::vector<std::string> all;
    const GeneralNames names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_DNS) continue;
        const ASN1_IA5STRING* const text = name->d.dNSName;
        all.push_back(ascii::lower({reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                                    static_cast<std::size_t>(ASN1_STRING_length(text))}));
    }
    return all;
}

} // namespace

Result<std::string, std::string> certificate_request(const std::string& key, const std::vector<std::string>& names) {
    const Key signer = read_key(key);
    if (!signer) return failure(std::string("the key of the certificate cannot be read"));
    for (const std::string& name : names)
        if (!is_host_name(name)) return failure(fmt::format("{} is no name for a certificate", name));
    const Request request(X509_REQ_new());
    const Extensions extensions(sk_X509_EXTENSION_new_null());
    sk_X509_EXTENSION_push(extensions.get(), names_extension(names).release());
    const bool good = X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
                      X509_REQ_set_pubkey(request.get(), signer.get()) == 1 &&
                      X509_REQ_add_extensions(request.get(), extensions.get()) == 1 &&
                      X509_REQ_sign(request.get(), signer.get(), EVP_sha256()) != 0;
    unsigned char* der = nullptr;
    const int size = good ? i2d_X509_REQ(request.get(), &der) : 0;
    ERR_clear_error();
    if (size <= 0) return failure(std::string("the request for a certificate cannot be made"));
    std::string octets(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return octets;
}

std::string challenge_certificate(const std::string& name, std::string_view authorization) {
    ASSERT(is_host_name(name));
    const std::string key_text = new_key_pem();
    const Key key = read_key(key_text);
    const Certificate made(X509_new());
    const Number serial(BN_new());
    const Extension names = names_extension({name});
    const Extension proof = proof_extension(authorization);
    X509_NAME* const subject = X509_get_subject_name(made.get());
    const auto* const title = reinterpret_cast<const unsigned char*>("ACME challenge");
    const bool good = BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                      BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(made.get())) != nullptr &&
                      X509_set_version(made.get(), X509_VERSION_3) == 1 &&
                      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, title, -1, -1, 0) == 1 &&
                      X509_set_issuer_name(made.get(), subject) == 1 &&
                      // The authority looks at the proof alone, not at times.
                      X509_gmtime_adj(X509_getm_notBefore(made.get()), -kChallengeSeconds) != nullptr &&
                      X509_gmtime_adj(X509_getm_notAfter(made.get()), kChallengeSeconds) != nullptr &&
                      X509_set_pubkey(made.get(), key.get()) == 1 && X509_add_ext(made.get(), names.get(), -1) == 1 &&
                      X509_add_ext(made.get(), proof.get(), -1) == 1 &&
                      X509_sign(made.get(), key.get(), EVP_sha256()) != 0;
    const Memory text(BIO_new(BIO_s_mem()));
    ASSERT(good && PEM_write_bio_X509(text.get(), made.get()) == 1);
    return text_in(text.get()) + key_text;
}

std::string challenge_record(std::string_view authorization) {
    return base64::encode_url(sha256(authorization));
}

Result<void, std::string> check_chain(const std::string& chain, const std::string& key,
                                      const std::vector<std::string>& names, Timestamp now) {
    const std::vector<Certificate> certificates = read_chain(chain);
    if (certificates.empty()) return failure(std::string("there is no certificate in what the authority gave"));
    if (certificates.size() > kChainLengthMax) return failure(std::string("the authority gave too many certificates"));
    const Key ours = read_key(key);
    X509* const first = certificates.front().get();
    if (!ours || EVP_PKEY_eq(X509_get0_pubkey(first), ours.get()) != 1) {
        ERR_clear_error();
        return failure(std::string("the certificate that the authority gave is for another key"));
    }
    const std::vector<std::string> there = names_in(first);
    for (const std::string& name : names)
        if (std::ranges::find(there, ascii::lower(name)) == there.end())
            return failure(fmt::format("the certificate that the authority gave is not for {}", name));
    if (to_time(X509_get0_notBefore(first)) > now || to_time(X509_get0_notAfter(first)) <= now)
        return failure(std::string("the certificate that the authority gave is not valid now: is this machine's clock "
                                   "right?"));
    return {};
}

std::optional<std::string> certificate_id(const std::string& chain) {
    const std::vector<Certificate> certificates = read_chain(chain);
    if (certificates.empty()) return std::nullopt;
    const X509* const first = certificates.front().get();
    const KeyId authority(
        static_cast<AUTHORITY_KEYID*>(X509_get_ext_d2i(first, NID_authority_key_identifier, nullptr, nullptr)));
    if (!authority || authority->keyid == nullptr) return std::nullopt;
    const std::string id(reinterpret_cast<const char*>(ASN1_STRING_get0_data(authority->keyid)),
                         static_cast<std::size_t>(ASN1_STRING_length(authority->keyid)));
    // The octets of the number as DER has them: the first bit is the sign.
    unsigned char* der = nullptr;
    const int size = i2d_ASN1_INTEGER(X509_get0_serialNumber(first), &der);
    if (size <= 2) return std::nullopt;
    // Below 128 octets: a tag and a length go before (RFC 5280 §4.1.2.2).
    const std::string serial(reinterpret_cast<const char*>(der) + 2, static_cast<std::size_t>(size) - 2);
    OPENSSL_free(der);
    return fmt::format("{}.{}", base64::encode_url(id), base64::encode_url(serial));
}

} // namespace tegami::acme
