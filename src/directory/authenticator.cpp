#include "directory/authenticator.h"

#include "directory/password.h"

#include <algorithm>
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

/// Why the right password is refused.
constexpr std::string_view kSecondFactor = "second-factor";

constexpr LoginFailure kTooMany{.reason = LoginFailure::Reason::too_many, .delay = std::chrono::seconds(1)};

std::string_view word_of(const LoginFailure& failure) {
    return failure.why.empty() ? word_of(failure.reason) : failure.why;
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
    : credentials_(dependencies.credentials), app_passwords_(dependencies.app_passwords),
      second_factors_(dependencies.second_factors), passkeys_(dependencies.passkeys), sessions_(dependencies.sessions),
      known_networks_(dependencies.known_networks), clock_(dependencies.clock), log_(dependencies.log),
      mechanisms_(std::move(options.mechanisms)), guard_(options.guard),
      memory_(std::make_unique<Memory>(dependencies.random, options.remember, options.remembered_max)),
      tickets_(dependencies.random), checks_(options.checks) {}

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
                                                                                    LoginClient client) {
    Attempt attempt{.login = credentials_.normalize_login(login), .client = std::move(client), .user = {}};
    const ClientAddress& from = attempt.client.address;
    const auto found = co_await credentials_.find(std::move(login));
    if (!found) co_return failure(LoginFailure{.reason = LoginFailure::Reason::unavailable});
    attempt.user = *found;
    if (attempt.user && !guard_.knows(from, attempt.login)) {
        // What cannot be read counts as unknown: the guard is stricter then, not wrong.
        const auto known = co_await known_networks_.contains(attempt.user->account, network_of(from));
        if (known && *known) guard_.know(from, attempt.login, clock_.instant());
    }
    if (refuses(from, attempt.login)) co_return failure(kTooMany);
    co_return attempt;
}

bool Authenticator::refuses(const ClientAddress& client, const std::string& login) {
    return guard_.refused(client, login, clock_.instant()).has_value();
}

async::Awaitable<Result<Identity, LoginFailure>> Authenticator::check_password(std::string login, std::string password,
                                                                               LoginClient client) {
    const auto attempt = co_await admit(login, client);
    if (!attempt) {
        log_failure(login, client, word_of(attempt.error()));
        co_return failure(attempt.error());
    }
    const auto decided = co_await decide(&*attempt, login, std::move(password));
    if (!decided) co_return failure(note_failure(decided.error(), *attempt, login));
    if (decided->app_password.empty()) {
        const auto factor = co_await second_factors_.find(decided->account);
        const LoginFailure::Reason reason =
            factor ? LoginFailure::Reason::wrong_credentials : LoginFailure::Reason::unavailable;
        const std::string_view why = factor ? kSecondFactor : std::string_view();
        if (!factor || !factor->password_suffices())
            co_return failure(note_failure({.reason = reason, .why = why}, *attempt, login));
    }
    co_await note_success(attempt->login, client, *decided);
    co_return *decided;
}

async::Awaitable<Result<SignIn, LoginFailure>> Authenticator::sign_in(std::string login, std::string password,
                                                                      LoginClient client) {
    const auto attempt = co_await admit(login, client);
    if (!attempt) {
        log_failure(login, client, word_of(attempt.error()));
        co_return failure(attempt.error());
    }
    const auto decided = co_await decide(&*attempt, login, std::move(password));
    if (!decided) co_return failure(note_failure(decided.error(), *attempt, login));
    const auto factor = co_await second_factors_.find(decided->account);
    if (!factor) co_return failure(note_failure({.reason = LoginFailure::Reason::unavailable}, *attempt, login));
    if (factor->in_force()) {
        const auto passkeys = co_await passkeys_.list(decided->account);
        if (!passkeys) co_return failure(note_failure({.reason = LoginFailure::Reason::unavailable}, *attempt, login));
        // Neither a success, which would forgive wrong codes, nor a failure.
        CodeNeeded owed{.ticket = tickets_.give({.user = *decided, .login = attempt->login}, clock_.instant()),
                        .kinds = factor->kinds(!passkeys->empty()),
                        .passkeys = {}};
        for (const Passkey& each : *passkeys)
            owed.passkeys.push_back(each.credential.id);
        co_return SignIn(std::move(owed));
    }
    co_await note_success(attempt->login, client, *decided);
    co_return SignIn(*decided);
}

