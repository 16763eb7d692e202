// Carries out the conversation with an authority (acme/issuance.h) over HTTPS.
#pragma once

#include "acme/issuance.h"
#include "app/configuration/config.h"
#include "app/server/certificate_authority.h"
#include "app/server/challenge_presenter.h"
#include "net/network.h"

#include <memory>
#include <string>

namespace tegami::app {

class AcmeClient final : public CertificateAuthority {
public:
    /// All outlive it.
    struct Dependencies {
        net::Network& network;
        net::Resolver& resolver;
        RandomSource& random;
        ChallengePresenter::Dependencies challenges;
    };

    /// Of a configuration with an authority, which outlives it. The error is for the operator.
    static Result<std::unique_ptr<AcmeClient>, std::string> create(const Config& config, Dependencies dependencies);

    async::Awaitable<Result<std::string, CertificateRefusal>> obtain(CertificateOrder order) override;
    async::Awaitable<RenewalAnswer> when_to_renew(std::string certificate_id) override;

private:
    AcmeClient(const Config& config, std::shared_ptr<const net::TlsClientContext> tls, Dependencies dependencies);

    async::Awaitable<Result<std::string, CertificateRefusal>> converse(acme::Issuance* issuance);
    async::Awaitable<acme::Step> perform(acme::Issuance* issuance, acme::Ask ask);
    async::Awaitable<acme::Step> perform(acme::Issuance* issuance, acme::Present present);
    async::Awaitable<acme::Step> perform(acme::Issuance* issuance, acme::Pause pause);
    async::Awaitable<acme::Step> go_on(acme::Issuance* issuance);
    async::Awaitable<acme::Answer> exchange(acme::Ask ask);
    async::Awaitable<std::vector<net::Endpoint>> endpoints_of(std::string host, std::uint16_t port);

    const Config& config_;
    const std::shared_ptr<const net::TlsClientContext> tls_;
    const Dependencies dependencies_;
    async::Timers& timers_;
    async::WorkerPool& workers_;
    ChallengePresenter presenter_;
};

} // namespace tegami::app
