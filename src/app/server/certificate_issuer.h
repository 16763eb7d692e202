// Gets certificates from an authority (ACME) for the keeper of certificates: for the host, and for the names of our
// domains under which policies and settings are.
//
// 1. One certificate is asked for at a time; what fails is asked for again after growing pauses, in the log each time.
// 2. Failures are remembered across restarts (issue_failures.h): a server that is started again goes on waiting.
// 3. What an authority gave is not asked for twice because it could not be written: authorities count.
#pragma once

#include "admin/certificate_state.h"
#include "app/server/certificate_authority.h"
#include "app/server/certificate_files.h"
#include "app/server/issued_certificates.h"
#include "app/server/renewal_plan.h"
#include "async/mutex.h"
#include "async/timer.h"
#include "async/worker_pool.h"
#include "base/log.h"
#include "net/resolver.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::app {

/// What it needs of the keeper.
class CertificateUser {
public:
    using Context = std::shared_ptr<const net::TlsServerContext>;
    /// Puts new files in their place and reads what is to be shown then. Blocks. The error is a sentence.
    using Replace = std::function<Result<Context, std::string>(const Config&)>;

    virtual ~CertificateUser() = default;
    /// As the last reload has it.
    virtual const Config& config() const = 0;
    /// For new connections.
    virtual net::CurrentTlsServerContext& current() = 0;
    /// What is to be done with the host's certificate.
    virtual async::Awaitable<Renewal> plan(net::Resolver* resolver, RenewalTimes times) = 0;
    virtual void tell_waiting(Timestamp not_after) = 0;
    /// Shows from now on what `replace` returns.
    virtual async::Awaitable<Result<void, std::string>> use(Replace replace) = 0;
};

class CertificateIssuer {
public:
    /// All outlive it.
    struct Dependencies {
        CertificateUser& user;
        CertificateAuthority& authority;
        async::WorkerPool& workers;
        async::Timers& timers;
        Log& log;
        /// The names that policies (MTA-STS) and settings of mail programs are fetched from; those that lead here get
        /// certificates.
        std::function<std::vector<std::string>()> web_hosts;
    };

    explicit CertificateIssuer(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    /// Asks for what is due. The resolver outlives the call.
    async::Awaitable<> look(net::Resolver* resolver);
    /// Asks for the certificate with this name now; an empty name: for each. The error is for the operator.
    async::Awaitable<Result<void, std::string>> renew_now(std::string name, net::Resolver* resolver);
    /// Adds what it knows of certificates, and those that are still missing.
    void add_to(std::vector<admin::CertificateState>& states) const;

private:
    struct Obtained {
        std::vector<std::string> names;
        CertificateKey key = CertificateKey::same;
        std::string key_text; ///< PEM
        std::string chain;
    };

    /// How far it is with one certificate.
    struct Pursuit {
        std::string problem; ///< why there is none, or none that is new; empty: all is well
        unsigned failures = 0;
        Timestamp next_try{};
        std::optional<RenewalAdvice> advice;
        std::string advised_id; ///< the certificate that it is for
        Timestamp ask_advice_at{};
        Timestamp renewal{}; ///< when it is to be renewed
        std::optional<Obtained> unkept;
    };

    async::Awaitable<std::vector<WantedCertificate>> wanted(net::Resolver* resolver);
    async::Awaitable<bool> leads_here(net::Resolver* resolver, std::string host);
    /// At once: although it is not due.
    async::Awaitable<Result<void, std::string>> pursue(WantedCertificate wanted, net::Resolver* resolver, bool at_once);
    async::Awaitable<std::optional<RenewalAdvice>> advice_for(std::string name, std::string certificate_id);
    async::Awaitable<Result<void, std::string>> get(WantedCertificate wanted, CertificateKey key, std::string replaces);
    async::Awaitable<Result<Obtained, CertificateRefusal>> obtain(WantedCertificate wanted, CertificateKey key,
                                                                  std::string replaces);
    async::Awaitable<Result<void, CertificateRefusal>> put_to_use(WantedCertificate wanted, Obtained obtained);
    async::Awaitable<> remember_failures();
    async::Awaitable<> keep_failures();
    void note_success(const WantedCertificate& wanted);
    void note_failure(const WantedCertificate& wanted, const CertificateRefusal& refusal);

    const Config& config() const { return dependencies_.user.config(); }

    const Dependencies dependencies_;
    async::Mutex pursuing_; ///< one certificate after the other
    bool has_remembered_ = false;
    std::map<std::string, Pursuit> pursuits_; ///< by WantedCertificate::name()
};

} // namespace tegami::app