async::Awaitable<Result<Identity, CodeFailure>> Authenticator::check_code(std::string ticket, std::string code,
                                                                          LoginClient client) {
    const auto owing = tickets_.take(ticket, clock_.instant());
    if (!owing) co_return failure(CodeFailure{});
    const std::string shown = owing->user.address.to_string();
    const Attempt attempt{.login = owing->login, .client = client, .user = owing->user};
    if (refuses(client.address, owing->login)) {
        log_failure(shown, client, word_of(LoginFailure::Reason::too_many));
        co_return failure(CodeFailure{.failure = kTooMany, .ticket = {}});
    }
    const auto used = co_await second_factors_.use_code(owing->user.account, std::move(code));
    if (!used || !*used) {
        LoginFailure failed{.reason = LoginFailure::Reason::unavailable};
        if (used) failed = {.reason = LoginFailure::Reason::wrong_credentials, .why = "wrong-code"};
        failed = note_failure(failed, attempt, shown);
        co_return failure(CodeFailure{.failure = failed, .ticket = tickets_.give(*owing, clock_.instant())});
    }
    co_await note_success(owing->login, client, owing->user);
    co_return owing->user;
}

/// Who signs in with a passkey alone. Failures count where they come from, and at nobody's login: a signature cannot be guessed,
/// and an account's number can.
async::Awaitable<Result<Authenticator::Attempt, LoginFailure>> Authenticator::admit_alone(std::string user_handle,
                                                                                          LoginClient client) {
    Attempt attempt{.login = "passkey from " + network_of(client.address), .client = std::move(client), .user = {}};
    if (refuses(attempt.client.address, attempt.login)) co_return failure(kTooMany);
    const auto account = account_of_handle(user_handle);
    if (!account) co_return attempt;
    const auto found = co_await credentials_.find_by_id(*account);
    if (!found) co_return failure(LoginFailure{.reason = LoginFailure::Reason::unavailable});
    attempt.user = *found;
    co_return attempt;
}

async::Awaitable<Result<Identity, LoginFailure>>
Authenticator::check_passkey(webauthn::Assertion shown, webauthn::RelyingParty party, LoginClient client) {
    using webauthn::Verification;
    const auto said = webauthn::parse_client_data(shown.client_data);
    const auto owing = said ? tickets_.take(said->challenge, clock_.instant()) : std::nullopt;
    if (!owing && (!said || !passkeys_.end_sign_in(said->challenge))) co_return failure(LoginFailure{});
    Result<Attempt, LoginFailure> attempt = Attempt{};
    if (!owing)
        attempt = co_await admit_alone(shown.user_handle, client);
    else if (refuses(client.address, owing->login))
        attempt = failure(kTooMany);
    else
        attempt = Attempt{.login = owing->login, .client = client, .user = owing->user};
    if (!attempt) {
        log_failure(owing ? owing->user.address.to_string() : "", client, word_of(attempt.error()));
        co_return failure(attempt.error());
    }
    const std::string login = attempt->user ? attempt->user->address.to_string() : "";
    LoginFailure failed{.why = "wrong-passkey"};
    if (attempt->user) {
        const Verification verification = owing ? Verification::not_needed : Verification::needed;
        const auto used = co_await passkeys_.use(attempt->user->account, std::move(shown), party, verification);
        if (used && *used) {
            std::string key = credentials_.normalize_login(login);
            co_await note_success(std::move(key), client, *attempt->user);
            co_return *attempt->user;
        }
        if (!used)
            failed = {.reason = LoginFailure::Reason::unavailable};
        else if (used->error() == webauthn::Fault::counter_back)
            failed.why = "copied-passkey";
    }
    co_return failure(note_failure(failed, *attempt, login));
}

async::Awaitable<Result<Identity, LoginFailure>> Authenticator::check_token(std::string token, LoginClient client) {
    const LoginFailure unavailable{.reason = LoginFailure::Reason::unavailable};
    // As a passkey's, failures count at nobody's login.
    Attempt attempt{.login = "token from " + network_of(client.address), .client = client, .user = {}};
    if (refuses(client.address, attempt.login)) {
        log_failure("", client, word_of(LoginFailure::Reason::too_many));
        co_return failure(kTooMany);
    }
    LoginFailure failed;
    if (const auto account = account_of_access_token(token)) {
        const auto found = co_await credentials_.find_by_id(*account);
        if (!found) co_return failure(note_failure(unavailable, attempt, ""));
        attempt.user = *found;
    }
    if (attempt.user) {
        Identity user = *attempt.user;
        const auto shown = co_await app_passwords_.find(user.account, token);
        if (!shown) co_return failure(note_failure(unavailable, attempt, user.address.to_string()));
        if (*shown) failed.why = why_refused(**shown, client);
        if (*shown && failed.why.empty()) {
            user.app_password = (*shown)->id;
            // A program shows it with every request: most of them are no logins.
            const std::string tag = memory_->tag(user.address, token);
            if (memory_->remembers(tag, user, clock_.instant())) co_return user;
            memory_->remember(tag, user, clock_.instant());
            std::string key = credentials_.normalize_login(user.address.to_string());
            co_await note_success(std::move(key), client, user);
            co_return user;
        }
    }
    const std::string login = attempt.user ? attempt.user->address.to_string() : "";
    co_return failure(note_failure(failed, attempt, login));
}

