#include "directory/engine_credentials.h"

#include "async/worker_pool.h"
#include "base/ascii.h"
#include "directory/engine_access.h"
#include "directory/foreign_hash.h"
#include "protocol/sasl/server.h"

#include <fmt/format.h>

namespace tegami::directory {

namespace {

constexpr std::size_t kSecretBytes = 32;

Identity identity_of(const Account& account) {
    return {.account = account.id, .address = account.address, .credentials_version = account.credentials_version};
}

} // namespace

EngineCredentials::EngineCredentials(Dependencies dependencies)
    : dependencies_(dependencies),
      decoy_hash_(derive_credentials("decoy", Salts::make(dependencies_.random), dependencies_.cost).hash) {}

async::Awaitable<DirectoryResult<>> EngineCredentials::load_secret() {
    const auto decide = [this](std::optional<std::string> secret) -> DirectoryResult<store::Update> {
        store::Update update;
        if (secret) {
            server_secret_ = *std::move(secret);
            return update;
        }
        server_secret_.assign(kSecretBytes, '\0');
        dependencies_.random.fill(server_secret_.data(), server_secret_.size());
        update.operations.emplace_back(store::Put{records::secret_key(), records::encode_octets(server_secret_)});
        return update;
    };
    co_return co_await update_row(&dependencies_.engine, records::secret_key(), &records::decode_octets, decide);
}

std::optional<EmailAddress> EngineCredentials::address_of(std::string_view login) const {
    const std::string full =
        login.contains('@') ? std::string(login) : fmt::format("{}@{}", login, dependencies_.default_domain.ascii());
    auto address = message::parse_email_address(full);
    if (!address) return std::nullopt;
    return *std::move(address);
}

std::string EngineCredentials::normalize_login(std::string_view login) const {
    const std::optional<EmailAddress> address = address_of(login);
    return address ? address_key(*address) : ascii::lower(login.substr(0, sasl::kIdentityBytesMax));
}

async::Awaitable<DirectoryResult<std::optional<Identity>>> EngineCredentials::find(std::string login) {
    const std::optional<EmailAddress> address = address_of(login);
    if (!address) co_return std::optional<Identity>();
    const auto account = co_await account_at(&dependencies_.engine, *address);
    if (!account) co_return failure(account.error());
    if (!*account || !(*account)->enabled) co_return std::optional<Identity>();
    co_return identity_of(**account);
}

async::Awaitable<DirectoryResult<std::optional<Identity>>> EngineCredentials::find_by_id(AccountId id) {
    const auto address = co_await get_row(&dependencies_.engine, records::id_key(id), &records::decode_address);
    if (!address) co_return failure(address.error());
    if (!*address) co_return std::optional<Identity>();
    const auto account = co_await account_at(&dependencies_.engine, **address);
    if (!account) co_return failure(account.error());
    if (!*account || (*account)->id != id || !(*account)->enabled) co_return std::optional<Identity>();
    co_return identity_of(**account);
}

async::Awaitable<DirectoryResult<std::optional<StoredCredentials>>> EngineCredentials::stored(AccountId account) {
    co_return co_await get_row(&dependencies_.engine, records::credentials_key(account), &records::decode_credentials);
}

async::Awaitable<DirectoryResult<std::optional<Identity>>> EngineCredentials::verify(std::string login,
                                                                                     std::string password) {
    const auto identity = co_await find(std::move(login));
    if (!identity) co_return failure(identity.error());
    std::optional<std::string> hash;
    if (*identity) {
        const auto credentials = co_await stored((*identity)->account);
        if (!credentials) co_return failure(credentials.error());
        if (*credentials && (*credentials)->is_foreign()) {
            const Identity known = **identity;
            std::string foreign = (*credentials)->hash;
            co_return co_await verify_foreign(known, std::move(foreign), std::move(password));
        }
        if (*credentials) hash = (*credentials)->hash;
    }
    auto compare = [password = std::move(password), hash = hash.value_or(decoy_hash_)] {
        return verify_password(password, hash);
    };
    const bool same = co_await async::run(&dependencies_.workers, std::move(compare));
    // The decoy's own password opens nothing.
    if (!same || !hash) co_return std::optional<Identity>();
    co_return identity;
}

namespace {

/// What a comparison with another server's hash came to.
struct ForeignCheck {
    bool same = false;
    std::optional<StoredCredentials> own; ///< nothing: wrong, or a password that we cannot keep
};

ForeignCheck check_foreign(const std::string& password, const std::string& hash, const std::string& decoy,
                           const Salts& salts, const PasswordCost& cost) {
    const auto foreign = parse_foreign_hash(hash);
    ForeignCheck check{.same = foreign && verify_foreign_hash(password, *foreign), .own = {}};
    if (check.same) {
        if (!check_new_password(password)) check.own = derive_credentials(password, salts, cost);
    } else if (!foreign || foreign->quick) {
        static_cast<void>(verify_password(password, decoy)); // takes as long as an unknown user
    }
    return check;
}

} // namespace

async::Awaitable<DirectoryResult<std::optional<Identity>>>
EngineCredentials::verify_foreign(Identity identity, std::string hash, std::string password) {
    Salts salts = Salts::make(dependencies_.random);
    salts.scram = sasl::invented_salt(server_secret_, address_key(identity.address));
    auto with = co_await deriving_for(&dependencies_.engine, identity.account, std::move(salts), dependencies_.cost);
    if (!with) co_return failure(with.error());
    auto compare = [password = std::move(password), hash = std::move(hash), decoy = decoy_hash_,
                    with = *std::move(with)] { return check_foreign(password, hash, decoy, with.salts, with.cost); };
    ForeignCheck check = co_await async::run(&dependencies_.workers, std::move(compare));
    if (!check.same) co_return std::optional<Identity>();
    if (check.own) {
        StoredCredentials own = *std::move(check.own);
        // The password is right, whether or not this can be written now; the next login tries again.
        const auto renewed = co_await renew(identity, std::move(own));
        static_cast<void>(renewed);
    }
    co_return identity;
}

async::Awaitable<DirectoryResult<>> EngineCredentials::renew(Identity identity, StoredCredentials credentials) {
    const auto decide = [&](std::optional<Account> account) -> DirectoryResult<store::Update> {
        store::Update update;
        // Another password came meanwhile, or the account went.
        if (!account || identity_of(*account) != identity) return update;
        account->foreign_hash.clear();
        update.operations.emplace_back(store::Put{records::account_key(account->address), records::encode(*account)});
        update.operations.emplace_back(store::Put{records::credentials_key(account->id), records::encode(credentials)});
        return update;
    };
    co_return co_await update_row(&dependencies_.engine, records::account_key(identity.address),
                                  &records::decode_account, decide);
}

async::Awaitable<DirectoryResult<std::optional<ScramLogin>>> EngineCredentials::scram_keys(std::string login) {
    const auto identity = co_await find(std::move(login));
    if (!identity) co_return failure(identity.error());
    if (!*identity) co_return std::optional<ScramLogin>();
    const auto credentials = co_await stored((*identity)->account);
    if (!credentials) co_return failure(credentials.error());
    if (!*credentials || (*credentials)->is_foreign()) co_return std::optional<ScramLogin>();
    co_return ScramLogin{.identity = **identity, .keys = (*credentials)->scram};
}

ScramDecoy EngineCredentials::scram_decoy() const {
    return {.salt_secret = server_secret_, .iterations = dependencies_.cost.scram_iterations};
}

async::Awaitable<DirectoryResult<bool>> EngineCredentials::is_current(Identity identity) {
    const auto account = co_await account_at(&dependencies_.engine, identity.address);
    if (!account) co_return failure(account.error());
    co_return *account && (*account)->enabled && (*account)->id == identity.account &&
        (*account)->credentials_version == identity.credentials_version;
}

} // namespace tegami::directory
