// One login over SASL, from AUTH or AUTHENTICATE to an identity: joins the pure exchange of protocol/sasl with the
// directory's credentials. What SMTP, POP3 and IMAP share; each adds its own line syntax.
//
// 1. A failure carries how long the driver should hold back its answer.
// 2. Nobody may act as somebody else: an authorization identity other than the login is a failure.
#pragma once

#include "directory/authenticator.h"
#include "protocol/sasl/server.h"

#include <optional>
#include <string>
#include <variant>

namespace tegami::directory {

class SaslExchange {
public:
    struct Challenge {
        std::string bytes;
    };

    struct Failed {
        sasl::FailureReason reason = sasl::FailureReason::wrong_credentials;
        /// The store could not answer, or there were too many failures: not the credentials' fault.
        std::optional<LoginFailure::Reason> refused;
        Duration delay{};
    };

    using Step = std::variant<Challenge, Identity, Failed>;

    /// All of them outlive the exchange.
    SaslExchange(Authenticator& authenticator, RandomSource& random, sasl::ServerOptions options, LoginClient client);
    /// An exchange that has not come to its end was abandoned, which the log tells.
    ~SaslExchange();
    SaslExchange(const SaslExchange&) = delete;
    SaslExchange& operator=(const SaslExchange&) = delete;

    async::Awaitable<Step> start(std::string mechanism, std::optional<std::string> initial_response);
    /// The client's response to the last Challenge, decoded.
    async::Awaitable<Step> step(std::string response);

private:
    async::Awaitable<Step> settle(sasl::Outcome outcome);
    async::Awaitable<Step> succeed(sasl::Success success);
    async::Awaitable<Step> fail(sasl::Failure failure);

    Authenticator& authenticator_;
    sasl::Server server_;
    LoginClient client_;
    /// Of SCRAM: whom each of its secrets is of.
    ScramCandidates candidates_;
    /// Set once a password was found right, or a secret was proved.
    std::optional<Identity> identity_;
    std::optional<LoginFailure> login_failure_;
    bool under_way_ = false;
    bool counted_ = false; // check_password has counted the outcome already
};

} // namespace tegami::directory
