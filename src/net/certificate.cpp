#include "net/certificate.h"

#include "base/freer.h"
#include "net/address.h"

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <span>

#include <fcntl.h>
#include <unistd.h>

namespace tegami::net {

namespace {

constexpr int kCertificateDays = 3650;
constexpr int kSerialBits = 127;              // below 20 octets and positive: RFC 5280 §4.1.2.2
constexpr std::size_t kNamePartBytesMax = 64; // Limit: RFC 5280 appendix A.1, ub-common-name

using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using Memory = std::unique_ptr<BIO, Freer<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;

Timestamp to_timestamp(const ASN1_TIME* time) {
    std::tm parts{};
    ASN1_TIME_to_tm(time, &parts);
    return std::chrono::sys_seconds(std::chrono::seconds(timegm(&parts)));
}

std::string text_of(const ASN1_STRING* text) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
            static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string address_of(const ASN1_OCTET_STRING* octets) {
    const std::string raw = text_of(octets);
    if (raw.size() == 4) {
        IpAddress::V4Octets v4{};
        std::memcpy(v4.data(), raw.data(), v4.size());
        return IpAddress::v4(v4).to_string();
    }
    if (raw.size() == 16) {
        IpAddress::V6Octets v6{};
        std::memcpy(v6.data(), raw.data(), v6.size());
        return IpAddress::v6(v6).to_string();
    }
    return {};
}

std::string hex(std::span<const unsigned char> octets) {
    std::string digits;
    for (const unsigned char octet : octets)
        digits += fmt::format("{:02x}", octet);
    return digits;
}

/// An extension in OpenSSL's words, such as {NID_basic_constraints, "critical,CA:FALSE"}.
struct ExtensionText {
    int kind = NID_undef;
    std::string value;
};

bool add_extension(X509* certificate, X509* issuer, const ExtensionText& text) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, text.kind, text.value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool add_name_part(X509* certificate, const char* part, const std::string& value) {
    const std::string fitting = value.substr(0, kNamePartBytesMax);
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), part, MBSTRING_ASC,
                                      reinterpret_cast<const unsigned char*>(fitting.c_str()), -1, -1, 0) == 1;
}

/// "DNS:mail.a.test,IP:192.0.2.1"
std::string alternative_names(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names)
        list += (list.empty() ? "" : ",") + std::string(IpAddress::parse(name) ? "IP:" : "DNS:") + name;
    return list;
}

bool is_plain_name(const std::string& name) {
    return !name.empty() &&
           name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:*") ==
               std::string::npos;
}

/// A certificate without subject, issuer and extensions.
Certificate begin_certificate(Timestamp from, EVP_PKEY* key) {
    const std::time_t now = std::chrono::floor<std::chrono::seconds>(from).time_since_epoch().count();
    Certificate certificate(X509_new());
    const Number serial(BN_new());
    X509* const made = certificate.get();
    const bool good =
        made != nullptr && serial && BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
        BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(made)) != nullptr &&
        X509_set_version(made, X509_VERSION_3) == 1 &&
        // An hour back: the other side's clock may be slow.
        ASN1_TIME_adj(X509_getm_notBefore(made), now, 0, -3600) != nullptr &&
        ASN1_TIME_adj(X509_getm_notAfter(made), now, kCertificateDays, 0) != nullptr && X509_set_pubkey(made, key) == 1;
    if (!good) certificate.reset();
    return certificate;
}

bool end_certificate(X509* made, X509* issuer, EVP_PKEY* issuer_key, const std::vector<ExtensionText>& extensions) {
    return X509_set_issuer_name(made, X509_get_subject_name(issuer)) == 1 &&
           std::ranges::all_of(extensions, [&](const auto& text) { return add_extension(made, issuer, text); }) &&
           X509_sign(made, issuer_key, EVP_sha256()) != 0;
}

/// The authority: RFC 5280 §4.2.1.9. `for_name` tells it from others in a mail program's list.
Certificate make_authority(Timestamp now, const std::string& for_name, EVP_PKEY* key) {
    Certificate made = begin_certificate(now, key);
    const bool good = made && add_name_part(made.get(), "O", "Tegami") &&
                      add_name_part(made.get(), "CN", "Authority of " + for_name) &&
                      end_certificate(made.get(), made.get(), key,
                                      {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                       {NID_key_usage, "critical,keyCertSign"},
                                       {NID_subject_key_identifier, "hash"}});
    if (!good) made.reset();
    return made;
}

Certificate make_server(Timestamp now, const std::vector<std::string>& names, EVP_PKEY* key, X509* authority,
                        EVP_PKEY* authority_key) {
    Certificate made = begin_certificate(now, key);
    const bool good = made && add_name_part(made.get(), "CN", names.front()) &&
                      end_certificate(made.get(), authority, authority_key,
                                      {{NID_subject_alt_name, alternative_names(names)},
                                       {NID_basic_constraints, "critical,CA:FALSE"},
                                       {NID_key_usage, "critical,digitalSignature"},
                                       {NID_ext_key_usage, "serverAuth"},
                                       {NID_subject_key_identifier, "hash"},
                                       {NID_authority_key_identifier, "keyid:always"}});
    if (!good) made.reset();
    return made;
}

