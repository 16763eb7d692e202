#include "directory/authenticator.h"

#include "directory/password.h"

#include <list>
#include <mutex>
#include <unordered_map>

namespace tegami::directory {

namespace {

constexpr std::size_t kMemoryKeyBytes = 32;

std::string_view word_of(LoginFailure::Reason reason) {
    switch (reason) {
    case LoginFailure::Reason::wrong_credentials: return "wrong-credentials";
    case LoginFailure::Reason::too_many: return "too-many-failures";
    case LoginFailure::Reason::unavailable: break;
    }
    return "unavailable";
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

    bool remembers(const std::string& tag, const Identity& user, Instant now) {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(tag);
        return found != entries_.end() && now < found->second.until && found->second.user == user;
    }

    void remember(const std::string& tag, const Identity& user, Instant now) {
        const std::lock_guard lock(mutex_);
        const Entry entry{.user = user, .until = now + keep_};
        if (!entries_.insert_or_assign(tag, entry).second) return;
        by_age_.push_back(tag);
        if (by_age_.size() <= entries_max_) return;
        entries_.erase(by_age_.front());
        by_age_.pop_front();
    }

private:
    struct Entry {
        Identity user;
        Instant until;
    };

    std::string key_ = std::string(kMemoryKeyBytes, '\0');
    Duration keep_;
    std::size_t entries_max_;
    std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    std::list<std::string> by_age_; // front: made first
};

Authenticator::Authenticator(Dependencies dependencies, AuthenticatorOptions options)
    : credentials_(dependencies.credentials), sessions_(dependencies.sessions),
      known_networks_(dependencies.known_networks), clock_(dependencies.clock), log_(dependencies.log),
      mechanisms_(std::move(options.mechanisms)), guard_(options.guard),
      memory_(std::make_unique<Memory>(dependencies.random, options.remember, options.remembered_max)),
      checks_(options.checks) {}

Authenticator::~Authenticator() = default;

sasl::ServerOptions Authenticator::sasl_options(std::string_view exporter_binding,
                                                std::string_view end_point_binding) const {
    sasl::ServerOptions options{.enabled = mechanisms_};
    ScramDecoy decoy = credentials_.scram_decoy();
    options.fake_salt_secret = std::move(decoy.salt_secret);
    options.fake_iterations = decoy.iterations;
    if (!exporter_binding.empty()) options.channel_bindings.push_back({"tls-exporter", std::string(exporter_binding)});
    if (!end_point_binding.empty())
        options.channel_bindings.push_back({"tls-server-end-point", std::string(end_point_binding)});
    return options;
}

/// Looks up who wants to log in; a failure if the guard lets nobody try now.
async::Awaitable<Result<Authenticator::Attempt, LoginFailure>> Authenticator::admit(std::string login,
                                                                                    ClientAddress client) {
    Attempt attempt{.login = credentials_.normalize_login(login), .client = std::move(client), .user = {}};
    const auto found = co_await credentials_.find(std::move(login));
    if (!found) co_return failure(LoginFailure{.reason = LoginFailure::Reason::unavailable});
    attempt.user = *found;
    if (attempt.user && !guard_.knows(attempt.client, attempt.login)) {
        // What cannot be read counts as unknown: the guard is stricter then, not wrong.
        const auto known = co_await known_networks_.contains(attempt.user->account, network_of(attempt.client));
        if (known && *known) guard_.know(attempt.client, attempt.login, clock_.instant());
    }
    if (guard_.refused(attempt.client, attempt.login, clock_.instant()))
        co_return failure(LoginFailure{.reason = LoginFailure::Reason::too_many, .delay = std::chrono::seconds(1)});
    co_return attempt;
}

async::Awaitable<Result<Identity, LoginFailure>> Authenticator::check_password(std::string login, std::string password,
                                                                               LoginClient client) {
    const auto attempt = co_await admit(login, client.address);
    if (!attempt) {
        log_failure(login, client, word_of(attempt.error().reason));
        co_return failure(attempt.error());
    }
    auto decided = co_await decide(&*attempt, login, std::move(password));
    if (decided) {
        co_await note_success(attempt->login, client, *decided);
        co_return decided;
    }
    LoginFailure failed = decided.error();
    if (failed.reason == LoginFailure::Reason::wrong_credentials)
        failed.delay = guard_.failed(client.address, attempt->login, clock_.instant());
    log_failure(login, client, word_of(failed.reason));
    co_return failure(failed);
}

async::Awaitable<std::optional<Identity>> Authenticator::recall(std::string login, std::string password,
                                                                ClientAddress client) {
    if (password.size() > kNewPasswordBytesMax) co_return std::nullopt;
    const auto attempt = co_await admit(std::move(login), std::move(client));
    if (!attempt || !attempt->user) co_return std::nullopt;
    const Identity& user = *attempt->user;
    const bool remembered = memory_->remembers(memory_->tag(user.address, password), user, clock_.instant());
    co_return remembered ? attempt->user : std::nullopt;
}

async::Awaitable<Result<Identity, LoginFailure>> Authenticator::decide(const Attempt* attempt, std::string login,
                                                                       std::string password) {
    const LoginFailure wrong{.reason = LoginFailure::Reason::wrong_credentials};
    const LoginFailure unavailable{.reason = LoginFailure::Reason::unavailable};
    // Limit: no password is longer, and hashing is what costs.
    if (password.size() > kNewPasswordBytesMax) co_return failure(wrong);
    const std::optional<Identity>& user = attempt->user;
    const std::string tag = user ? memory_->tag(user->address, password) : std::string();
    if (user && memory_->remembers(tag, *user, clock_.instant())) co_return *user;
    const bool known = guard_.knows(attempt->client, attempt->login);
    const std::optional<CheckQueue::Turn> turn =
        co_await checks_.enter(network_of(attempt->client), attempt->login, known);
    if (!turn) co_return failure(unavailable);
    // Another connection of the same client may have shown the password while this one waited.
    if (user && memory_->remembers(tag, *user, clock_.instant())) co_return *user;
    const auto verified = co_await credentials_.verify(std::move(login), std::move(password));
    if (!verified) co_return failure(unavailable);
    if (!*verified) co_return failure(wrong);
    // Who was not there at the first look has no tag, and is not remembered.
    if (user) memory_->remember(tag, **verified, clock_.instant());
    co_return **verified;
}

async::Awaitable<> Authenticator::note_success(std::string key, LoginClient client, Identity identity) {
    counts_.succeeded.add();
    log_.info("login", {{"service", client.service},
                        {"account", identity.address.to_string()},
                        {"client", client.address},
                        {"tls", client.tls ? "yes" : "no"}});
    if (!guard_.succeeded(client.address, key, clock_.instant())) co_return;
    // Failing to write this makes a later attempt from here one of a stranger: not worth refusing the login.
    const auto noted = co_await known_networks_.note(identity.account, network_of(client.address));
    static_cast<void>(noted);
}

void Authenticator::log_failure(std::string_view login, const LoginClient& client, std::string_view reason) {
    counts_.failed.add(reason);
    log_.warning("login failed", {{"service", client.service},
                                  {"account", login},
                                  {"client", client.address},
                                  {"tls", client.tls ? "yes" : "no"},
                                  {"reason", reason}});
}

async::Awaitable<Result<std::optional<ScramLogin>, LoginFailure>> Authenticator::scram_keys(std::string login,
                                                                                            LoginClient client) {
    const auto attempt = co_await admit(login, client.address);
    if (!attempt) {
        log_failure(login, client, word_of(attempt.error().reason));
        co_return failure(attempt.error());
    }
    if (!attempt->user) co_return std::optional<ScramLogin>();
    auto found = co_await credentials_.scram_keys(login);
    if (found) co_return *std::move(found);
    log_failure(login, client, word_of(LoginFailure::Reason::unavailable));
    co_return failure(LoginFailure{.reason = LoginFailure::Reason::unavailable});
}

async::Awaitable<> Authenticator::succeeded(std::string login, LoginClient client, Identity identity) {
    co_await note_success(credentials_.normalize_login(login), std::move(client), std::move(identity));
}

Duration Authenticator::failed(std::string login, const LoginClient& client, std::string_view reason) {
    log_failure(login, client, reason);
    return guard_.failed(client.address, credentials_.normalize_login(login), clock_.instant());
}

void Authenticator::abandoned(const LoginClient& client) {
    log_failure("", client, "abandoned");
}

async::Awaitable<Result<std::unique_ptr<SessionRegistry::Entry>, LoginFailure>>
Authenticator::begin_session(Identity identity, async::Executor executor, std::function<void()> end) {
    // Into the registry first: a change before the look below is seen by it, one after it ends the session.
    auto entry = sessions_.add(identity.account, std::move(executor), std::move(end));
    const auto current = co_await credentials_.is_current(std::move(identity));
    if (!current) co_return failure(LoginFailure{.reason = LoginFailure::Reason::unavailable});
    if (!*current) co_return failure(LoginFailure{.reason = LoginFailure::Reason::wrong_credentials});
    co_return entry;
}

} // namespace tegami::directory
