// Who is logging in: what the protocol drivers call. Joins Credentials
// with a short memory of successes and the guard against guessing.
//
// 1. Unknown users, disabled accounts and wrong passwords look alike and cost the same time.
// 2. Password hashes (tens of milliseconds and of MiB each) are made in turns that are fair to networks and logins;
//    when too many wait, the next one is refused at once, for a while (CheckQueue).
// 3. The memory of successes holds keyed hashes, never passwords, and is void as soon as the password changes.
// 4. A session that has logged in ends when its account is removed or disabled or gets another password, or when the app
//    password that it was begun with is revoked (begin_session).
// 5. An app password that is not for this service or network counts as a wrong password: the log alone says why.
// 6. With a second factor in force, or required, the password opens the web face alone, with a code or a passkey: elsewhere it counts as a wrong
//    one. Where one is required and not there yet, the session may set one up, and nothing else (WebSessions::Found). A passkey that its owner has unlocked opens the web face without a password: it is both factors.
// 7. Every login and every failure is one line of the log, whatever the protocol (docs/logs.md).
//
// The driver waits: a failure carries the time to hold back the answer.
#pragma once

#include "async/awaitable.h"
#include "base/counter.h"
#include "base/log.h"
#include "directory/app_passwords.h"
#include "directory/check_queue.h"
#include "directory/credentials.h"
#include "directory/known_networks.h"
#include "directory/login_client.h"
#include "directory/login_guard.h"
#include "directory/passkeys.h"
#include "directory/second_factors.h"
#include "directory/session_registry.h"
#include "directory/sign_in_tickets.h"
#include "protocol/sasl/server.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tegami::directory {

struct LoginFailure {
    enum class Reason : std::uint8_t {
        wrong_credentials, ///< no such user, wrong password, or disabled; the client is not told which
        too_many,          ///< refused unchecked after many failures: 421/[UNAVAILABLE]-like answers fit
        unavailable,       ///< the store cannot answer now, or too many wait: a temporary failure (454 4.7.0)
    };

    Reason reason = Reason::wrong_credentials;
    Duration delay{};       ///< hold the answer back for so long
    std::string_view why{}; ///< for the log, of what was right and is refused: a word; empty: `reason` says it
};

struct AuthenticatorOptions {
    GuardPolicy guard;
    CheckQueueOptions checks; ///< `running_max`: the threads that hash
    Duration remember = std::chrono::minutes(5);
    std::size_t remembered_max = 10'000; ///< Limit: successes remembered
    /// Those of sasl::kMechanisms that may be used. Without PLAIN and LOGIN no password is taken in POP3's USER and
    /// PASS and IMAP's LOGIN either.
    std::vector<std::string> mechanisms = sasl::usual_mechanisms();
};

/// Every login and every failure, by the word for it in the log.
struct LoginCounts {
    Counter succeeded;
    WordCounters<15> failed{{"wrong-credentials", "wrong-protocol", "wrong-network", "second-factor", "wrong-code",
                             "wrong-passkey", "copied-passkey", "too-many-failures", "unavailable", "malformed",
                             "unknown-mechanism", "channel-binding", "unsupported-request", "abandoned", "other"}};
};

/// The password was right, and a code is owed, or a passkey.
struct CodeNeeded {
    std::string ticket;                ///< for check_code(), or what a passkey signs for check_passkey(); once
    std::vector<std::string> kinds;    ///< of the factors in force (SecondFactor::kinds)
    std::vector<std::string> passkeys; ///< as authenticators know them; empty: none counts
};

using SignIn = std::variant<Identity, CodeNeeded>;

struct CodeFailure {
    LoginFailure failure;
    std::string ticket; ///< for another try; empty: the password has to be shown again
};

/// Whom a SCRAM exchange would show, by each of the secrets that they have.
struct ScramCandidates {
    sasl::ScramSecrets secrets;
    std::vector<Identity> identities;       ///< one for each of the verifiers
    std::vector<std::string_view> refusals; ///< likewise: for the log, why one may not be used here; empty: it may
};

class Authenticator {
public:
    /// All of them outlive it.
    struct Dependencies {
        Credentials& credentials;
        AppPasswords& app_passwords;
        SecondFactors& second_factors;
        Passkeys& passkeys;
        SessionRegistry& sessions;
        KnownNetworks& known_networks;
        const Clock& clock;
        RandomSource& random;
        Log& log;
    };

    explicit Authenticator(Dependencies dependencies, AuthenticatorOptions options = {});
    ~Authenticator();

    /// What a server's side of a SASL exchange must know: the secrets of the directory, and the channel bindings of the
    /// connection (empty where there is none), tls-exporter (RFC 9266) and tls-server-end-point (RFC 5929 §4.1).
    sasl::ServerOptions sasl_options(std::string_view exporter_binding, std::string_view end_point_binding) const;

    /// Whether passwords themselves may be shown to the server, under TLS.
    bool takes_passwords() const { return sasl::take_passwords(mechanisms_); }

