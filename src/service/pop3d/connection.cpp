#include "service/pop3d/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::pop3d {

Connection::Connection(const Dependencies& service, std::string host_name, Listener listener,
                       std::unique_ptr<net::Stream> stream)
    : SessionDriver(std::move(stream), service.timers, pop3::ServerSession({})), service_(service),
      host_name_(std::move(host_name)), listener_(listener), charge_(&service.memory),
      ahead_(service.store, service.memory) {}

Connection::~Connection() {
    release_maildrop();
}

void Connection::release_maildrop() {
    if (std::exchange(locked_, false)) service_.locks.release(identity_->account);
}

pop3::ServerOptions Connection::session_options() const {
    pop3::ServerOptions options;
    options.host_name = host_name_;
    options.implementation = "Tegami";
    options.tls = listener_.tls == TlsMode::implicit   ? pop3::TlsState::active
                  : listener_.tls == TlsMode::starttls ? pop3::TlsState::available
                                                       : pop3::TlsState::unavailable;
    options.auth_mechanisms = mechanisms();
    options.auth_without_tls = listener_.password_without_tls;
    return options;
}

sasl::ServerOptions Connection::sasl_options() const {
    const auto tls = stream_->tls_info().value_or(net::TlsInfo{});
    return service_.authenticator.sasl_options(tls.exporter_binding, tls.server_end_point_binding);
}

std::vector<std::string> Connection::mechanisms() const {
    return sasl::mechanisms(sasl_options());
}

async::Awaitable<> Connection::run(bool admitted) {
    const auto ended = co_await serve(admitted);
    co_await mark_retrieved();
    release_maildrop(); // RFC 1939 §6: before the connection goes, or a client that comes back at once finds it taken
    if (ended) {
        co_await stream_->finish();
    } else {
        stream_->close();
    }
}

async::Awaitable<net::IoResult<>> Connection::serve(bool admitted) {
    if (listener_.tls == TlsMode::implicit) {
        CO_TRY_VOID(co_await start_tls(service_.tls.get()));
    }
    session_ = pop3::ServerSession(session_options());
    co_return co_await converse(admitted ? session_.start()
                                         : session_.end("[SYS/TEMP] too many connections, please try again later"));
}

async::Awaitable<net::IoResult<>> Connection::perform_one(pop3::ServerAction action) {
    if (const auto* message = std::get_if<pop3::SendMessage>(&action)) {
        CO_TRY_VOID(co_await send_message(*message));
    } else if (std::holds_alternative<pop3::StartTls>(action)) {
        CO_TRY_VOID(co_await start_tls(service_.tls.get()));
        queue(session_.tls_started(mechanisms()));
    } else if (auto* check = std::get_if<pop3::CheckPassword>(&action)) {
        co_await check_password(std::move(*check));
    } else if (auto* begin = std::get_if<pop3::AuthBegin>(&action)) {
        exchange_.emplace(service_.authenticator, service_.random, sasl_options(), login_client());
        auto step = co_await exchange_->start(std::move(begin->mechanism), std::move(begin->initial_response));
        co_await settle_authentication(std::move(step));
    } else if (auto* response = std::get_if<pop3::AuthContinue>(&action)) {
        auto step = co_await exchange_->step(std::move(response->response));
        co_await settle_authentication(std::move(step));
    } else if (std::holds_alternative<pop3::AuthCancel>(action)) {
        exchange_.reset();
    } else if (std::holds_alternative<pop3::OpenMaildrop>(action)) {
        co_await open_maildrop();
    } else if (std::holds_alternative<pop3::ContinueListing>(action)) {
        co_await async::give_way();
        queue(session_.continue_listing());
    } else if (auto* commit = std::get_if<pop3::CommitDeletions>(&action)) {
        const bool all = co_await delete_messages(std::move(commit->numbers));
        queue(session_.deletions_committed(all));
    } else if (std::holds_alternative<pop3::Close>(action)) {
        close();
    }
    co_return net::IoResult<>{};
}

directory::LoginClient Connection::login_client() const {
    return {.address = stream_->remote_endpoint().address.to_string(),
            .service = directory::LoginService::pop3,
            .tls = stream_->is_secure()};
}

async::Awaitable<> Connection::check_password(pop3::CheckPassword check) {
    const auto checked = co_await service_.authenticator.check_password(std::move(check.user),
                                                                        std::move(check.password), login_client());
    if (checked) {
        co_await settle_authentication(*checked);
        co_return;
    }
    directory::SaslExchange::Failed failed{.reason = {}, .refused = {}, .delay = checked.error().delay};
    failed.reason = sasl::FailureReason::wrong_credentials;
    if (checked.error().reason != directory::LoginFailure::Reason::wrong_credentials)
        failed.refused = checked.error().reason;
    co_await refuse_login(failed);
}

pop3::ServerActions Connection::last_words(net::Ending ending) {
    if (ending == net::Ending::server_stops)
        return session_.end("[SYS/TEMP] the server is closing, please try again in a moment");
    return session_.end("[SYS/TEMP] the account has changed, please log in again");
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
            queue(session_.auth_failed(pop3::Refusal::temporary_fault));
            co_return;
        }
        identity_ = *identity;
        logged_in_ = *std::move(entry);
        queue(session_.auth_succeeded(identity->address.to_string()));
        co_return;
    }
    co_await refuse_login(std::get<directory::SaslExchange::Failed>(step));
}

async::Awaitable<> Connection::refuse_login(directory::SaslExchange::Failed failed) {
    // An answer that comes late makes guessing slow; the client waits, nobody else does.
    if (failed.delay > Duration::zero()) co_await async::sleep(&service_.timers, failed.delay);
    const bool malformed =
        failed.reason == sasl::FailureReason::malformed || failed.reason == sasl::FailureReason::unknown_mechanism;
    queue(session_.auth_failed(failed.refused ? pop3::Refusal::temporary_fault
                               : malformed    ? pop3::Refusal::malformed
                                              : pop3::Refusal::credentials));
}

} // namespace tegami::pop3d
