#include "directory/authenticator.h"

#include "async/worker_pool.h"
#include "base/ascii.h"
#include "protocol/sasl/server.h"

#include <list>
#include <unordered_map>

namespace tegami::directory {

namespace {

constexpr std::size_t kMemoryKeyBytes = 32;

/// What failures are counted under: two spellings of one login are one.
std::string guard_key(const Directory& directory, const std::string& login) {
    const std::optional<EmailAddress> address = directory.login_address(login);
    return address ? address_key(*address) : ascii::lower(login.substr(0, sasl::kIdentityBytesMax));
}

} // namespace

/// Successes of the last minutes by a keyed hash of login and password; the key lives as long as the process.
class Authenticator::Memory {
public:
    Memory(RandomSource& random, Duration keep, std::size_t entries_max) : keep_(keep), entries_max_(entries_max) {
        random.fill(key_.data(), key_.size());
    }

    std::string tag(const EmailAddress& address, const std::string& password) const {
        return sasl::hmac_sha256(key_, address_key(address) + '\0' + password);
    }

    bool remembers(const std::string& tag, const Account& account, Instant now) {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(tag);
        return found != entries_.end() && now < found->second.until && found->second.account == account.id &&
               found->second.credentials_version == account.credentials_version;
    }

    void remember(const std::string& tag, const Account& account, Instant now) {
        const std::lock_guard lock(mutex_);
        const Entry entry{
            .account = account.id, .credentials_version = account.credentials_version, .until = now + keep_};
        if (!entries_.insert_or_assign(tag, entry).second) return;
        by_age_.push_back(tag);
        if (by_age_.size() <= entries_max_) return;
        entries_.erase(by_age_.front());
        by_age_.pop_front();
    }

private:
    struct Entry {
        AccountId account;
        std::uint64_t credentials_version;
        Instant until;
    };

