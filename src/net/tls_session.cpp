#include "net/tls_session.h"

#include "base/assert.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

namespace tegami::net {

struct TlsSession::Link {
    Transport* transport;
    bool ended = false;           ///< the transport has reported its end
    std::optional<IoError> error; ///< the transport's last error
};

namespace {

// The BIO method: OpenSSL asks, the transport is tried, and what it says is kept for TlsSession::outcome.
template <class Link>
struct Bridge {
    static Link& link(BIO* bio) { return *static_cast<Link*>(BIO_get_data(bio)); }

    static int finish(BIO* bio, const Attempt& attempt, std::size_t* done, bool reading) {
        *done = 0;
        if (!attempt) {
            if (reading)
                BIO_set_retry_read(bio);
            else
                BIO_set_retry_write(bio);
            return 0;
        }
        if (!attempt->has_value()) {
            link(bio).error = attempt->error();
            link(bio).ended = attempt->error() == IoError::end_of_stream;
            return 0;
        }
        *done = **attempt;
        return 1;
    }

    static int read(BIO* bio, char* into, std::size_t size, std::size_t* done) {
        BIO_clear_retry_flags(bio);
        return finish(bio, link(bio).transport->try_read(into, size), done, true);
    }

    static int write(BIO* bio, const char* data, std::size_t size, std::size_t* done) {
        BIO_clear_retry_flags(bio);
        return finish(bio, link(bio).transport->try_write(data, size), done, false);
    }

    static long control(BIO* bio, int command, long, void*) {
        if (command == BIO_CTRL_FLUSH) return 1;
        if (command == BIO_CTRL_EOF) return link(bio).ended ? 1 : 0;
        return 0;
    }

    static BIO_METHOD* make_method() {
        BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "transport");
        ASSERT(method != nullptr);
        BIO_meth_set_read_ex(method, read);
        BIO_meth_set_write_ex(method, write);
        BIO_meth_set_ctrl(method, control);
        return method;
    }
};

bool is_address(const std::string& name) {
    return IpAddress::parse(name).has_value();
}

/// What OpenSSL found wrong with a certificate, for people who do not know its codes.
std::string in_words(long verify_result) {
    switch (verify_result) {
    case X509_V_ERR_DANE_NO_MATCH: return "the certificate is not the one that the DNS publishes (TLSA)";
    case X509_V_ERR_HOSTNAME_MISMATCH: return "the certificate is for another name";
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return "the certificate is for another address";
    case X509_V_ERR_CERT_HAS_EXPIRED: return "the certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID: return "the certificate is not valid yet";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return std::string("no authority that this server trusts has signed the certificate (") +
               X509_verify_cert_error_string(verify_result) + ")";
    default: return X509_verify_cert_error_string(verify_result);
    }
}

CertificateFault fault_of(long verify_result) {
    switch (verify_result) {
    case X509_V_OK: return CertificateFault::none;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return CertificateFault::name;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID: return CertificateFault::expired;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DANE_NO_MATCH:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED:
    case X509_V_ERR_CERT_REVOKED:
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_INVALID_PURPOSE:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_CA_MD_TOO_WEAK:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_EE_KEY_TOO_SMALL: return CertificateFault::untrusted;
    default: return CertificateFault::other;
    }
}

/// Makes the certificate prove itself by one of the records; nothing changes if none of them can be used.
void use_dane(SSL* ssl, const TlsClientOptions& options) {
    if (SSL_dane_enable(ssl, options.host_name.c_str()) != 1) return ERR_clear_error();
    SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS); // RFC 7672 §3.1.1
    bool usable = false;
    for (const dns::TlsaData& record : options.tlsa) {
        const auto* const octets = reinterpret_cast<const unsigned char*>(record.association.data());
        usable |= SSL_dane_tlsa_add(ssl, record.usage, record.selector, record.matching, octets,
                                    record.association.size()) == 1;
    }
    ERR_clear_error(); // of those that are no certificates and keys
    if (!usable) return;
    SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
    for (const std::string& name : options.other_names)
        SSL_add1_host(ssl, name.c_str());
}

/// ALPN's wire form: each name after its length.
std::string protocol_list(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        list += static_cast<char>(name.size());
        list += name;
    }
    return list;
}

/// RFC 9266 §2, with TLS 1.2 only where the extended master secret makes the value unique (§4).
std::string exporter_binding(SSL* ssl) {
    constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
    constexpr std::size_t kBytes = 32;
    if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1) return {};
    std::array<unsigned char, kBytes> octets{};
    const unsigned char no_context = 0;
    if (SSL_export_keying_material(ssl, octets.data(), octets.size(), kLabel.data(), kLabel.size(), &no_context, 0,
                                   1) != 1)
        return {};
    return {octets.begin(), octets.end()};
}

/// RFC 5929 §4.1: the hash of the server's certificate, with the hash its signature uses, or SHA-256 for MD5 and SHA-1.
std::string server_end_point_binding(SSL* ssl) {
    X509* const certificate = SSL_is_server(ssl) ? SSL_get_certificate(ssl) : SSL_get0_peer_certificate(ssl);
    if (certificate == nullptr) return {};
    int digest = NID_undef;
    X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr);
    if (digest == NID_md5 || digest == NID_sha1) digest = NID_sha256;
    const EVP_MD* const method = EVP_get_digestbynid(digest);
    std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
    unsigned size = 0;
    if (method == nullptr || X509_digest(certificate, method, octets.data(), &size) != 1) return {};
    return {octets.begin(), octets.begin() + size};
}

} // namespace

