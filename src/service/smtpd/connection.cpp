#include "service/smtpd/connection.h"

#include "base/ascii.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tegami::smtpd {

namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
/// Limit: how long a client may take to receive what we write, or to finish a TLS handshake.
constexpr auto kWriteTime = std::chrono::minutes(5);
constexpr auto kHandshakeTime = std::chrono::minutes(1);

} // namespace

Connection::Connection(const Service& service, std::shared_ptr<const Settings> settings, Listener listener,
                       std::unique_ptr<net::Stream> stream)
    : service_(service), settings_(std::move(settings)), listener_(listener), stream_(std::move(stream)),
      session_(session_options()) {}

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
    // With implicit TLS the session begins after the handshake; channel binding is offered in converse().
    options.auth_mechanisms = mechanisms();
    options.limits.message_bytes = settings_->message_bytes_max;
    options.limits.refused_bytes = settings_->message_bytes_max + (16u << 20);
    options.limits.recipients = settings_->recipients_max;
    return options;
}

sasl::ServerOptions Connection::sasl_options() const {
    sasl::ServerOptions options;
    options.fake_salt_secret = service_.directory.server_secret();
    options.fake_iterations = service_.directory.options().cost.scram_iterations;
    if (const auto tls = stream_->tls_info()) {
        if (!tls->exporter_binding.empty()) options.channel_bindings.push_back({"tls-exporter", tls->exporter_binding});
        if (!tls->server_end_point_binding.empty())
            options.channel_bindings.push_back({"tls-server-end-point", tls->server_end_point_binding});
    }
    return options;
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
    const auto ended = co_await converse(admitted);
    if (ended || ended.error() == net::IoError::timed_out) {
        co_await stream_->finish();
    } else {
        stream_->close();
    }
}

async::Awaitable<net::IoResult<>> Connection::converse(bool admitted) {
    if (listener_.tls == TlsMode::implicit) {
        CO_TRY_VOID(co_await begin_tls());
        session_ = smtp::ServerSession(session_options());
    }
    Result<void, smtp::Reply> admission;
    if (!admitted) admission = failure(smtp::make_reply(421, "4.7.0", "too many connections, please try again later"));
    CO_TRY_VOID(co_await perform(session_.start(admission)));

    while (!close_requested_) {
        stream_->set_deadline(service_.timers.instant() + session_.timeout());
        const auto readable = co_await stream_->wait_readable();
        std::string buffer;
        net::IoResult<std::size_t> got = failure(net::IoError::cancelled);
        if (readable) {
            buffer.resize(kReadBytes);
            got = co_await stream_->read_some(buffer.data(), buffer.size());
        } else {
            got = failure(readable.error());
        }
        stream_->set_deadline(service_.timers.instant() + kWriteTime);
        if (!got && got.error() == net::IoError::timed_out) {
            const auto told = co_await perform(session_.timed_out());
            co_return told;
        }
        if (!got) co_return failure(got.error());
        buffer.resize(*got);
        CO_TRY_VOID(co_await perform(session_.feed(buffer)));
    }
    co_return net::IoResult<>{};
}

void Connection::queue(smtp::ServerActions actions) {
    std::ranges::move(actions, std::back_inserter(todo_));
}

async::Awaitable<net::IoResult<>> Connection::perform(smtp::ServerActions actions) {
    queue(std::move(actions));
    while (!todo_.empty()) {
        smtp::ServerAction action = std::move(todo_.front());
        todo_.pop_front();
        stream_->set_deadline(service_.timers.instant() + kWriteTime);
        CO_TRY_VOID(co_await perform_one(std::move(action)));
    }
    co_return net::IoResult<>{};
}

async::Awaitable<net::IoResult<>> Connection::perform_one(smtp::ServerAction action) {
    if (auto* send = std::get_if<smtp::Send>(&action)) {
        CO_TRY_VOID(co_await stream_->write_all(std::move(send->bytes)));
    } else if (auto* bytes = std::get_if<smtp::MessageBytes>(&action)) {
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
        intake_.reset();
    } else if (std::holds_alternative<smtp::StartTls>(action)) {
        CO_TRY_VOID(co_await begin_tls());
        identity_.reset();
        queue(session_.tls_started(mechanisms()));
    } else if (auto* begin = std::get_if<smtp::AuthBegin>(&action)) {
        co_await authenticate(std::move(*begin));
    } else if (auto* response = std::get_if<smtp::AuthContinue>(&action)) {
        co_await continue_authentication(std::move(*response));
    } else if (std::holds_alternative<smtp::AuthCancel>(action)) {
        exchange_.reset();
    } else if (std::holds_alternative<smtp::Close>(action)) {
        close_requested_ = true;
    }
    co_return net::IoResult<>{};
}

async::Awaitable<net::IoResult<>> Connection::begin_tls() {
    stream_->set_deadline(service_.timers.instant() + kHandshakeTime);
    CO_TRY_VOID(co_await stream_->start_tls(service_.tls.get()));
    if (const auto info = stream_->tls_info()) tls_text_ = info->version + " " + info->cipher;
    co_return net::IoResult<>{};
}

} // namespace tegami::smtpd
