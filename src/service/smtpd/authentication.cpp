// AUTH (RFC 4954): the exchange is directory/'s, the reply codes are here.
#include "service/smtpd/connection.h"

namespace tegami::smtpd {

async::Awaitable<> Connection::authenticate(smtp::AuthBegin begin) {
    exchange_.emplace(service_.authenticator, service_.random, sasl_options(),
                      directory::LoginClient{.address = stream_->remote_endpoint().address.to_string(),
                                             .service = directory::LoginService::submission,
                                             .tls = stream_->is_secure()});
    auto step = co_await exchange_->start(std::move(begin.mechanism), std::move(begin.initial_response));
    co_await settle_authentication(std::move(step));
}

async::Awaitable<> Connection::continue_authentication(smtp::AuthContinue response) {
    auto step = co_await exchange_->step(std::move(response.response));
    co_await settle_authentication(std::move(step));
}

smtp::ServerActions Connection::last_words(net::Ending ending) {
    // RFC 5321 §4.2.3: 421 begins with the name of the host.
    if (ending == net::Ending::server_stops)
        return session_.end(
            smtp::make_reply(421, "4.3.2", settings_->host_name + " is closing, please try again in a moment"));
    return session_.end(smtp::make_reply(421, "4.7.0", "the account has changed, please log in again"));
}

async::Awaitable<> Connection::settle_authentication(directory::SaslExchange::Step step) {
    if (const auto* challenge = std::get_if<directory::SaslExchange::Challenge>(&step)) {
        queue(session_.auth_challenge(challenge->bytes));
        co_return;
    }
    exchange_.reset();
    if (const auto* identity = std::get_if<directory::Identity>(&step)) {
        auto entry =
            co_await service_.authenticator.begin_session(*identity, stream_->executor(), [this] { end_soon(); });
        if (!entry) {
            queue(
                session_.auth_failed(smtp::make_reply(454, "4.7.0", "the account has just changed, please try again")));
            co_return;
        }
        identity_ = *identity;
        logged_in_ = *std::move(entry);
        queue(session_.auth_succeeded());
        co_return;
    }
    const auto& failed = std::get<directory::SaslExchange::Failed>(step);
    // An answer that comes late makes guessing slow; the client waits, nobody else does.
    if (failed.delay > Duration::zero()) co_await async::sleep(&service_.timers, failed.delay);
    if (failed.refused == directory::LoginFailure::Reason::too_many) {
        queue(session_.auth_failed(smtp::make_reply(454, "4.7.0", "too many failed logins, please try again later")));
    } else if (failed.refused) {
        queue(session_.auth_failed(
            smtp::make_reply(454, "4.7.0", "the login cannot be checked now, please try again later")));
    } else if (failed.reason == sasl::FailureReason::unknown_mechanism) {
        queue(session_.auth_failed(smtp::make_reply(504, "5.5.4", "that mechanism is not offered")));
    } else if (failed.reason == sasl::FailureReason::malformed) {
        queue(session_.auth_failed(smtp::make_reply(501, "5.5.2", "the login is malformed")));
    } else {
        queue(session_.auth_failed(smtp::auth_refused()));
    }
}

} // namespace tegami::smtpd