async::Awaitable<std::optional<Identity>> Authenticator::recall(std::string login, std::string password,
                                                                LoginClient client) {
    if (password.size() > kNewPasswordBytesMax) co_return std::nullopt;
    const auto attempt = co_await admit(std::move(login), std::move(client));
    if (!attempt || !attempt->user) co_return std::nullopt;
    Identity user = *attempt->user;
    const auto app_password = co_await app_passwords_.find(user.account, password);
    if (!app_password) co_return std::nullopt;
    if (*app_password) {
        if (!why_refused(**app_password, attempt->client).empty()) co_return std::nullopt;
        user.app_password = (*app_password)->id;
    } else {
        const auto factor = co_await second_factors_.find(user.account);
        if (!factor || !factor->password_suffices()) co_return std::nullopt;
    }
    if (!memory_->remembers(memory_->tag(user.address, password), user, clock_.instant())) co_return std::nullopt;
    co_return user;
}

async::Awaitable<Result<Identity, LoginFailure>> Authenticator::decide(const Attempt* attempt, std::string login,
                                                                       std::string password) {
    // Limit: no password is longer, and hashing is what costs.
    if (password.size() > kNewPasswordBytesMax)
        co_return failure(LoginFailure{.reason = LoginFailure::Reason::wrong_credentials});
    if (attempt->user) {
        const auto app_password = co_await app_passwords_.find(attempt->user->account, password);
        if (!app_password) co_return failure(LoginFailure{.reason = LoginFailure::Reason::unavailable});
        if (*app_password) {
            const std::string_view why = why_refused(**app_password, attempt->client);
            if (!why.empty()) co_return failure(LoginFailure{.why = why});
            Identity user = *attempt->user;
            user.app_password = (*app_password)->id;
            memory_->remember(memory_->tag(user.address, password), user, clock_.instant());
            co_return user;
        }
    }
    co_return co_await check_own_password(attempt, std::move(login), std::move(password));
}

async::Awaitable<Result<Identity, LoginFailure>>
Authenticator::check_own_password(const Attempt* attempt, std::string login, std::string password) {
    const LoginFailure unavailable{.reason = LoginFailure::Reason::unavailable};
    const std::optional<Identity>& user = attempt->user;
    const ClientAddress& from = attempt->client.address;
    const std::string tag = user ? memory_->tag(user->address, password) : std::string();
    if (user && memory_->remembers(tag, *user, clock_.instant())) co_return *user;
    const bool known = guard_.knows(from, attempt->login);
    const std::optional<CheckQueue::Turn> turn = co_await checks_.enter(network_of(from), attempt->login, known);
    if (!turn) co_return failure(unavailable);
    // Another connection of the same client may have shown the password while this one waited.
    if (user && memory_->remembers(tag, *user, clock_.instant())) co_return *user;
    const auto verified = co_await credentials_.verify(std::move(login), std::move(password));
    if (!verified) co_return failure(unavailable);
    if (!*verified) co_return failure(LoginFailure{.reason = LoginFailure::Reason::wrong_credentials});
    // Who was not there at the first look has no tag, and is not remembered.
    if (user) memory_->remember(tag, **verified, clock_.instant());
    co_return **verified;
}

/// Counts and logs it; what to answer.
LoginFailure Authenticator::note_failure(LoginFailure failed, const Attempt& attempt, std::string_view login) {
    if (failed.reason == LoginFailure::Reason::wrong_credentials)
        failed.delay = guard_.failed(attempt.client.address, attempt.login, clock_.instant());
    log_failure(login, attempt.client, word_of(failed));
    return failed;
}