    std::string key_ = std::string(kMemoryKeyBytes, '\0');
    Duration keep_;
    std::size_t entries_max_;
    std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    std::list<std::string> by_age_; // front: made first
};

Authenticator::Authenticator(Directory& directory, async::WorkerPool& workers, const Clock& clock, RandomSource& random,
                             AuthenticatorOptions options)
    : directory_(directory), workers_(workers), clock_(clock), guard_(options.guard),
      decoy_hash_(derive_credentials("decoy", Salts::make(random), directory.options().cost).argon2id),
      memory_(std::make_unique<Memory>(random, options.remember, options.remembered_max)), checks_(options.checks) {}

Authenticator::~Authenticator() = default;

/// Looks up who wants to log in; a failure if the guard lets nobody try now.
async::Awaitable<Result<Authenticator::Attempt, LoginFailure>> Authenticator::admit(std::string login,
                                                                                    ClientAddress client) {
    Attempt attempt{.login = guard_key(directory_, login), .client = std::move(client), .account = {}};
    const auto found = co_await directory_.account_for_login(std::move(login));
    if (!found) co_return failure(LoginFailure{.reason = LoginFailure::Reason::unavailable});
    if (*found && (*found)->enabled) attempt.account = **found;
    if (attempt.account && !guard_.knows(attempt.client, attempt.login)) {
        // What cannot be read counts as unknown: the guard is stricter then, not wrong.
        const auto known =
            co_await directory_.known_networks().contains(attempt.account->id, network_of(attempt.client));
        if (known && *known) guard_.know(attempt.client, attempt.login, clock_.instant());
    }
    if (guard_.refused(attempt.client, attempt.login, clock_.instant()))
        co_return failure(LoginFailure{.reason = LoginFailure::Reason::too_many, .delay = std::chrono::seconds(1)});
    co_return attempt;
}

async::Awaitable<Result<Identity, LoginFailure>> Authenticator::check_password(std::string login, std::string password,
                                                                               ClientAddress client) {
    CO_TRY(const Attempt attempt, co_await admit(std::move(login), std::move(client)));
    auto decided = co_await decide(&attempt, std::move(password));
    if (decided) {
        co_await note_success(attempt.login, attempt.client, decided->account);
        co_return decided;
    }
    LoginFailure failed = decided.error();
    if (failed.reason == LoginFailure::Reason::wrong_credentials)
        failed.delay = guard_.failed(attempt.client, attempt.login, clock_.instant());
    co_return failure(failed);
}

async::Awaitable<Result<Identity, LoginFailure>> Authenticator::decide(const Attempt* attempt, std::string password) {
    const LoginFailure wrong{.reason = LoginFailure::Reason::wrong_credentials};
    const LoginFailure unavailable{.reason = LoginFailure::Reason::unavailable};
    // Limit: no password is longer, and hashing is what costs.
    if (password.size() > kNewPasswordBytesMax) co_return failure(wrong);
    const std::optional<Account>& account = attempt->account;
    std::optional<Identity> identity;
    std::string hash = decoy_hash_;
    std::string tag;
    if (account) {
        identity = Identity{
            .account = account->id, .address = account->address, .credentials_version = account->credentials_version};
        tag = memory_->tag(account->address, password);
        if (memory_->remembers(tag, *account, clock_.instant())) co_return *identity;
        const auto credentials = co_await directory_.credentials(account->id);
        if (!credentials) co_return failure(unavailable);
        if (*credentials) hash = (*credentials)->argon2id;
    }
    const bool may_succeed = hash != decoy_hash_;
    const bool known = guard_.knows(attempt->client, attempt->login);
    bool correct = false;
    {
        const std::optional<CheckQueue::Turn> turn =
            co_await checks_.enter(network_of(attempt->client), attempt->login, known);
        if (!turn) co_return failure(unavailable);
        // Another connection of the same client may have shown the password while this one waited.
        if (account && memory_->remembers(tag, *account, clock_.instant())) co_return *identity;
        auto verify = [password = std::move(password), hash = std::move(hash)] {
            return verify_password(password, hash);
        };
        correct = co_await async::run(&workers_, std::move(verify));
    }
    if (!correct || !may_succeed) co_return failure(wrong);
    memory_->remember(tag, *account, clock_.instant());
    co_return *identity;
}

async::Awaitable<> Authenticator::note_success(std::string key, ClientAddress client, AccountId account) {
    if (!guard_.succeeded(client, key, clock_.instant())) co_return;
    // Failing to write this makes a later attempt from here one of a stranger: not worth refusing the login.
    const auto noted = co_await directory_.known_networks().note(account, network_of(client));
    static_cast<void>(noted);
}

async::Awaitable<Result<std::optional<ScramLogin>, LoginFailure>> Authenticator::scram_keys(std::string login,
                                                                                            ClientAddress client) {
    CO_TRY(const Attempt attempt, co_await admit(std::move(login), std::move(client)));
    if (!attempt.account) co_return std::optional<ScramLogin>();
    const Account& account = *attempt.account;
    const auto credentials = co_await directory_.credentials(account.id);
    if (!credentials) co_return failure(LoginFailure{.reason = LoginFailure::Reason::unavailable});
    if (!*credentials) co_return std::optional<ScramLogin>();
    co_return ScramLogin{.identity = {.account = account.id,
                                      .address = account.address,
                                      .credentials_version = account.credentials_version},
                         .keys = (*credentials)->scram};
}

async::Awaitable<Duration> Authenticator::finished(std::string login, ClientAddress client,
                                                   std::optional<Identity> success) {
    const std::string key = guard_key(directory_, login);
    if (!success) co_return guard_.failed(client, key, clock_.instant());
    co_await note_success(key, client, success->account);
    co_return Duration{};
}

async::Awaitable<Result<std::unique_ptr<SessionRegistry::Entry>, LoginFailure>>
Authenticator::begin_session(Identity identity, async::Executor executor, std::function<void()> end) {
    // Into the registry first: a change before the look below is seen by it, one after it ends the session.
    auto entry = directory_.sessions().add(identity.account, std::move(executor), std::move(end));
    const auto found = co_await directory_.account_at(identity.address);
    if (!found) co_return failure(LoginFailure{.reason = LoginFailure::Reason::unavailable});
    const bool same = *found && (*found)->id == identity.account && (*found)->enabled &&
                      (*found)->credentials_version == identity.credentials_version;
    if (!same) co_return failure(LoginFailure{.reason = LoginFailure::Reason::wrong_credentials});
    co_return entry;
}

} // namespace tegami::directory
