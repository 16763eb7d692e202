// Keeps the certificates that the server shows: reads them at the start and at a reload, renews the server's own in good
// time, or gets them of an authority (certificate_issuer.h), has a next key ready, and tells the DNS of both keys
// (TLSA, RFC 7672 §8.1) where the operator lets it.
//
// 1. A certificate is renewed with the next key only when that has been announced: where there are TLSA records, the
//    next key's has been seen among them for some days. If that has not happened until shortly before the end, the new
//    certificate has the key of now, for which the records stay right.
// 2. A certificate whose key was not announced is told of, at a start as well as at a reload.
// 3. After open() everything happens on one thread, one change at a time.
// 4. An authority that fails changes nothing: the certificate of now is shown on, and the authority asked again.
#pragma once

#include "app/configuration/config.h"
#include "app/server/certificate_files.h"
#include "app/server/certificate_issuer.h"
#include "async/event.h"
#include "async/mutex.h"
#include "async/timer.h"
#include "async/worker_pool.h"
#include "base/log.h"
#include "dns_setup/facts.h"
#include "net/resolver.h"
#include "net/tls_context.h"
#include "signing/record_publisher.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::app {

/// How often the certificate is looked at, and what failed tried again.
inline constexpr auto kCertificateLookInterval = std::chrono::minutes(10);

class CertificateKeeper final : private CertificateUser {
public:
    /// All outlive it.
    struct Dependencies {
        async::WorkerPool& workers; ///< for files and keys
        async::Timers& timers;
        Log& log;
    };

    /// Reads the certificate, or makes the server's own. Blocks; what is to be said about it is in the log. The error
    /// is a sentence for the operator. `policy_hosts` as in certificate_files.h.
    static Result<std::unique_ptr<CertificateKeeper>, std::string>
    open(const Config& config, const std::vector<std::string>& policy_hosts, Dependencies dependencies);

    /// From now on certificates come from this authority, which outlives it: for the host, and for those of the web
    /// hosts that there are then whose names lead here. Before run().
    void issue_through(CertificateAuthority& authority, std::function<std::vector<std::string>()> web_hosts);

    /// Looks after certificate and records, now and every kCertificateLookInterval; for one task. Both outlive it;
    /// without a publisher people publish the records.
    async::Awaitable<> run(net::Resolver* resolver, signing::RecordPublisher* publisher);

    /// Reads the files again that `loaded` names. Returns what is to be said about them; the error is for the operator,
    /// and nothing has changed then.
    async::Awaitable<Result<std::vector<std::string>, std::string>> reload(Config loaded,
                                                                           std::vector<std::string> policy_hosts);

    /// Gets the certificate with this name anew, now; an empty name: each that is wanted. Returns when that is done. The
    /// error is for the operator.
    async::Awaitable<Result<void, std::string>> renew_now(std::string name, net::Resolver* resolver);

    /// What clients are shown, the certificate for those who ask for no name first, and what is still wanted.
    std::vector<admin::CertificateState> states() const;

    /// Shown to an authority that checks names under TLS (net::TlsServerContext::with_challenges), until the next call.
    void show_challenges(std::vector<std::shared_ptr<const net::TlsServerContext>> challenges);

    /// For new connections, from any thread.
    net::CurrentTlsServerContext& current() override { return *current_; }

    /// The server as its records in the DNS tell of it.
    dns_setup::Host host() const;

private:
    /// What was found out about the keys beside a certificate.
    struct Keys {
        std::string next; ///< empty: there is none
        std::vector<std::string> announced;
        std::vector<std::string> warnings;
        std::string issued_through; ///< the authority that the certificate is from; empty: none, or nobody knows
    };

    CertificateKeeper(Config config, Dependencies dependencies)
        : config_(std::move(config)), dependencies_(dependencies) {}

    static Keys look_after_keys(const Config& config, const net::CertificateSummary& certificate,
                                const std::vector<std::string>& announced);
    void take(Keys keys, std::vector<std::string>& warnings);
    void show(std::shared_ptr<const net::TlsServerContext> context);
    async::Awaitable<> adopt(std::shared_ptr<const net::TlsServerContext> context, std::vector<std::string>* warnings);
    async::Awaitable<> renew_if_due(net::Resolver* resolver);
    async::Awaitable<Announcement> look_for_next_key(net::Resolver* resolver);
    async::Awaitable<Renewal> plan(net::Resolver* resolver, RenewalTimes times) override;
    async::Awaitable<> renew(CertificateKey key);

    bool is_issuing() const { return issuer_ != nullptr && config_.tls.certificate.empty(); }

    // For the issuer.
    const Config& config() const override { return config_; }

    async::Awaitable<Result<void, std::string>> use(Replace replace) override;
    void tell_waiting(Timestamp not_after) override;

    async::Awaitable<> publish(signing::RecordPublisher* publisher);
    void tell_unpublished(const std::string& name, const std::string& reason);

    Config config_; ///< `tls` as the last reload has it
    const Dependencies dependencies_;
    std::unique_ptr<net::CurrentTlsServerContext> current_;
    std::vector<std::string> announced_; ///< as in announced_keys()
    std::string next_key_sha256_;
    async::Mutex changing_; ///< the files, and what they say
    std::optional<Timestamp> seen_since_;
    std::optional<Timestamp> told_waiting_;
    bool is_published_ = false;
    std::string told_reason_; ///< why nothing was published, and when that was said
    Timestamp told_reason_at_;
    std::unique_ptr<async::Event> keys_changed_; ///< of the task in run()

    std::unique_ptr<CertificateIssuer> issuer_; ///< nothing: there is no authority
    std::string issued_through_;                ///< as in Keys
    std::vector<std::shared_ptr<const net::TlsServerContext>> challenges_;
};

} // namespace tegami::app