TlsSession::TlsSession(Transport* transport, std::shared_ptr<const TlsServerContext> context,
                       std::vector<std::string> applications)
    : server_context_(std::move(context)), applications_(std::move(applications)),
      ssl_(SSL_new(server_context_->native())) {
    ASSERT(ssl_ != nullptr);
    if (!applications_.empty()) set_applications(ssl_, &applications_);
    attach(transport);
    SSL_set_accept_state(ssl_);
}

TlsSession::TlsSession(Transport* transport, std::shared_ptr<const TlsClientContext> context,
                       const TlsClientOptions& options)
    : client_context_(std::move(context)), ssl_(SSL_new(client_context_->native())) {
    ASSERT(ssl_ != nullptr);
    attach(transport);
    SSL_set_connect_state(ssl_);
    if (is_address(options.host_name)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), options.host_name.c_str());
    } else if (!options.host_name.empty()) {
        SSL_set_tlsext_host_name(ssl_, options.host_name.c_str());
        // RFC 8461 §3.3 and §4.2: the subject's common name is no name; with DANE it is, if there is no other
        // (RFC 7672 §3.2.3).
        SSL_set_hostflags(ssl_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                    (options.tlsa.empty() ? X509_CHECK_FLAG_NEVER_CHECK_SUBJECT : 0U));
        SSL_set1_host(ssl_, options.host_name.c_str());
        if (!options.tlsa.empty()) use_dane(ssl_, options);
    }
    if (options.verify) SSL_set_verify(ssl_, SSL_VERIFY_PEER, nullptr);
    const std::string protocols = protocol_list(options.applications);
    if (!protocols.empty())
        SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(protocols.data()),
                            static_cast<unsigned>(protocols.size()));
}

TlsSession::~TlsSession() {
    SSL_free(ssl_);
}

void TlsSession::attach(Transport* transport) {
    static const BIO_METHOD* const method = Bridge<Link>::make_method();
    link_ = std::make_unique<Link>(transport);
    BIO* const bio = BIO_new(method);
    ASSERT(bio != nullptr);
    BIO_set_data(bio, link_.get());
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_, bio, bio);
}

TlsSession::Step TlsSession::handshake() {
    if (broken_) return failure(*broken_);
    ERR_clear_error();
    return outcome(SSL_do_handshake(ssl_), 0);
}

TlsSession::Step TlsSession::read(char* into, std::size_t bytes_max) {
    if (broken_) return failure(*broken_);
    ERR_clear_error();
    std::size_t done = 0;
    const int returned = SSL_read_ex(ssl_, into, bytes_max, &done);
    return outcome(returned, done);
}

TlsSession::Step TlsSession::write(const char* data, std::size_t bytes) {
    if (broken_) return failure(*broken_);
    ERR_clear_error();
    std::size_t done = 0;
    const int returned = SSL_write_ex(ssl_, data, bytes, &done);
    return outcome(returned, done);
}

TlsSession::Step TlsSession::outcome(int returned, std::size_t bytes) {
    switch (SSL_get_error(ssl_, returned)) {
    case SSL_ERROR_NONE: return bytes;
    case SSL_ERROR_WANT_READ: return Want::readable;
    case SSL_ERROR_WANT_WRITE: return Want::writable;
    case SSL_ERROR_ZERO_RETURN: return failure(IoError::end_of_stream);
    default: broken_ = fail(); return failure(*broken_);
    }
}

IoError TlsSession::fail() {
    const unsigned long error = ERR_peek_last_error();
    if (error == 0 && link_->error) return *link_->error;
    const char* const reason = ERR_reason_error_string(error);
    error_text_ = reason != nullptr ? reason : "the TLS protocol was violated";
    const long verified = SSL_get_verify_result(ssl_);
    if (client_context_ && ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        error_text_ = in_words(verified);
        certificate_fault_ = fault_of(verified);
    }
    return IoError::tls_failed;
}

bool TlsSession::has_pending() const {
    return SSL_has_pending(ssl_) != 0;
}

void TlsSession::say_goodbye() {
    if (broken_ || SSL_in_init(ssl_) != 0) return;
    ERR_clear_error();
    SSL_shutdown(ssl_);
}

TlsInfo TlsSession::info() const {
    TlsInfo info;
    info.version = SSL_get_version(ssl_);
    info.cipher = SSL_get_cipher_name(ssl_);
    const char* const name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
    if (name != nullptr) info.server_name = name;
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &protocol, &size);
    if (size != 0) info.application.assign(protocol, protocol + size);
    if (client_context_) {
        const long result = SSL_get_verify_result(ssl_);
        info.verification = result == X509_V_OK ? PeerVerification::verified : PeerVerification::failed;
        info.verification_text = in_words(result);
        info.certificate_fault = fault_of(result);
    }
    info.exporter_binding = exporter_binding(ssl_);
    info.server_end_point_binding = server_end_point_binding(ssl_);
    return info;
}

} // namespace tegami::net
