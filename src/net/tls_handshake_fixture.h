// For tests: a TLS handshake in memory, with or without the ticket of an earlier one.
#pragma once

#include "net/tls_context.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <string>

namespace tegami::net::testing {

struct Handshake {
    std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> session; ///< the client's, with its ticket
    bool resumed;
    std::string common_name; ///< of the certificate shown
    std::string application; ///< chosen
};

/// What the client asks for in its hello.
struct Hello {
    std::string host;
    std::string application;
};

/// Shakes hands with a client that shows the ticket of `session`; null: it has none.
inline Handshake shake_hands(const TlsServerContext& context, SSL_SESSION* session, const Hello& hello = {}) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> client_context(SSL_CTX_new(TLS_client_method()),
                                                                           SSL_CTX_free);
    const std::unique_ptr<SSL, decltype(&SSL_free)> client(SSL_new(client_context.get()), SSL_free);
    const std::unique_ptr<SSL, decltype(&SSL_free)> server(SSL_new(context.native()), SSL_free);
    if (session != nullptr) SSL_set_session(client.get(), session);
    if (!hello.host.empty()) SSL_set_tlsext_host_name(client.get(), hello.host.c_str());
    const std::string offered = static_cast<char>(hello.application.size()) + hello.application;
    if (!hello.application.empty())
        SSL_set_alpn_protos(client.get(), reinterpret_cast<const unsigned char*>(offered.data()),
                            static_cast<unsigned>(offered.size()));
    BIO* ours = nullptr;
    BIO* theirs = nullptr;
    BIO_new_bio_pair(&ours, 0, &theirs, 0);
    SSL_set_bio(client.get(), ours, ours);
    SSL_set_bio(server.get(), theirs, theirs);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
    bool done = false;
    for (int turn = 0; turn < 10 && !done; ++turn) {
        SSL_do_handshake(client.get());
        done = SSL_do_handshake(server.get()) == 1 && SSL_is_init_finished(client.get()) == 1;
    }
    EXPECT_TRUE(done);
    char octet = 0;
    SSL_read(client.get(), &octet, 1); // takes the ticket in
    SSL_set_shutdown(client.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    std::array<char, 256> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(client.get())), NID_commonName,
                              name.data(), name.size());
    const unsigned char* chosen = nullptr;
    unsigned chosen_size = 0;
    SSL_get0_alpn_selected(client.get(), &chosen, &chosen_size);
    return {.session{SSL_get1_session(client.get()), SSL_SESSION_free},
            .resumed = SSL_session_reused(client.get()) == 1,
            .common_name = name.data(),
            .application = {reinterpret_cast<const char*>(chosen), chosen_size}};
}

/// From now on the server wants a certificate of its clients, and ends handshakes without one.
inline void require_client_certificates(const TlsServerContext& context) {
    SSL_CTX_set_verify(context.native(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

} // namespace tegami::net::testing