    /// The one spelling of a login, whether it exists or not.
    std::string login_name(std::string_view login) const { return credentials_.normalize_login(login); }

    /// Checks a password (PLAIN, LOGIN, POP3 USER/PASS, IMAP LOGIN) and counts the outcome.
    async::Awaitable<Result<Identity, LoginFailure>> check_password(std::string login, std::string password,
                                                                    LoginClient client);

    /// Checks the password of somebody who signs in to the web face, and counts the outcome unless a code is owed.
    async::Awaitable<Result<SignIn, LoginFailure>> sign_in(std::string login, std::string password, LoginClient client);
    /// Checks the code of somebody whom sign_in() has asked for one, and counts the outcome.
    async::Awaitable<Result<Identity, CodeFailure>> check_code(std::string ticket, std::string code,
                                                               LoginClient client);

    /// Checks what a passkey has signed, and counts the outcome: alone, where Passkeys::begin_sign_in made the challenge, or as the
    /// second factor of somebody whom sign_in() has asked for one.
    async::Awaitable<Result<Identity, LoginFailure>> check_passkey(webauthn::Assertion shown,
                                                                   webauthn::RelyingParty party, LoginClient client);

    /// Checks a token (app_password.h), which stands alone, for a service over HTTP, and counts the outcome unless it was shown not
    /// long ago.
    async::Awaitable<Result<Identity, LoginFailure>> check_token(std::string token, LoginClient client);

    /// Who has shown this password not long ago (AuthenticatorOptions::remember), neither counted nor logged: for protocols
    /// that show it with every request. Nothing, also where the guard refuses the client: ask check_password().
    async::Awaitable<std::optional<Identity>> recall(std::string login, std::string password, LoginClient client);

    /// The secrets for a SCRAM exchange; nothing for an unknown or disabled user, or one without any (give that to
    /// sasl::Server::scram_secrets_found all the same). The driver reports the outcome to succeeded() or failed().
    async::Awaitable<Result<std::optional<ScramCandidates>, LoginFailure>> scram_candidates(std::string login,
                                                                                            LoginClient client);

    // Outcomes of exchanges that this class did not decide itself (SCRAM, malformed responses).

    async::Awaitable<> succeeded(std::string login, LoginClient client, Identity identity);
    /// Counts it; returns how long to hold back the answer. `reason` is a word for the log.
    Duration failed(std::string login, const LoginClient& client, std::string_view reason);
    /// The client left an exchange before its end, which counts as nothing.
    void abandoned(const LoginClient& client);

    /// A session of somebody who has just logged in: `end` is called on `executor` when it must end. A failure: the
    /// account has changed since the login was decided, or cannot be read.
    async::Awaitable<Result<std::unique_ptr<SessionRegistry::Entry>, LoginFailure>>
    begin_session(Identity identity, async::Executor executor, std::function<void()> end);

    /// Whose logins are refused at the moment, because of too many failures.
    std::vector<LoginPause> pauses() { return guard_.pauses(clock_.instant()); }

    /// Lets a client's address, or whoever comes to a login, try again; or all if both are empty. Returns how many were
    /// refused.
    std::size_t lift_pauses(const std::string& address, const std::string& login) {
        return guard_.lift(address, login.empty() ? login : login_name(login), clock_.instant());
    }

    const LoginCounts& counts() const { return counts_; }

private:
    class Memory;

    /// What `login` is counted under, whoever it is, and where it comes from.
    struct Attempt {
        std::string login;
        LoginClient client;
        std::optional<Identity> user; ///< nothing: unknown or disabled
    };

    bool refuses(const ClientAddress& client, const std::string& login);
    async::Awaitable<Result<Attempt, LoginFailure>> admit(std::string login, LoginClient client);
    async::Awaitable<Result<Identity, LoginFailure>> decide(const Attempt* attempt, std::string login,
                                                            std::string password);
    async::Awaitable<Result<Identity, LoginFailure>> check_own_password(const Attempt* attempt, std::string login,
                                                                        std::string password);
    async::Awaitable<Result<Attempt, LoginFailure>> admit_alone(std::string user_handle, LoginClient client);
    async::Awaitable<DirectoryResult<ScramCandidates>> candidates_of(Identity user, std::string login,
                                                                     LoginClient client);
    LoginFailure note_failure(LoginFailure failed, const Attempt& attempt, std::string_view login);
    async::Awaitable<> note_success(std::string key, LoginClient client, Identity identity);
    void log_failure(std::string_view login, const LoginClient& client, std::string_view reason);

    Credentials& credentials_;
    AppPasswords& app_passwords_;
    SecondFactors& second_factors_;
    Passkeys& passkeys_;
    SessionRegistry& sessions_;
    KnownNetworks& known_networks_;
    const Clock& clock_;
    Log& log_;
    const std::vector<std::string> mechanisms_;
    LoginGuard guard_;
    std::unique_ptr<Memory> memory_;
    SignInTickets tickets_;
    CheckQueue checks_;
    LoginCounts counts_;
};

} // namespace tegami::directory
