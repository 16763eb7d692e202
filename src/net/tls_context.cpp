#include "net/tls_context.h"

#include "base/assert.h"
#include "net/certificate.h"

#include <openssl/err.h>
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
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    ASSERT(SSL_CTX_set_cipher_list(context, kCiphers) == 1);
    return context;
}

int choose_application(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                       unsigned offered_size, void* argument) {
    const auto& ours = *static_cast<const std::vector<std::string>*>(argument);
    const std::string_view theirs(reinterpret_cast<const char*>(offered), offered_size);
    for (const std::string& name : ours) {
        for (std::size_t at = 0; at < theirs.size(); at += 1 + static_cast<unsigned char>(theirs[at])) {
            if (theirs.substr(at + 1, static_cast<unsigned char>(theirs[at])) != name) continue;
            *chosen = offered + at + 1;
            *chosen_size = static_cast<unsigned char>(theirs[at]);
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_NOACK;
}

} // namespace

Result<std::shared_ptr<const TlsServerContext>, TlsError> TlsServerContext::create(TlsServerOptions options) {
    std::shared_ptr<TlsServerContext> made(new TlsServerContext());
    made->context_ = make_context(TLS_server_method());
    made->applications_ = std::move(options.applications);
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

std::shared_ptr<const TlsServerContext> TlsServerContext::with_new_ticket_keys() const {
    std::shared_ptr<TlsServerContext> made(new TlsServerContext());
    made->context_ = make_context(TLS_server_method());
    made->applications_ = applications_;
    STACK_OF(X509)* chain = nullptr;
    SSL_CTX_get0_chain_certs(context_, &chain);
    ASSERT(SSL_CTX_use_cert_and_key(made->context_, SSL_CTX_get0_certificate(context_),
                                    SSL_CTX_get0_privatekey(context_), chain, 1) == 1);
    made->set_up();
    return made;
}

void TlsServerContext::set_up() {
    SSL_CTX_set_session_id_context(context_, reinterpret_cast<const unsigned char*>(kSessionContext), 6);
    SSL_CTX_set_num_tickets(context_, 1);
    if (!applications_.empty()) SSL_CTX_set_alpn_select_cb(context_, choose_application, &applications_);
    certificate_ = summarize(SSL_CTX_get0_certificate(context_));
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
