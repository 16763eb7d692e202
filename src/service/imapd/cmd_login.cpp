// LOGIN (RFC 9051 §6.2.3), and what LOGIN and AUTHENTICATE have in common once the user is known or refused.
#include "base/ascii.h"
#include "service/imapd/commands.h"

namespace tegami::imapd {

namespace {

/// Limit: literals of one command after login: mailbox names, search texts, flags.
constexpr std::size_t kLiteralBytesMax = 256 * 1024;

/// The account's mail. An account that the directory knows and the store does not gets its mailboxes now: a crash may
/// have come between the two steps that made it.
async::Awaitable<store::StoreResult<store::AccountPtr>> open_account(ImapService* service, store::AccountId id) {
    store::StoreResult<store::AccountPtr> account = co_await service->store->account(id);
    if (account || account.error().code != store::ErrorCode::not_found) co_return account;
    const directory::DirectoryResult<std::optional<directory::Account>> known =
        co_await service->directory->account(id);
    if (!known || !*known) co_return account;
    store::Quota quota{.bytes_max = (*known)->quota_bytes};
    store::StoreResult<store::AccountPtr> created = co_await service->store->create_account(id, quota);
    if (created || created.error().code != store::ErrorCode::exists) co_return created;
    co_return co_await service->store->account(id);
}

} // namespace

async::Awaitable<Completion> log_in(Session* session, directory::Identity identity) {
    ImapService& service = *session->service;
    store::StoreResult<store::AccountPtr> account = co_await open_account(session->service, identity.account);
    if (!account) co_return failed(account.error(), service.log);
    service.log->info("login", {{"protocol", "imap"},
                                {"account", identity.address.to_string()},
                                {"client", session->client},
                                {"tls", session->stream->is_secure() ? "yes" : "no"}});
    session->account = *std::move(account);
    session->identity = std::move(identity);
    session->input.set_patience(service.limits.idle_timeout);
    session->input.reader().set_limits(
        {.literal_bytes_max = kLiteralBytesMax, .append_bytes_max = service.limits.append_bytes_max});
    co_return Completion{.code = imap::code::capability(capabilities(*session)), .text = "Logged in"};
}

async::Awaitable<Completion> refuse_login(Session* session, directory::LoginFailure failure, std::string login) {
    ImapService& service = *session->service;
    service.log->warning("login refused",
                         {{"protocol", "imap"}, {"login", ascii::printable(login)}, {"client", session->client}});
    co_await async::sleep(service.timers, failure.delay);
    if (++session->login_failures >= service.limits.login_failures) session->ended = true;
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
    std::string login = command.user;
    Result<directory::Identity, directory::LoginFailure> identity =
        co_await session->service->authenticator->check_password(std::move(command.user), std::move(command.password),
                                                                 session->client);
    if (!identity) co_return co_await refuse_login(session, identity.error(), std::move(login));
    co_return co_await log_in(session, *std::move(identity));
}

} // namespace tegami::imapd