std::string take(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

Result<void, TlsError> write_new_file(const std::string& path, const std::string& octets, mode_t mode) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0) return failure(fmt::format("cannot create {}: {}", path, std::strerror(errno)));
    const ssize_t written = ::write(file, octets.data(), octets.size());
    const bool durable = written == static_cast<ssize_t>(octets.size()) && ::fsync(file) == 0;
    const int error = errno;
    ::close(file);
    if (durable) return {};
    ::unlink(path.c_str());
    return failure(fmt::format("cannot write {}: {}", path, std::strerror(error)));
}

} // namespace

TlsError openssl_problem(const std::string& what) {
    const char* const reason = ERR_reason_error_string(ERR_peek_error());
    ERR_clear_error();
    return reason == nullptr ? what : what + ": " + reason;
}

namespace {

/// The file must not exist.
Result<void, TlsError> write_key(const std::string& path, EVP_PKEY* key) {
    const Memory text(BIO_new(BIO_s_mem()));
    if (key == nullptr || PEM_write_bio_PKCS8PrivateKey(text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return failure(openssl_problem("cannot make a key"));
    return write_new_file(path, take(text.get()), 0600);
}

Result<Key, TlsError> read_key(const std::string& path) {
    const Memory file(BIO_new_file(path.c_str(), "r"));
    Key key(file ? PEM_read_bio_PrivateKey(file.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!key) return failure(openssl_problem("cannot use the key in " + path));
    return key;
}

Key new_key() {
    return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
}

} // namespace

Result<void, TlsError> create_key(const std::string& path) {
    ERR_clear_error();
    return write_key(path, new_key().get());
}

Result<std::string, TlsError> sha256_of_key(const std::string& path) {
    ERR_clear_error();
    TRY(const Key key, read_key(path));
    unsigned char* octets = nullptr;
    const int size = i2d_PUBKEY(key.get(), &octets);
    if (size <= 0) return failure(openssl_problem("cannot use the key in " + path));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned digest_size = 0;
    EVP_Digest(octets, static_cast<std::size_t>(size), digest.data(), &digest_size, EVP_sha256(), nullptr);
    OPENSSL_free(octets);
    return hex({digest.data(), digest_size});
}

CertificateSummary summarize(x509_st* certificate) {
    CertificateSummary summary;
    const Names names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS) summary.names.push_back(text_of(name->d.dNSName));
        if (name->type == GEN_IPADD) summary.names.push_back(address_of(name->d.iPAddress));
    }
    summary.not_before = to_timestamp(X509_get0_notBefore(certificate));
    summary.not_after = to_timestamp(X509_get0_notAfter(certificate));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    X509_digest(certificate, EVP_sha256(), digest.data(), &size);
    summary.sha256_fingerprint = hex({digest.data(), size});
    unsigned char* key = nullptr;
    const int key_size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
    if (key_size > 0) {
        EVP_Digest(key, static_cast<std::size_t>(key_size), digest.data(), &size, EVP_sha256(), nullptr);
        summary.sha256_of_key = hex({digest.data(), size});
    }
    OPENSSL_free(key);
    return summary;
}

Result<CertificateSummary, TlsError> summarize_certificate(const std::string& pem) {
    ERR_clear_error();
    const Memory text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const Certificate certificate(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
    if (!certificate) return failure(openssl_problem("there is no certificate"));
    return summarize(certificate.get());
}

Result<void, TlsError> create_own_certificate(const OwnCertificateOptions& options) {
    if (options.names.empty()) return failure(TlsError("a certificate needs a name"));
    for (const std::string& name : options.names)
        if (!is_plain_name(name)) return failure("a certificate cannot be for the name \"" + name + "\"");
    ERR_clear_error();
    if (::access(options.key_path.c_str(), F_OK) != 0) TRY_VOID(create_key(options.key_path));
    TRY(const Key key, read_key(options.key_path));
    // Never written: what cannot be stolen signs for no other server.
    const Key authority_key = new_key();
    const Certificate authority =
        authority_key ? make_authority(options.now, options.names.front(), authority_key.get()) : nullptr;
    const Certificate server =
        key && authority ? make_server(options.now, options.names, key.get(), authority.get(), authority_key.get())
                         : nullptr;
    const Memory chain_text(BIO_new(BIO_s_mem()));
    if (!server || PEM_write_bio_X509(chain_text.get(), server.get()) != 1 ||
        PEM_write_bio_X509(chain_text.get(), authority.get()) != 1)
        return failure(openssl_problem("cannot make a certificate"));
    return write_new_file(options.certificate_chain_path, take(chain_text.get()), 0644);
}

} // namespace tegami::net
