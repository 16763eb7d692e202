// LOGIN (RFC 9051 §6.2.3), and what LOGIN and AUTHENTICATE have in common once the user is known or refused.
#include "service/imapd/commands.h"

namespace tegami::imapd {

namespace {

/// Limit: literals of one command after login: mailbox names, search texts, flags.
constexpr std::size_t kLiteralBytesMax = 256 * 1024;
/// Limit: octets of a refused command, such as an APPEND that is too large.
constexpr std::uint64_t kDiscardBytesMax = 128 * 1024 * 1024;

} // namespace

async::Awaitable<Completion> log_in(Session* session, directory::Identity identity) {
    Dependencies& service = *session->service;
    const auto end = [session] {
        session->account_changed = true;
        session->input.end_soon();
    };
    auto entry = co_await service.authenticator->begin_session(identity, session->stream->executor(), end);
    if (!entry) co_return no(imap::code::kUnavailable, "The account has just changed; try again");
    store::StoreResult<store::AccountPtr> account = co_await service.store->account(identity.account);
    if (!account) co_return failed(account.error(), service.log);
    session->home = *std::move(account);
    session->logged_in = *std::move(entry);
    session->identity = std::move(identity);
    session->input.set_patience(service.limits.idle_timeout);
    session->input.reader().set_limits({.literal_bytes_max = kLiteralBytesMax,
                                        .append_bytes_max = session->options.append_bytes_max,
                                        .discard_bytes_max = kDiscardBytesMax});
    co_return Completion{.code = imap::code::capability(capabilities(*session)), .text = "Logged in"};
}

async::Awaitable<Completion> refuse_login(Session* session, directory::LoginFailure failure) {
    Dependencies& service = *session->service;
    co_await async::sleep(service.timers, failure.delay);
    ++session->login_failures;
    switch (failure.reason) {
    case directory::LoginFailure::Reason::wrong_credentials:
        co_return no(imap::code::kAuthenticationFailed, "Wrong user name or password");
    case directory::LoginFailure::Reason::too_many:
        co_return no(imap::code::kUnavailable, "Too many failed logins; try again later");
    case directory::LoginFailure::Reason::unavailable: break;
    }
    co_return no(imap::code::kUnavailable, "The server cannot check passwords now; try again later");
}

async::Awaitable<Completion> run(Session* session, imap::Login command) {
    if (!session->passwords_allowed())
        co_return no(imap::code::kPrivacyRequired, "Start TLS first: a password must not be sent in the clear");
    if (!session->service->authenticator->takes_passwords())
        co_return no(imap::code::kCannot, "This server takes no password as it is; use AUTHENTICATE SCRAM-SHA-256");
    Result<directory::Identity, directory::LoginFailure> identity =
        co_await session->service->authenticator->check_password(std::move(command.user), std::move(command.password),
                                                                 session->login_client());
    if (!identity) {
        co_return co_await refuse_login(session, identity.error());
    }
    co_return co_await log_in(session, *std::move(identity));
}

} // namespace tegami::imapd
