// AUTHENTICATE (RFC 9051 §6.2.2): carries the exchange that directory/ decides in lines of base64.
#include "base/base64.h"
#include "directory/sasl_exchange.h"
#include "service/imapd/commands.h"
#include "service/imapd/sasl_options.h"

#include <variant>

namespace tegami::imapd {

namespace {

using directory::SaslExchange;

/// Limit: octets of one line with base64; the kin of RFC 4954 §4.
constexpr std::size_t kResponseLineBytesMax = 12288;
/// Limit: challenges of one exchange; the longest mechanism has three.
constexpr int kStepsMax = 8;

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

async::Awaitable<Completion> fail(Session* session, SaslExchange::Failed failed) {
    if (failed.reason == sasl::FailureReason::unknown_mechanism)
        co_return no(imap::code::kCannot, "This mechanism is not offered here");
    const directory::LoginFailure refusal{
        .reason = failed.refused.value_or(directory::LoginFailure::Reason::wrong_credentials), .delay = failed.delay};
    Completion answer = co_await refuse_login(session, refusal);
    switch (failed.reason) {
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
    Dependencies& service = *session->service;
    SaslExchange exchange(*service.authenticator, *service.random, sasl_options(*session), session->login_client());
    SaslExchange::Step step =
        co_await exchange.start(std::move(command.mechanism), std::move(command.initial_response));
    for (int steps = 0; steps < kStepsMax; ++steps) {
        if (auto* const identity = std::get_if<directory::Identity>(&step))
            co_return co_await log_in(session, std::move(*identity));
        if (auto* const failed = std::get_if<SaslExchange::Failed>(&step)) co_return co_await fail(session, *failed);
        Completion end;
        std::optional<std::string> response =
            co_await ask(session, std::move(std::get<SaslExchange::Challenge>(step).bytes), &end);
        if (!response) co_return end;
        step = co_await exchange.step(*std::move(response));
    }
    co_return bad("The exchange takes too long");
}

} // namespace tegami::imapd
