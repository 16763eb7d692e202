#include "service/smtpd/connection.h"

#include "base/ascii.h"
#include "base/sabotage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::smtpd {

namespace {

constexpr std::size_t kMessageReadBytes = 32 * 1024;

} // namespace

Connection::Connection(const Dependencies& service, std::shared_ptr<const Settings> settings, Listener listener,
                       std::unique_ptr<net::Stream> stream)
    : SessionDriver(std::move(stream), service.timers, smtp::ServerSession({})), service_(service),
      settings_(std::move(settings)), listener_(listener) {}

smtp::ServerOptions Connection::session_options() const {
    const bool secure = listener_.tls == TlsMode::implicit;
    smtp::ServerOptions options;
    options.role = listener_.role == reception::Role::mx ? smtp::ServerRole::mx : smtp::ServerRole::submission;
    options.host_name = settings_->host_name;
    options.postmaster_domain = settings_->default_domain;
    options.tls = secure                               ? smtp::TlsState::active
                  : listener_.tls == TlsMode::starttls ? smtp::TlsState::available
                                                       : smtp::TlsState::unavailable;
    options.auth_without_tls = listener_.password_without_tls;
    options.auth_mechanisms = mechanisms();
    options.limits.message_bytes = settings_->message_bytes_max;
    options.limits.refused_bytes = settings_->message_bytes_max + (16u << 20);
    options.limits.recipients = settings_->recipients_max;
    return options;
}

sasl::ServerOptions Connection::sasl_options() const {
    const auto tls = stream_->tls_info().value_or(net::TlsInfo{});
    return service_.authenticator.sasl_options(tls.exporter_binding, tls.server_end_point_binding);
}

std::vector<std::string> Connection::mechanisms() const {
    // Port 25 is for other servers: users log in on the submission ports (RFC 8314 §3.3).
    if (listener_.role == reception::Role::mx) return {};
    return sasl::mechanisms(sasl_options());
}

reception::Client Connection::client() const {
    const net::Endpoint remote = stream_->remote_endpoint();
    const bool trusted = std::ranges::any_of(
        settings_->trusted_networks, [&](const IpNetwork& network) { return network.contains(remote.address); });
    return {.role = listener_.role,
            .endpoint = remote,
            .helo_name = session_.helo_name(),
            .identity = identity_,
            .trusted = trusted && listener_.role == reception::Role::mx,
            .tls = tls_text_,
            .transmission_type = std::string(session_.transmission_type())};
}

async::Awaitable<> Connection::run(bool admitted) {
    const auto ended = co_await serve(admitted);
    if constexpr (kSabotage == Sabotage::reply_before_commit) {
        co_await deliver_answered();
    }
    if (ended || ended.error() == net::IoError::timed_out) {
        co_await stream_->finish();
    } else {
        stream_->close();
    }
}

async::Awaitable<net::IoResult<>> Connection::serve(bool admitted) {
    if (listener_.tls == TlsMode::implicit) {
        CO_TRY_VOID(co_await begin_tls());
    }
    session_ = smtp::ServerSession(session_options());
    Result<void, smtp::Reply> admission;
    if (!admitted) admission = failure(smtp::make_reply(421, "4.7.0", "too many connections, please try again later"));
    co_return co_await converse(session_.start(admission));
}

std::size_t Connection::read_bytes() const {
    return incoming_ ? kMessageReadBytes : net::kCommandBytes;
}

/// MAIL, RCPT and DATA come in one piece from a client that pipelines, and are answered in one.
bool Connection::sends_first(const smtp::ServerAction& action) {
    return !std::holds_alternative<smtp::CheckSender>(action) &&
           !std::holds_alternative<smtp::CheckRecipient>(action) &&
           !std::holds_alternative<smtp::BeginMessage>(action) && !std::holds_alternative<smtp::MessageBytes>(action) &&
           !std::holds_alternative<smtp::AbandonMessage>(action);
}

async::Awaitable<net::IoResult<>> Connection::perform_one(smtp::ServerAction action) {
    if constexpr (kSabotage == Sabotage::reply_before_commit) {
        co_await deliver_answered();
    }
    if (auto* bytes = std::get_if<smtp::MessageBytes>(&action)) {
        co_await take_bytes(std::move(*bytes));
    } else if (auto* sender = std::get_if<smtp::CheckSender>(&action)) {
        co_await check_sender(std::move(*sender));
    } else if (auto* recipient = std::get_if<smtp::CheckRecipient>(&action)) {
        co_await check_recipient(std::move(*recipient));
    } else if (std::holds_alternative<smtp::BeginMessage>(action)) {
        begin_message();
    } else if (std::holds_alternative<smtp::EndOfMessage>(action)) {
        const smtp::Reply reply = co_await end_message();
        queue(session_.message_done(reply));
    } else if (std::holds_alternative<smtp::AbandonMessage>(action)) {
        incoming_.reset();
    } else if (std::holds_alternative<smtp::StartTls>(action)) {
        CO_TRY_VOID(co_await begin_tls());
        identity_.reset();
        logged_in_.reset();
        queue(session_.tls_started(mechanisms()));
    } else if (auto* begin = std::get_if<smtp::AuthBegin>(&action)) {
        co_await authenticate(std::move(*begin));
    } else if (auto* response = std::get_if<smtp::AuthContinue>(&action)) {
        co_await continue_authentication(std::move(*response));
    } else if (std::holds_alternative<smtp::AuthCancel>(action)) {
        exchange_.reset();
    } else if (std::holds_alternative<smtp::Close>(action)) {
        close();
    }
    co_return net::IoResult<>{};
}

async::Awaitable<net::IoResult<>> Connection::begin_tls() {
    CO_TRY_VOID(co_await start_tls(service_.tls.get()));
    if (const auto info = stream_->tls_info()) tls_text_ = info->version + " " + info->cipher;
    co_return net::IoResult<>{};
}

} // namespace tegami::smtpd
