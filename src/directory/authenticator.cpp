#include "directory/authenticator.h"

#include "async/mutex.h"
#include "async/worker_pool.h"
#include "base/ascii.h"
#include "protocol/sasl/server.h"

#include <atomic>
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

/// Bounds how many passwords are hashed at once. The work always takes the same time, so waiting in a fixed line,
/// chosen in turn, is as good as waiting for the first free place.
class Authenticator::Turns {
public:
    explicit Turns(std::size_t count) : places_(count) {}

    async::Mutex& next() { return places_[next_++ % places_.size()]; }

private:
    std::vector<async::Mutex> places_;
    std::atomic<std::size_t> next_ = 0;
};

Authenticator::Authenticator(Directory& directory, async::WorkerPool& workers, const Clock& clock, RandomSource& random,
                             AuthenticatorOptions options)
    : directory_(directory), workers_(workers), clock_(clock), guard_(options.guard),
      decoy_hash_(derive_credentials("decoy", Salts::make(random), directory.options().cost).argon2id),
      memory_(std::make_unique<Memory>(random, options.remember, options.remembered_max)),
      turns_(std::make_unique<Turns>(options.checks_max)) {}

Authenticator::~Authenticator() = default;

async::Awaitable<Result<Identity, LoginFailure>> Authenticator::check_password(std::string login, std::string password,
                                                                               ClientAddress client) {
    const std::string key = guard_key(directory_, login);
    if (guard_.refused(client, key, clock_.instant()))
        co_return failure(LoginFailure{.reason = LoginFailure::Reason::too_many, .delay = std::chrono::seconds(1)});
    auto decided = co_await decide(std::move(login), std::move(password));
    if (decided) {
        guard_.succeeded(client, key, clock_.instant());
        co_return decided;
    }
    LoginFailure failed = decided.error();
    if (failed.reason == LoginFailure::Reason::wrong_credentials)
        failed.delay = guard_.failed(client, key, clock_.instant());
    co_return failure(failed);
}

async::Awaitable<Result<Identity, LoginFailure>> Authenticator::decide(std::string login, std::string password) {
    const LoginFailure wrong{.reason = LoginFailure::Reason::wrong_credentials};
    const LoginFailure unavailable{.reason = LoginFailure::Reason::unavailable};
    // Limit: no password is longer, and hashing is what costs.
    if (password.size() > kNewPasswordBytesMax) co_return failure(wrong);
    const auto found = co_await directory_.account_for_login(std::move(login));
    if (!found) co_return failure(unavailable);
    std::string hash = decoy_hash_;
    std::string tag;
    if (*found && (*found)->enabled) {
        const Account& account = **found;
        tag = memory_->tag(account.address, password);
        if (memory_->remembers(tag, account, clock_.instant()))
            co_return Identity{.account = account.id, .address = account.address};
        const auto credentials = co_await directory_.credentials(account.id);
        if (!credentials) co_return failure(unavailable);
        if (*credentials) hash = (*credentials)->argon2id;
    }
    const bool may_succeed = hash != decoy_hash_;
    bool correct = false;
    {
        const async::Mutex::Lock turn = co_await turns_->next().lock();
        auto verify = [password = std::move(password), hash = std::move(hash)] {
            return verify_password(password, hash);
        };
        correct = co_await async::run(&workers_, std::move(verify));
    }
    if (!correct || !may_succeed) co_return failure(wrong);
    memory_->remember(tag, **found, clock_.instant());
    co_return Identity{.account = (*found)->id, .address = (*found)->address};
}

async::Awaitable<Result<std::optional<ScramLogin>, LoginFailure>> Authenticator::scram_keys(std::string login,
                                                                                            ClientAddress client) {
    if (guard_.refused(client, guard_key(directory_, login), clock_.instant()))
        co_return failure(LoginFailure{.reason = LoginFailure::Reason::too_many, .delay = std::chrono::seconds(1)});
    const LoginFailure unavailable{.reason = LoginFailure::Reason::unavailable};
    const auto found = co_await directory_.account_for_login(std::move(login));
    if (!found) co_return failure(unavailable);
    if (!*found || !(*found)->enabled) co_return std::optional<ScramLogin>();
    const auto credentials = co_await directory_.credentials((*found)->id);
    if (!credentials) co_return failure(unavailable);
    if (!*credentials) co_return std::optional<ScramLogin>();
    co_return ScramLogin{.identity = {.account = (*found)->id, .address = (*found)->address},
                         .keys = (*credentials)->scram};
}

Duration Authenticator::finished(const std::string& login, const ClientAddress& client, bool success) {
    const std::string key = guard_key(directory_, login);
    if (!success) return guard_.failed(client, key, clock_.instant());
    guard_.succeeded(client, key, clock_.instant());
    return {};
}

} // namespace tegami::directory
