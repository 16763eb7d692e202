// Keeps the certificate that the server shows: reads it at the start and at a reload, renews the server's own in good
// time, has a next key ready, and tells the DNS of both keys (TLSA, RFC 7672 §8.1) where the operator lets it.
//
// 1. A certificate is renewed with the next key only when that has been announced: where there are TLSA records, the
//    next key's has been seen among them for some days. If that has not happened until shortly before the end, the new
//    certificate has the key of now, for which the records stay right.
// 2. A certificate whose key was not announced is told of, at a start as well as at a reload.
// 3. After open() everything happens on one thread, one change at a time.
#pragma once

#include "app/configuration/config.h"
#include "app/server/certificate_files.h"
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
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::app {

/// How long before its end the server's own certificate is renewed, and when at the latest.
inline constexpr auto kRenewalTime = std::chrono::days(90);
inline constexpr auto kLastRenewalTime = std::chrono::days(14);
/// How long the next key's record has been seen before a certificate may have it: others remember the set without it.
inline constexpr auto kAnnouncedTime = std::chrono::days(2);
/// How often the certificate is looked at, and what failed tried again.
inline constexpr auto kCertificateLookInterval = std::chrono::minutes(10);

/// What the DNS has of the next key.
enum class Announcement : std::uint8_t {
    unknown, ///< the DNS did not answer
    nowhere, ///< there are no TLSA records at all: nobody looks
    missing, ///< there are, without the next key
    seen,
};

enum class Renewal : std::uint8_t { none, waits, with_next_key, with_same_key };

/// What is to be done now with a certificate of our own that ends then. `seen_since`: since when `announcement` has
/// been `seen`.
Renewal plan_renewal(Timestamp now, Timestamp not_after, Announcement announcement,
                     std::optional<Timestamp> seen_since);

class CertificateKeeper {
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

    /// Looks after certificate and records, now and every kCertificateLookInterval; for one task. Both outlive it;
    /// without a publisher people publish the records.
    async::Awaitable<> run(net::Resolver* resolver, signing::RecordPublisher* publisher);

    /// Reads the files again that `loaded` names. Returns what is to be said about them; the error is for the operator,
    /// and nothing has changed then.
    async::Awaitable<Result<std::vector<std::string>, std::string>> reload(Config loaded,
                                                                           std::vector<std::string> policy_hosts);

    /// For new connections, from any thread.
    net::CurrentTlsServerContext& current() { return *current_; }

    /// The server as its records in the DNS tell of it.
    dns_setup::Host host() const;

private:
    /// What was found out about the keys beside a certificate.
    struct Keys {
        std::string next; ///< empty: there is none
        std::vector<std::string> announced;
        std::vector<std::string> warnings;
    };

    CertificateKeeper(Config config, Dependencies dependencies)
        : config_(std::move(config)), dependencies_(dependencies) {}

    static Keys look_after_keys(const Config& config, const net::CertificateSummary& certificate,
                                const std::vector<std::string>& announced);
    void take(Keys keys, std::vector<std::string>& warnings);
    async::Awaitable<> adopt(std::shared_ptr<const net::TlsServerContext> context, std::vector<std::string>* warnings);
    async::Awaitable<> renew_if_due(net::Resolver* resolver);
    async::Awaitable<Announcement> look_for_next_key(net::Resolver* resolver);
    async::Awaitable<> renew(CertificateKey key);
    async::Awaitable<> publish(signing::RecordPublisher* publisher);
    void tell_waiting(Timestamp not_after);
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
};

} // namespace tegami::app
