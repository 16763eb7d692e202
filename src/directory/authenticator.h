// Who is logging in: what the protocol drivers call. Joins the directory, the password work on the worker pool,
// a short memory of successes, and the guard against guessing.
//
// 1. Unknown users, disabled accounts and wrong passwords look alike and cost the same time.
// 2. At most `checks_max` passwords are hashed at once (each takes tens of MiB); others wait their turn.
// 3. The memory of successes holds keyed hashes, never passwords, and is void as soon as the password changes.
//
// The driver waits: a failure carries the time to hold back the answer.
#pragma once

#include "async/awaitable.h"
#include "directory/directory.h"
#include "directory/login_guard.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace tegami::directory {

/// Who a session acts as from now on.
struct Identity {
    AccountId account;
    EmailAddress address;

    bool operator==(const Identity&) const = default;
};

struct LoginFailure {
    enum class Reason : std::uint8_t {
        wrong_credentials, ///< no such user, wrong password, or disabled; the client is not told which
        too_many,          ///< refused unchecked after many failures: 421/[UNAVAILABLE]-like answers fit
        unavailable,       ///< the store cannot answer now: a temporary failure (454 4.7.0)
    };

    Reason reason = Reason::wrong_credentials;
    Duration delay{}; ///< hold the answer back for so long
};

/// The client's address as text without port, such as `192.0.2.1`.
using ClientAddress = std::string;

struct ScramLogin {
    Identity identity;
    sasl::ScramKeys keys;
};

struct AuthenticatorOptions {
    GuardPolicy guard;
    std::size_t checks_max = 4; ///< Limit: passwords hashed at once
    Duration remember = std::chrono::minutes(5);
    std::size_t remembered_max = 10'000; ///< Limit: successes remembered
};

class Authenticator {
public:
    Authenticator(Directory& directory, async::WorkerPool& workers, const Clock& clock, RandomSource& random,
                  AuthenticatorOptions options = {});
    ~Authenticator();

    /// Checks a password (PLAIN, LOGIN, POP3 USER/PASS, IMAP LOGIN) and counts the outcome.
    async::Awaitable<Result<Identity, LoginFailure>> check_password(std::string login, std::string password,
                                                                    ClientAddress client);

    /// The keys for a SCRAM exchange; nothing for an unknown or disabled user (give that to
    /// sasl::Server::scram_keys_found all the same). The driver reports the outcome to finished().
    async::Awaitable<Result<std::optional<ScramLogin>, LoginFailure>> scram_keys(std::string login,
                                                                                 ClientAddress client);

    /// Counts the outcome of an exchange that this class did not decide itself (SCRAM, malformed responses).
    /// Returns how long to hold back the answer.
    Duration finished(const std::string& login, const ClientAddress& client, bool success);

private:
    class Memory;
    class Turns;

    async::Awaitable<Result<Identity, LoginFailure>> decide(std::string login, std::string password);

    Directory& directory_;
    async::WorkerPool& workers_;
    const Clock& clock_;
    LoginGuard guard_;
    std::string decoy_hash_; // verified for users that do not exist, so that they cost the same
    std::unique_ptr<Memory> memory_;
    std::unique_ptr<Turns> turns_;
};

} // namespace tegami::directory