async::Awaitable<> Authenticator::note_success(std::string key, LoginClient client, Identity identity) {
    counts_.succeeded.add();
    std::vector<LogField> fields{{"service", word_of(client.service)},
                                 {"account", identity.address.to_string()},
                                 {"client", client.address},
                                 {"tls", client.tls ? "yes" : "no"}};
    if (!identity.app_password.empty()) fields.emplace_back("app_password", identity.app_password);
    log_.write(LogLevel::info, "login", fields);
    const std::string network = network_of(client.address);
    if (!identity.app_password.empty()) {
        // Failing to write it makes the day of the last use an older one: not worth refusing the login. So below.
        const auto noted = co_await app_passwords_.note_use(identity.account, identity.app_password, network);
        static_cast<void>(noted);
    }
    if (!guard_.succeeded(client.address, key, clock_.instant())) co_return;
    // Without it a later attempt from here is one of a stranger.
    const auto noted = co_await known_networks_.note(identity.account, network);
    static_cast<void>(noted);
}

void Authenticator::log_failure(std::string_view login, const LoginClient& client, std::string_view reason) {
    counts_.failed.add(reason);
    log_.warning("login failed", {{"service", word_of(client.service)},
                                  {"account", login},
                                  {"client", client.address},
                                  {"tls", client.tls ? "yes" : "no"},
                                  {"reason", reason}});
}

async::Awaitable<Result<std::optional<ScramCandidates>, LoginFailure>>
Authenticator::scram_candidates(std::string login, LoginClient client) {
    const auto attempt = co_await admit(login, client);
    if (!attempt) {
        log_failure(login, client, word_of(attempt.error()));
        co_return failure(attempt.error());
    }
    if (!attempt->user) co_return std::optional<ScramCandidates>();
    Identity user = *attempt->user;
    auto found = co_await candidates_of(std::move(user), login, client);
    if (!found) {
        log_failure(login, client, word_of(LoginFailure::Reason::unavailable));
        co_return failure(LoginFailure{.reason = LoginFailure::Reason::unavailable});
    }
    if (found->secrets.salt.empty()) co_return std::optional<ScramCandidates>();
    co_return *std::move(found);
}

/// Without a salt where the account has nothing for SCRAM.
async::Awaitable<DirectoryResult<ScramCandidates>> Authenticator::candidates_of(Identity user, std::string login,
                                                                                LoginClient client) {
    ScramCandidates all;
    const auto app_passwords = co_await app_passwords_.stored(user.account);
    if (!app_passwords) co_return failure(app_passwords.error());
    const auto own = co_await credentials_.scram_keys(std::move(login));
    if (!own) co_return failure(own.error());
    if (*app_passwords) {
        all.secrets.salt = (*app_passwords)->salt;
        all.secrets.iterations = (*app_passwords)->iterations;
        for (const AppPassword& each : (*app_passwords)->passwords) {
            all.refusals.push_back(why_refused(each, client));
            all.secrets.verifiers.push_back(
                {.stored_key = each.stored_key, .server_key = each.server_key, .usable = all.refusals.back().empty()});
            all.identities.push_back(user);
            all.identities.back().app_password = each.id;
        }
    }
    if (!*own || (*own)->identity != user) co_return all;
    sasl::ScramSecrets password = sasl::secrets_of((*own)->keys);
    if (!*app_passwords) {
        all.secrets.salt = password.salt;
        all.secrets.iterations = password.iterations;
    }
    // One that shares nothing with the others could not be told from a wrong one.
    if (password.salt != all.secrets.salt || password.iterations != all.secrets.iterations) co_return all;
    const auto factor = co_await second_factors_.find(user.account);
    if (!factor) co_return failure(factor.error());
    all.refusals.push_back(factor->password_suffices() ? std::string_view() : kSecondFactor);
    password.verifiers.front().usable = factor->password_suffices();
    all.secrets.verifiers.push_back(std::move(password.verifiers.front()));
    all.identities.push_back(std::move(user));
    co_return all;
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
    auto entry =
        sessions_.add(identity.account, std::move(executor), std::move(end), {.app_password = identity.app_password});
    const auto current = co_await credentials_.is_current(identity);
    if (!current) co_return failure(LoginFailure{.reason = LoginFailure::Reason::unavailable});
    bool counts = *current;
    if (counts && !identity.app_password.empty()) {
        const auto there = co_await app_passwords_.list(identity.account);
        if (!there) co_return failure(LoginFailure{.reason = LoginFailure::Reason::unavailable});
        counts = std::ranges::find(*there, identity.app_password, &AppPassword::id) != there->end();
    }
    if (!counts) co_return failure(LoginFailure{.reason = LoginFailure::Reason::wrong_credentials});
    co_return entry;
}

} // namespace tegami::directory
