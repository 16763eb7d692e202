// AUTHENTICATE (RFC 9051 §6.2.2): carries the exchange of protocol/sasl in base64 lines and asks the directory for it.
#include "base/ascii.h"
#include "base/assert.h"
#include "base/base64.h"
#include "service/imapd/commands.h"
#include "service/imapd/sasl_options.h"

#include <variant>

namespace tegami::imapd {

namespace {

/// Limit: octets of one line with base64; the kin of RFC 4954 §4.
constexpr std::size_t kResponseLineBytesMax = 12288;
/// Limit: challenges of one exchange; the longest mechanism has three.
constexpr int kStepsMax = 8;

/// What is known while an exchange runs.
struct Exchange {
    sasl::Server server;
    std::string login;
    std::optional<directory::Identity> identity;
    std::optional<directory::LoginFailure> refused; ///< by the directory, which has counted it
    bool count_success = false;                     ///< the directory is to be told of the success
};

/// Sends a challenge and reads the answer; nothing if the exchange ends here, with the reason in `end`.
async::Awaitable<std::optional<std::string>> ask(Session* session, std::string challenge, Completion* end) {
    imap::append_continuation(session->out(), base64::encode(challenge));
    session->input.reader().expect_line(kResponseLineBytesMax);
    const imap::ReaderEvent event = co_await session->input.next();
    if (const auto* const abandoned = std::get_if<imap::Abandoned>(&event)) {
        session->ended = true;
        *end = bad(abandoned->text);
        co_return std::nullopt;
    }
    const auto* const line = std::get_if<imap::RawLine>(&event);
    if (!line) {
        *end = bad("The response is too long");
        co_return std::nullopt;
    }
    if (line->line == "*") {
        *end = bad("Cancelled");
        co_return std::nullopt;
    }
    std::optional<std::string> response = base64::decode(line->line);
    if (!response) *end = bad("The response is not base64");
    co_return response;
}

/// Answers the exchange's question about a user.
async::Awaitable<sasl::Outcome> look_up(Session* session, Exchange* exchange, sasl::Outcome question) {
    directory::Authenticator& authenticator = *session->service->authenticator;
    if (auto* const password = std::get_if<sasl::NeedPassword>(&question)) {
        exchange->login = password->authcid;
        Result<directory::Identity, directory::LoginFailure> checked = co_await authenticator.check_password(
            std::move(password->authcid), std::move(password->password), session->client);
        if (checked)
            exchange->identity = *std::move(checked);
        else
            exchange->refused = checked.error();
        co_return exchange->server.password_checked(exchange->identity.has_value());
    }
    exchange->login = std::get<sasl::NeedScramKeys>(question).authcid;
    Result<std::optional<directory::ScramLogin>, directory::LoginFailure> found =
        co_await authenticator.scram_keys(exchange->login, session->client);
    if (!found) {
        exchange->refused = found.error();
        co_return sasl::Failure{.reason = sasl::FailureReason::wrong_credentials, .authcid = exchange->login};
    }
    exchange->count_success = true;
    std::optional<sasl::ScramKeys> keys;
    if (*found) {
        exchange->identity = (*found)->identity;
        keys = (*found)->keys;
    }
    co_return exchange->server.scram_keys_found(std::move(keys));
}

async::Awaitable<Completion> succeed(Session* session, Exchange* exchange, sasl::Success success) {
    ASSERT(exchange->identity);
    // RFC 9051 §7.1, AUTHORIZATIONFAILED: nobody may act for another.
    const bool same =
        success.authzid == success.authcid || ascii::iequals(success.authzid, exchange->identity->address.to_string());
    if (exchange->count_success) session->service->authenticator->finished(exchange->login, session->client, true);
    if (!same) co_return no(imap::code::kAuthorizationFailed, "You may act only as yourself");
    co_return co_await log_in(session, *std::move(exchange->identity));
}

async::Awaitable<Completion> fail(Session* session, Exchange* exchange, sasl::Failure failure) {
    if (failure.reason == sasl::FailureReason::unknown_mechanism)
        co_return no(imap::code::kCannot, "This mechanism is not offered here");
    directory::LoginFailure refusal;
    if (exchange->refused)
        refusal = *exchange->refused;
    else
        refusal.delay = session->service->authenticator->finished(failure.authcid, session->client, false);
    Completion answer = co_await refuse_login(session, refusal, std::move(failure.authcid));
    switch (failure.reason) {
    case sasl::FailureReason::malformed: co_return bad("The response is not what the mechanism asks for");
    case sasl::FailureReason::channel_binding:
        co_return no(imap::code::kAuthenticationFailed, "The two ends do not share one TLS connection");
    case sasl::FailureReason::unsupported_request:
        co_return no(imap::code::kCannot, "The mechanism's request is not supported");
    case sasl::FailureReason::unknown_mechanism:
    case sasl::FailureReason::wrong_credentials: break;
    }
    co_return answer;
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Authenticate command) {
    if (!session->passwords_allowed())
        co_return no(imap::code::kPrivacyRequired, "Start TLS first: a login must not be sent in the clear");
    Exchange exchange{.server = sasl::Server(sasl_options(*session), *session->service->random)};
    sasl::Outcome outcome = exchange.server.start(command.mechanism, command.initial_response);
    for (int steps = 0; steps < kStepsMax;) {
        if (auto* const challenge = std::get_if<sasl::Challenge>(&outcome)) {
            ++steps;
            Completion end;
            const std::optional<std::string> response = co_await ask(session, std::move(challenge->bytes), &end);
            if (!response) co_return end;
            outcome = exchange.server.step(*response);
        } else if (auto* const success = std::get_if<sasl::Success>(&outcome)) {
            co_return co_await succeed(session, &exchange, std::move(*success));
        } else if (auto* const failure = std::get_if<sasl::Failure>(&outcome)) {
            co_return co_await fail(session, &exchange, std::move(*failure));
        } else {
            outcome = co_await look_up(session, &exchange, std::move(outcome));
        }
    }
    co_return bad("The exchange takes too long");
}

} // namespace tegami::imapd
