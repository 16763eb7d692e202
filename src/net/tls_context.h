// What TLS handshakes start from: certificate and key of a server, trust of a client. Made once, shared by all
// connections, replaced as a whole: a reload makes a new context and leaves old connections on theirs. The keys of
// session tickets live as long as their context, so it is replaced from time to time, too.
//
// TLS 1.2 and 1.3 only; no compression, no renegotiation; tickets for resumption, no session cache. A client never
// resumes: what one connection was content with must not be taken for what another one asks for.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace tegami::net {

/// A problem with a certificate or key, in words for the operator.
using TlsError = std::string;

class TlsServerContext;

/// What a certificate is for and until when.
struct CertificateSummary {
    std::vector<std::string> names; ///< DNS names and addresses of the subject
    Timestamp not_before;
    Timestamp not_after;
    std::string sha256_fingerprint; ///< 64 hexadecimal digits
    std::string sha256_of_key;      ///< the same of its SubjectPublicKeyInfo (RFC 6698 §2.1.2, selector 1)

    /// Whether it names the host; a wildcard stands for one whole label (RFC 9525 §6.3).
    bool is_for(std::string_view host) const;
};

struct TlsServerOptions {
    std::string certificate_chain_path; ///< PEM, the server's own first
    std::string key_path;               ///< PEM
    /// ALPN protocols offered on every connection, after those of its own (set_applications), best first. A client that
    /// names none of them gets none, never an alert: mail clients send what they like.
    std::vector<std::string> applications;
    /// Shown to clients that name (SNI, RFC 6066 §3) a host that only the certificate of one of these is for; the
    /// earlier one, if several are. Whoever names no host, or an unknown one, sees the certificate above.
    std::vector<std::shared_ptr<const TlsServerContext>> others{};
};

class TlsServerContext {
public:
    /// Reads and checks the files: both parse, and the key belongs to the certificate.
    static Result<std::shared_ptr<const TlsServerContext>, TlsError> create(TlsServerOptions options);
    /// The same with certificate chain and key in one text of PEM, and without others. The error is a sentence.
    static Result<std::shared_ptr<const TlsServerContext>, TlsError> from_pem(const std::string& chain_and_key,
                                                                              std::vector<std::string> applications);
    /// The same certificates and settings, and these beside: one of them is shown, instead of any other, to who names
    /// its host and offers an application (ALPN) of it, as an authority does that checks the host (RFC 8737 §3). They
    /// replace those of before.
    std::shared_ptr<const TlsServerContext>
    with_challenges(std::vector<std::shared_ptr<const TlsServerContext>> challenges) const;
    /// The same certificates and settings with new keys for session tickets. Who holds a ticket of the old keys shakes
    /// hands in full once.
    std::shared_ptr<const TlsServerContext> with_new_ticket_keys() const;
    ~TlsServerContext();
    TlsServerContext(const TlsServerContext&) = delete;
    TlsServerContext& operator=(const TlsServerContext&) = delete;

    const CertificateSummary& certificate() const { return certificate_; }

    ssl_ctx_st* native() const { return context_; }

    const std::vector<std::string>& applications() const { return applications_; }

    /// As in TlsServerOptions.
    const std::vector<std::shared_ptr<const TlsServerContext>>& others() const { return others_; }

    /// Whose certificate a client sees that names this host (empty: none) and offers these applications, as they stand
    /// in its hello (RFC 7301 §3.1).
    const TlsServerContext& for_client(std::string_view host, std::string_view applications) const;

private:
    TlsServerContext() = default;

    void set_up();
    std::shared_ptr<TlsServerContext> copy() const;
    const TlsServerContext& for_host(std::string_view host) const;

    ssl_ctx_st* context_ = nullptr;
    std::vector<std::string> applications_;
    CertificateSummary certificate_;
    std::vector<std::shared_ptr<const TlsServerContext>> others_;
    std::vector<std::shared_ptr<const TlsServerContext>> challenges_;
    /// By each name that a certificate has, in lower case. Null: this one.
    std::map<std::string, const TlsServerContext*, std::less<>> by_name_;
};

/// What one connection offers (ALPN) before what its context does; the list outlives it. Private to net.
void set_applications(ssl_st* ssl, const std::vector<std::string>* applications);

/// The context for new handshakes; swapped by a reload while connections come in on any thread.
class CurrentTlsServerContext {
public:
    explicit CurrentTlsServerContext(std::shared_ptr<const TlsServerContext> context) : context_(std::move(context)) {}

    std::shared_ptr<const TlsServerContext> get() const {
        const std::lock_guard lock(guard_);
        return context_;
    }

    void set(std::shared_ptr<const TlsServerContext> context) {
        const std::lock_guard lock(guard_);
        context_ = std::move(context);
    }

private:
    mutable std::mutex guard_;
    std::shared_ptr<const TlsServerContext> context_;
};

enum class TlsVerification : std::uint8_t {
    required,      ///< no good certificate, no connection
    opportunistic, ///< go on with any certificate and report what was wrong: better than the clear (RFC 7435)
};

struct TlsClientContextOptions {
    TlsVerification verification = TlsVerification::required;
    std::string ca_path; ///< PEM file of trusted certificates; empty: the system's
};

class TlsClientContext {
public:
    static Result<std::shared_ptr<const TlsClientContext>, TlsError> create(TlsClientContextOptions options);
    ~TlsClientContext();
    TlsClientContext(const TlsClientContext&) = delete;
    TlsClientContext& operator=(const TlsClientContext&) = delete;

    TlsVerification verification() const { return verification_; }

    ssl_ctx_st* native() const { return context_; }

private:
    TlsClientContext() = default;

    ssl_ctx_st* context_ = nullptr;
    TlsVerification verification_ = TlsVerification::required;
};

struct OwnCertificateOptions {
    std::vector<std::string> names;     ///< DNS names or addresses; the first is the common name
    std::string certificate_chain_path; ///< written with mode 0644; must not exist
    std::string key_path;               ///< of the key that it gets
    Timestamp now;
};

/// Writes a new ECDSA P-256 key, PEM with mode 0600. The file must not exist.
Result<void, TlsError> create_key(const std::string& path);

/// Of a private key in PEM: what CertificateSummary::sha256_of_key is of a certificate that has it.
Result<std::string, TlsError> sha256_of_key(const std::string& path);

/// Of the first certificate in a text of PEM.
Result<CertificateSummary, TlsError> summarize_certificate(const std::string& pem);

/// Writes a certificate for the key, which is made if the file is not there; it is good for ten years, and followed by
/// the one of the authority that signed it. The authority is new too, and its key is forgotten: who trusts it trusts
/// this one certificate. Interop: Thunderbird takes no certificate that signed itself, nor an authority's as a
/// server's.
Result<void, TlsError> create_own_certificate(const OwnCertificateOptions& options);

} // namespace tegami::net
