// Shows an authority what it looks for while it checks our names: at port 80, at port 443, or in the DNS.
#pragma once

#include "acme/issuance.h"
#include "async/timer.h"
#include "async/worker_pool.h"
#include "net/resolver.h"
#include "net/tls_context.h"
#include "service/httpd/challenge_board.h"
#include "signing/record_publisher.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tegami::app {

class ChallengePresenter {
public:
    /// All outlive it.
    struct Dependencies {
        httpd::ChallengeBoard& board; ///< of http-01
        /// Of tls-alpn-01: as CertificateKeeper::show_challenges().
        std::function<void(std::vector<std::shared_ptr<const net::TlsServerContext>>)> show_under_tls;
        signing::RecordPublisher* publisher; ///< of dns-01; null: there is none
        /// One that remembers nothing; the error is for the operator.
        std::function<Result<std::unique_ptr<net::Resolver>, std::string>()> new_resolver;
        async::WorkerPool& workers;
        async::Timers& timers;
    };

    ChallengePresenter(acme::ChallengeKind kind, Dependencies dependencies)
        : kind_(kind), dependencies_(std::move(dependencies)) {}

    /// Returns when they can be found. The error is a sentence for the operator.
    async::Awaitable<Result<void, std::string>> present(std::vector<acme::Proof> proofs);
    /// Takes them back.
    async::Awaitable<> withdraw();

private:
    async::Awaitable<Result<void, std::string>> publish(std::vector<acme::Proof> proofs);
    async::Awaitable<Result<void, std::string>> set_record(std::string name, std::vector<dns::Data> set);
    async::Awaitable<bool> is_seen(std::string name, std::vector<dns::Data> set);

    const acme::ChallengeKind kind_;
    const Dependencies dependencies_;
    std::vector<std::string> published_; ///< names that have records now
};

} // namespace tegami::app
