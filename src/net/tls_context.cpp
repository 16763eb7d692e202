#include "net/tls_context.h"

#include "base/ascii.h"
#include "base/assert.h"
#include "net/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>

namespace tegami::net {

namespace {

// AEAD with forward secrecy first; ECDHE with CBC last, because a peer that has nothing better would otherwise send its
// mail in the clear. (TLS 1.3 has a list of its own, all of it good.)
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:ECDHE+AES:!aNULL:!PSK:!SRP";

constexpr const char* kSessionContext = "tegami";

SSL_CTX* make_context(const SSL_METHOD* method) {
    ERR_clear_error();
    SSL_CTX* const context = SSL_CTX_new(method);
    ASSERT(context != nullptr);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // Mail programs end a connection without the close alert as often as with it.
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_read_ahead(context, 1); // a record and its header come with one call of the system
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    ASSERT(SSL_CTX_set_cipher_list(context, kCiphers) == 1);
    return context;
}

/// Whether the list that a client offers (RFC 7301 §3.1: each name after its length) has this name; where it begins.
std::size_t find_application(std::string_view offered, std::string_view name) {
    for (std::size_t at = 0; at < offered.size(); at += 1 + static_cast<unsigned char>(offered[at]))
        if (offered.substr(at + 1, static_cast<unsigned char>(offered[at])) == name) return at;
    return std::string_view::npos;
}

/// Where a connection keeps the list of its own.
int applications_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

int choose_application(SSL* ssl, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                       unsigned offered_size, void* argument) {
    const std::string_view theirs(reinterpret_cast<const char*>(offered), offered_size);
    for (const void* const list :
         {static_cast<const void*>(SSL_get_ex_data(ssl, applications_index())), static_cast<const void*>(argument)}) {
        if (list == nullptr) continue;
        for (const std::string& name : *static_cast<const std::vector<std::string>*>(list)) {
            const std::size_t at = find_application(theirs, name);
            if (at == std::string_view::npos) continue;
            *chosen = offered + at + 1;
            *chosen_size = offered[at];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_NOACK;
}

/// What an extension of a client's hello holds after a number of two octets that says how much follows; empty if it is
/// not there, or not like that.
std::string_view list_in_hello(SSL* ssl, unsigned extension) {
    const unsigned char* octets = nullptr;
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(ssl, extension, &octets, &size) != 1 || size < 2) return {};
    const std::string_view list(reinterpret_cast<const char*>(octets) + 2, size - 2);
    return list.size() == static_cast<std::size_t>(octets[0] * 256 + octets[1]) ? list : std::string_view();
}

/// RFC 6066 §3: a type, 0 for a host, and a length of two octets. There is one name: no other type was ever defined.
std::string_view host_in_hello(SSL* ssl) {
    constexpr std::size_t kHead = 3;
    const std::string_view list = list_in_hello(ssl, TLSEXT_TYPE_server_name);
    if (list.size() < kHead || list[0] != TLSEXT_NAMETYPE_host_name) return {};
    return list.substr(kHead);
}

/// Before OpenSSL looks at anything: the certificate depends on the host and on the application offered.
int choose_certificate(SSL* ssl, int*, void* argument) {
    const auto& ours = *static_cast<const TlsServerContext*>(argument);
    const TlsServerContext& chosen =
        ours.for_client(host_in_hello(ssl), list_in_hello(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation));
    if (&chosen != &ours) SSL_set_SSL_CTX(ssl, chosen.native());
    return SSL_CLIENT_HELLO_SUCCESS;
}

using Pem = std::unique_ptr<BIO, decltype(&BIO_free)>;

Pem read_pem(const std::string& text) {
    return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

bool use_chain(SSL_CTX* context, const std::string& text) {
    const Pem pem = read_pem(text);
    bool is_first = true;
    while (X509* const each = PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr)) {
        const bool taken =
            is_first ? SSL_CTX_use_certificate(context, each) == 1 : SSL_CTX_add1_chain_cert(context, each) == 1;
        X509_free(each);
        if (!taken) return false;
        is_first = false;
    }
    ERR_clear_error(); // the end of the text is one
    return !is_first;
}

} // namespace

void set_applications(ssl_st* ssl, const std::vector<std::string>* applications) {
    // OpenSSL hands the pointer back as it is.
    SSL_set_ex_data(ssl, applications_index(), const_cast<std::vector<std::string>*>(applications));
}

bool CertificateSummary::is_for(std::string_view host) const {
    const auto dot = host.find('.');
    return std::ranges::any_of(names, [&](std::string_view name) {
        if (ascii::iequals(name, host)) return true;
        return name.starts_with("*.") && dot != std::string_view::npos &&
               ascii::iequals(name.substr(1), host.substr(dot));
    });
}

Result<std::shared_ptr<const TlsServerContext>, TlsError> TlsServerContext::create(TlsServerOptions options) {
    std::shared_ptr<TlsServerContext> made(new TlsServerContext());
    made->context_ = make_context(TLS_server_method());
    made->applications_ = std::move(options.applications);
    made->others_ = std::move(options.others);
    SSL_CTX* const context = made->context_;
    if (SSL_CTX_use_certificate_chain_file(context, options.certificate_chain_path.c_str()) != 1)
        return failure(openssl_problem("cannot use the certificate in " + options.certificate_chain_path));
    // Nobody is there to type a passphrase: without this OpenSSL would ask the terminal for it.
    SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
    if (SSL_CTX_use_PrivateKey_file(context, options.key_path.c_str(), SSL_FILETYPE_PEM) != 1) {
        const int reason = ERR_GET_REASON(ERR_peek_error());
        if (ERR_GET_LIB(ERR_peek_error()) == ERR_LIB_X509 &&
            (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH)) {
            ERR_clear_error();
            return failure("the key in " + options.key_path + " does not belong to the certificate in " +
                           options.certificate_chain_path);
        }
        return failure(openssl_problem("cannot use the private key in " + options.key_path));
    }
    made->set_up();
    return made;
}

Result<std::shared_ptr<const TlsServerContext>, TlsError>
TlsServerContext::from_pem(const std::string& chain_and_key, std::vector<std::string> applications) {
    std::shared_ptr<TlsServerContext> made(new TlsServerContext());
    made->context_ = make_context(TLS_server_method());
    made->applications_ = std::move(applications);
    EVP_PKEY* const key = PEM_read_bio_PrivateKey(
        read_pem(chain_and_key).get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr);
    const bool good =
        key != nullptr && use_chain(made->context_, chain_and_key) && SSL_CTX_use_PrivateKey(made->context_, key) == 1;
    EVP_PKEY_free(key);
    if (!good) return failure(openssl_problem("the certificate or its key cannot be used"));
    made->set_up();
    return made;
}

/// Without set_up().
std::shared_ptr<TlsServerContext> TlsServerContext::copy() const {
    std::shared_ptr<TlsServerContext> made(new TlsServerContext());
    made->context_ = make_context(TLS_server_method());
    made->applications_ = applications_;
    made->others_ = others_;
    made->challenges_ = challenges_;
    STACK_OF(X509)* chain = nullptr;
    SSL_CTX_get0_chain_certs(context_, &chain);
    ASSERT(SSL_CTX_use_cert_and_key(made->context_, SSL_CTX_get0_certificate(context_),
                                    SSL_CTX_get0_privatekey(context_), chain, 1) == 1);
    return made;
}

std::shared_ptr<const TlsServerContext> TlsServerContext::with_new_ticket_keys() const {
    const std::shared_ptr<TlsServerContext> made = copy();
    made->set_up();
    return made;
}

std::shared_ptr<const TlsServerContext>
TlsServerContext::with_challenges(std::vector<std::shared_ptr<const TlsServerContext>> challenges) const {
    const std::shared_ptr<TlsServerContext> made = copy();
    made->challenges_ = std::move(challenges);
    made->set_up();
    return made;
}

void TlsServerContext::set_up() {
    SSL_CTX_set_session_id_context(context_, reinterpret_cast<const unsigned char*>(kSessionContext), 6);
    SSL_CTX_set_num_tickets(context_, 1);
    SSL_CTX_set_alpn_select_cb(context_, choose_application, &applications_);
    certificate_ = summarize(SSL_CTX_get0_certificate(context_));
    for (const std::string& name : certificate_.names)
        by_name_.emplace(ascii::lower(name), nullptr);
    for (const auto& other : others_)
        for (const std::string& name : other->certificate_.names)
            by_name_.emplace(ascii::lower(name), other.get());
    if (!others_.empty() || !challenges_.empty()) SSL_CTX_set_client_hello_cb(context_, choose_certificate, this);
}

const TlsServerContext& TlsServerContext::for_client(std::string_view host, std::string_view applications) const {
    for (const auto& challenge : challenges_)
        for (const std::string& name : challenge->applications_)
            if (find_application(applications, name) != std::string_view::npos && challenge->certificate_.is_for(host))
                return *challenge;
    return for_host(host);
}

const TlsServerContext& TlsServerContext::for_host(std::string_view host) const {
    constexpr std::size_t kHostBytesMax = 255; // Limit: RFC 1035 §3.1; a stranger's hello may have 64 KiB
    if (host.size() > kHostBytesMax) return *this;
    const std::string name = ascii::lower(host);
    auto found = by_name_.find(name);
    const auto dot = name.find('.');
    if (found == by_name_.end() && dot != std::string::npos) found = by_name_.find("*" + name.substr(dot));
    return found == by_name_.end() || found->second == nullptr ? *this : *found->second;
}

TlsServerContext::~TlsServerContext() {
    SSL_CTX_free(context_);
}

Result<std::shared_ptr<const TlsClientContext>, TlsError> TlsClientContext::create(TlsClientContextOptions options) {
    std::shared_ptr<TlsClientContext> made(new TlsClientContext());
    made->context_ = make_context(TLS_client_method());
    made->verification_ = options.verification;
    const bool trusted = options.ca_path.empty()
                             ? SSL_CTX_set_default_verify_paths(made->context_) == 1
                             : SSL_CTX_load_verify_file(made->context_, options.ca_path.c_str()) == 1;
    if (!trusted)
        return failure(openssl_problem("cannot use the trusted certificates in " +
                                       (options.ca_path.empty() ? "the system's store" : options.ca_path)));
    ASSERT(SSL_CTX_dane_enable(made->context_) == 1); // a connection may ask for DANE
    // Without VERIFY_PEER OpenSSL verifies all the same, keeps the result and goes on.
    SSL_CTX_set_verify(made->context_,
                       options.verification == TlsVerification::required ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    return made;
}

TlsClientContext::~TlsClientContext() {
    SSL_CTX_free(context_);
}

} // namespace tegami::net
