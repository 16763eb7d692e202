// Credentials from the engine's rows. Hashing runs on the worker pool; an unknown user costs the hash of a decoy.
//
// A hash that another server made is replaced by our own, with SCRAM keys, when somebody shows the password. Until then
// SCRAM treats the account as one that does not exist, and its salt stays the invented one afterwards: from outside
// nothing has changed. A wrong password costs the decoy's hash as well where the other one is quick; where that is dear
// (bcrypt, argon2, yescrypt), the answer comes after the time that it takes, before the guard's delay.
#pragma once

#include "base/random.h"
#include "directory/credentials.h"
#include "directory/password.h"
#include "store/engine/engine.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::async {
class WorkerPool;
}

namespace tegami::directory {

class EngineCredentials final : public Credentials {
public:
    /// All of them outlive it.
    struct Dependencies {
        store::Engine& engine;
        async::WorkerPool& workers;
        RandomSource& random;
        const message::Domain& default_domain;
        const PasswordCost& cost;
    };

    explicit EngineCredentials(Dependencies dependencies);

    /// Reads the server's secret and makes it on first use; once, before all else.
    async::Awaitable<DirectoryResult<>> load_secret();

    /// 32 octets that nobody else knows; after load_secret().
    const std::string& secret() const { return server_secret_; }

    std::string normalize_login(std::string_view login) const override;
    async::Awaitable<DirectoryResult<std::optional<Identity>>> find(std::string login) override;
    async::Awaitable<DirectoryResult<std::optional<Identity>>> find_by_id(AccountId account) override;
    async::Awaitable<DirectoryResult<std::optional<Identity>>> verify(std::string login, std::string password) override;
    async::Awaitable<DirectoryResult<std::optional<ScramLogin>>> scram_keys(std::string login) override;
    ScramDecoy scram_decoy() const override;
    async::Awaitable<DirectoryResult<bool>> is_current(Identity identity) override;

private:
    /// The address that a login stands for, whether it exists or not; nothing if it cannot be one.
    std::optional<EmailAddress> address_of(std::string_view login) const;
    async::Awaitable<DirectoryResult<std::optional<StoredCredentials>>> stored(AccountId account);
    /// Compares with a hash that another server made, and replaces it if the password is right.
    async::Awaitable<DirectoryResult<std::optional<Identity>>> verify_foreign(Identity identity, std::string hash,
                                                                              std::string password);
    async::Awaitable<DirectoryResult<>> renew(Identity identity, StoredCredentials credentials);

    Dependencies dependencies_;
    std::string decoy_hash_;
    std::string server_secret_;
};

} // namespace tegami::directory
