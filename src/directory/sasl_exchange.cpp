#include "directory/sasl_exchange.h"

namespace tegami::directory {

namespace {

std::string_view word_of(sasl::FailureReason reason) {
    switch (reason) {
    case sasl::FailureReason::unknown_mechanism: return "unknown-mechanism";
    case sasl::FailureReason::malformed: return "malformed";
    case sasl::FailureReason::channel_binding: return "channel-binding";
    case sasl::FailureReason::unsupported_request: return "unsupported-request";
    case sasl::FailureReason::wrong_credentials: break;
    }
    return "wrong-credentials";
}

/// Whether whom the login is for (RFC 4422 §3.4.1) is who has proved to be there. Interop: programs name the user
/// twice, not always in one spelling.
bool is_for_oneself(const sasl::Success& success, const Identity& identity) {
    if (success.authzid == success.authcid) return true;
    const auto named = message::parse_email_address(success.authzid);
    return named && address_key(*named) == address_key(identity.address);
}

} // namespace

SaslExchange::SaslExchange(Authenticator& authenticator, RandomSource& random, sasl::ServerOptions options,
                           LoginClient client)
    : authenticator_(authenticator), server_(std::move(options), random), client_(std::move(client)) {}

SaslExchange::~SaslExchange() {
    if (under_way_) authenticator_.abandoned(client_);
}

async::Awaitable<SaslExchange::Step> SaslExchange::start(std::string mechanism,
                                                         std::optional<std::string> initial_response) {
    std::optional<std::string_view> initial;
    if (initial_response) initial = *initial_response;
    under_way_ = true;
    co_return co_await settle(server_.start(mechanism, initial));
}

async::Awaitable<SaslExchange::Step> SaslExchange::step(std::string response) {
    co_return co_await settle(server_.step(response));
}

async::Awaitable<SaslExchange::Step> SaslExchange::settle(sasl::Outcome outcome) {
    for (;;) {
        if (auto* challenge = std::get_if<sasl::Challenge>(&outcome))
            co_return Step(Challenge{std::move(challenge->bytes)});
        if (const auto* success = std::get_if<sasl::Success>(&outcome)) {
            co_return co_await succeed(*success);
        }
        if (const auto* failure = std::get_if<sasl::Failure>(&outcome)) {
            co_return co_await fail(*failure);
        }
        if (const auto* need = std::get_if<sasl::NeedPassword>(&outcome)) {
            const auto checked = co_await authenticator_.check_password(need->authcid, need->password, client_);
            counted_ = true;
            if (checked) {
                identity_ = *checked;
            } else {
                login_failure_ = checked.error();
            }
            outcome = server_.password_checked(checked.has_value());
        } else if (const auto* need_secrets = std::get_if<sasl::NeedScramSecrets>(&outcome)) {
            const auto found = co_await authenticator_.scram_candidates(need_secrets->authcid, client_);
            std::optional<sasl::ScramSecrets> known;
            if (!found) {
                login_failure_ = found.error();
            } else if (*found) {
                candidates_ = **found;
                known = candidates_.secrets;
            }
            outcome = server_.scram_secrets_found(std::move(known), authenticator_.login_name(need_secrets->authcid));
        }
    }
}

async::Awaitable<SaslExchange::Step> SaslExchange::succeed(sasl::Success success) {
    if (!candidates_.identities.empty()) identity_ = candidates_.identities.at(success.verifier);
    if (!identity_ || !is_for_oneself(success, *identity_)) {
        sasl::Failure refused{.reason = sasl::FailureReason::wrong_credentials, .authcid = success.authcid};
        co_return co_await fail(std::move(refused));
    }
    under_way_ = false;
    if (!counted_) {
        co_await authenticator_.succeeded(success.authcid, client_, *identity_);
    }
    co_return Step(*identity_);
}

async::Awaitable<SaslExchange::Step> SaslExchange::fail(sasl::Failure failure) {
    under_way_ = false;
    Failed failed{.reason = failure.reason, .refused = {}, .delay = {}};
    if (login_failure_) {
        failed.delay = login_failure_->delay;
        if (login_failure_->reason != LoginFailure::Reason::wrong_credentials) failed.refused = login_failure_->reason;
    } else if (!counted_) {
        const std::string_view why =
            failure.unusable ? candidates_.refusals.at(*failure.unusable) : word_of(failure.reason);
        failed.delay = authenticator_.failed(failure.authcid, client_, why);
    }
    co_return Step(failed);
}

} // namespace tegami::directory
