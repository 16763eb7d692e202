// One side of one TLS connection: OpenSSL on a Transport, without waiting and without buffers of its own.
//
// OpenSSL reads and writes the transport directly through a BIO of ours, and frees its record buffers whenever they are
// empty: an idle connection holds neither. Asio's ssl::stream would hold about 70 KiB.
#pragma once

#include "net/tls_context.h"
#include "net/transport.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

struct ssl_st;

namespace tegami::net {

class TlsSession {
public:
    /// What the session has to wait for before the same step can go on.
    enum class Want : std::uint8_t { readable, writable };
    using Step = std::variant<IoResult<std::size_t>, Want>;

    /// `transport` outlives the session.
    TlsSession(Transport* transport, std::shared_ptr<const TlsServerContext> context,
               std::vector<std::string> applications);
    TlsSession(Transport* transport, std::shared_ptr<const TlsClientContext> context, const TlsClientOptions& options);
    ~TlsSession();
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    /// Repeated until it yields a result, whose number means nothing.
    Step handshake();
    Step read(char* into, std::size_t bytes_max);
    Step write(const char* data, std::size_t bytes);
    /// Whether octets are here that no waiting on the transport would report.
    bool has_pending() const;
    /// Tells the other side that we shall send no more, if that is possible at once.
    void say_goodbye();

    TlsInfo info() const;

    /// The reason of the last `tls_failed`.
    const std::string& error_text() const { return error_text_; }

    /// Of the last `tls_failed`, if it was about the other side's certificate.
    CertificateFault certificate_fault() const { return certificate_fault_; }

private:
    void attach(Transport* transport);
    /// What the return value of an OpenSSL call means.
    Step outcome(int returned, std::size_t bytes);
    IoError fail();

    std::shared_ptr<const TlsServerContext> server_context_;
    std::shared_ptr<const TlsClientContext> client_context_;
    const std::vector<std::string> applications_;
    ssl_st* ssl_ = nullptr;
    std::optional<IoError> broken_; ///< OpenSSL forbids further calls
    std::string error_text_;
    CertificateFault certificate_fault_ = CertificateFault::none;

    struct Link; ///< what the BIO calls
    std::unique_ptr<Link> link_;
};

} // namespace tegami::net
