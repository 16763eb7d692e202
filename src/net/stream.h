// A connection: octets in both directions, in the clear or, after start_tls, under TLS; with one watchdog deadline.
//
// 1. A stream is used from the thread of its executor alone. One coroutine may read while another one writes.
// 2. An idle connection holds no buffer: await wait_readable() first, then bring a buffer to read_some().
// 3. After any error but `timed_out` before a deadline that is moved, the stream is finished: close it.
// 4. When the task is cancelled, a pending operation throws operation_aborted, as every await does; when the stream is
//    closed under it, it ends with `cancelled`.
// 5. Destroying a stream closes it. Destroy it only while no operation is pending.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/address.h"
#include "net/tls_context.h"
#include "protocol/dns/record.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::net {

enum class IoError : std::uint8_t {
    end_of_stream, ///< the other side has said all it will
    reset,         ///< the connection broke
    timed_out,     ///< the stream's deadline or the network's own patience
    cancelled,     ///< the stream was closed under the operation
    tls_failed,    ///< Stream::error_text() has the reason
    refused,       ///< nobody listens there
    unreachable,   ///< no way to that address
    exhausted,     ///< this machine has no descriptor, port or memory left: wait before the next try
    failed,        ///< anything else
};

/// Plain words for logs and for the remote's error in a bounce.
std::string_view describe(IoError error);

template <class T = void>
using IoResult = Result<T, IoError>;

enum class PeerVerification : std::uint8_t {
    not_asked, ///< a server that asks for no certificate
    verified,  ///< chain and name are good
    failed,    ///< not good, and the caller had allowed that; TlsInfo::verification_text says why in plain words
};

/// What is wrong with a certificate.
enum class CertificateFault : std::uint8_t {
    none,
    name,      ///< it is for another host
    expired,   ///< or not valid yet
    untrusted, ///< no chain to an authority that is trusted, or not the one that the DNS publishes (TLSA)
    other,
};

/// What a finished TLS handshake agreed on.
struct TlsInfo {
    std::string version;     ///< "TLSv1.3"
    std::string cipher;      ///< "TLS_AES_256_GCM_SHA384"
    std::string server_name; ///< SNI: sent by the client, or received by the server; may be empty
    std::string application; ///< ALPN protocol chosen; may be empty
    PeerVerification verification = PeerVerification::not_asked;
    std::string verification_text;
    CertificateFault certificate_fault = CertificateFault::none;
    /// Channel bindings for SCRAM …-PLUS: tls-exporter (RFC 9266) and tls-server-end-point (RFC 5929 §4.1).
    std::string exporter_binding;
    std::string server_end_point_binding;
};

/// What a client wants of a handshake.
struct TlsClientOptions {
    std::string host_name;                 ///< for SNI and, if the context verifies, for the certificate; may be empty
    std::vector<std::string> applications; ///< ALPN, best first; may be empty
    bool verify = false;                   ///< a good certificate or no connection, also where the context lets it pass
    /// DANE (RFC 7671): the certificate must be what one of these describes, whatever the context says; authorities do
    /// not count. Names are checked for usage DANE-TA alone (RFC 7672 §3.2.1). Records that cannot be used are left
    /// out; if none can, the context's word counts (RFC 7672 §2.2).
    std::vector<dns::TlsaData> tlsa{};
    std::vector<std::string> other_names{}; ///< for DANE-TA, beside host_name
};

class Stream {
public:
    virtual ~Stream() = default;

    /// Reads at least one octet. `into` is valid until the await ends.
    virtual async::Awaitable<IoResult<std::size_t>> read_some(char* into, std::size_t bytes_max) = 0;
    /// Writes everything. `data` is valid until the await ends.
    virtual async::Awaitable<IoResult<>> write_all(const char* data, std::size_t bytes) = 0;
    /// Writes everything; keeps the octets itself.
    async::Awaitable<IoResult<>> write_all(std::string octets);
    /// Returns when read_some() probably would not wait: octets, the end or an error are there. Holds no buffer.
    virtual async::Awaitable<IoResult<>> wait_readable() = 0;

    /// The server's side of a handshake. What came in the clear and was not read yet counts as TLS: a session that
    /// has read ahead must throw those octets away (RFC 3207 §4.2). `applications`: what is spoken here (ALPN), best
    /// first, before those of the context; a client that names none of them gets none, never an alert.
    virtual async::Awaitable<IoResult<>> start_tls(std::shared_ptr<const TlsServerContext> context,
                                                   std::vector<std::string> applications) = 0;
    async::Awaitable<IoResult<>> start_tls(std::shared_ptr<const TlsServerContext> context);
    /// The client's side of a handshake.
    virtual async::Awaitable<IoResult<>> start_tls(std::shared_ptr<const TlsClientContext> context,
                                                   TlsClientOptions options) = 0;
    /// Nothing while in the clear. Computed when asked for, so that an idle connection need not hold it.
    virtual std::optional<TlsInfo> tls_info() const = 0;

    /// Whether a TLS handshake has succeeded.
    virtual bool is_secure() const = 0;

    /// When `deadline` passes, pending and later operations end with `timed_out`; Instant::max() means never. Cheap:
    /// call it before every read and write that has a limit of its own.
    virtual void set_deadline(Instant deadline) = 0;

    /// Says goodbye so that the other side surely gets our last words: ends our direction, throws away what still
    /// comes, for a short while, then closes.
    virtual async::Awaitable<> finish() = 0;
    /// Closes at once. A pending operation ends with `cancelled`.
    virtual void close() = 0;

    virtual Endpoint local_endpoint() const = 0;
    virtual Endpoint remote_endpoint() const = 0;
    /// A proxy has said for whom it connects: that is remote_endpoint() from now on.
    virtual void set_remote_endpoint(Endpoint client) = 0;
    virtual async::Executor executor() const = 0;
    /// The reason of the last `tls_failed` or `failed`, in words.
    virtual std::string error_text() const = 0;
    /// Of the last `tls_failed`, if it was about the other side's certificate.
    virtual CertificateFault certificate_fault() const = 0;
};

} // namespace tegami::net
