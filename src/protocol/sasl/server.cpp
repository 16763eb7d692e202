#include "protocol/sasl/server.h"

#include "base/assert.h"
#include "base/base64.h"
#include "protocol/sasl/message_syntax.h"

#include <algorithm>

namespace tegami::sasl {

namespace {

constexpr std::string_view kPlain = "PLAIN";
constexpr std::string_view kLogin = "LOGIN";
constexpr std::string_view kScram = "SCRAM-SHA-256";
constexpr std::string_view kScramPlus = "SCRAM-SHA-256-PLUS";

/// Limit: what our own salts are made of; PBKDF2 wants at least 8 octets.
constexpr std::size_t kSaltBytes = 16;

bool has(std::span<const std::string> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

bool is_identity(std::string_view text) {
    return !text.empty() && text.size() <= kIdentityBytesMax && !text.contains('\0');
}

bool is_password(std::string_view text) {
    return !text.empty() && text.size() <= kPasswordBytesMax && !text.contains('\0');
}

} // namespace

std::vector<std::string> mechanisms(const ServerOptions& options) {
    std::vector<std::string> names;
    for (const std::string_view mechanism : kMechanisms) {
        const bool scram = mechanism == kScram || mechanism == kScramPlus;
        if (!(scram ? options.offer_scram : options.offer_password_mechanisms)) continue;
        if (mechanism == kScramPlus && options.channel_bindings.empty()) continue;
        if (has(options.enabled, mechanism)) names.emplace_back(mechanism);
    }
    return names;
}

bool take_passwords(std::span<const std::string> mechanisms) {
    return has(mechanisms, kPlain) || has(mechanisms, kLogin);
}

std::vector<std::string> usual_mechanisms() {
    return {kMechanisms.begin() + 1, kMechanisms.end()};
}

Server::Server(ServerOptions options, RandomSource& random) : options_(std::move(options)), random_(random) {}

Outcome Server::fail(FailureReason reason) {
    state_ = State::done;
    return Failure{.reason = reason, .authcid = authcid_};
}

Outcome Server::start(std::string_view mechanism, std::optional<std::string_view> initial_response) {
    ASSERT(state_ == State::idle);
    const std::vector<std::string> offered = mechanisms(options_);
    if (std::ranges::find(offered, mechanism) == offered.end()) return fail(FailureReason::unknown_mechanism);

    std::string prompt;
    if (mechanism == kPlain) {
        state_ = State::plain_message;
    } else if (mechanism == kLogin) {
        state_ = State::login_user;
        prompt = "Username:";
    } else {
        state_ = State::scram_first;
        plus_ = mechanism == kScramPlus;
    }
    // Interop: LOGIN has no initial response in its draft, but clients send the user name as one.
    if (initial_response) return step(*initial_response);
    return Challenge{std::move(prompt)};
}

Outcome Server::step(std::string_view response) {
    if (response.size() > kResponseBytesMax) return fail(FailureReason::malformed);
    switch (state_) {
    case State::plain_message: return plain_message(response);
    case State::login_user: return login_user(response);
    case State::login_password: return login_password(response);
    case State::scram_first: return scram_first(response);
    case State::scram_final: return scram_final(response);
    case State::scram_acknowledge:
        state_ = State::done;
        return Success{.authzid = authzid_, .authcid = authcid_, .verifier = proved_};
    case State::idle:
    case State::checking_password:
    case State::scram_secrets:
    case State::done: break;
    }
    ASSERT(!"a response where none was asked for");
    return fail(FailureReason::malformed);
}

/// RFC 4616 §2: [authzid] NUL authcid NUL passwd
Outcome Server::plain_message(std::string_view response) {
    const std::size_t first = response.find('\0');
    const std::size_t second = first == std::string_view::npos ? first : response.find('\0', first + 1);
    if (second == std::string_view::npos) return fail(FailureReason::malformed);
    const std::string_view authzid = response.substr(0, first);
    const std::string_view authcid = response.substr(first + 1, second - first - 1);
    const std::string_view password = response.substr(second + 1);
    if (!is_identity(authcid) || !is_password(password) || authzid.size() > kIdentityBytesMax)
        return fail(FailureReason::malformed);
    authcid_ = authcid;
    authzid_ = authzid.empty() ? authcid : authzid;
    state_ = State::checking_password;
    return NeedPassword{.authzid = authzid_, .authcid = authcid_, .password = std::string(password)};
}

Outcome Server::login_user(std::string_view response) {
    if (!is_identity(response)) return fail(FailureReason::malformed);
    authcid_ = authzid_ = response;
    state_ = State::login_password;
    return Challenge{"Password:"};
}

Outcome Server::login_password(std::string_view response) {
    if (!is_password(response)) return fail(FailureReason::malformed);
    state_ = State::checking_password;
    return NeedPassword{.authzid = authzid_, .authcid = authcid_, .password = std::string(response)};
}

Outcome Server::password_checked(bool correct) {
    ASSERT(state_ == State::checking_password);
    if (!correct) return fail(FailureReason::wrong_credentials);
    state_ = State::done;
    return Success{.authzid = authzid_, .authcid = authcid_};
}

/// The gs2-header of RFC 5802 §7 with its two commas.
std::optional<FailureReason> Server::read_gs2_header(std::string_view header) {
    std::string_view rest = header;
    std::string channel_data;
    if (const std::optional<std::string_view> type = take_attribute(rest, 'p')) {
        // RFC 5802 §6: the mechanism name and the flag must agree.
        if (!plus_) return FailureReason::channel_binding;
        const auto binding = std::ranges::find(options_.channel_bindings, *type, &ChannelBinding::type);
        if (binding == options_.channel_bindings.end()) return FailureReason::unsupported_request;
        channel_data = binding->data;
    } else if (rest.starts_with("n,") || rest.starts_with("y,")) {
        // 'y': the client could bind and believes that we cannot. If we offered PLUS, somebody between us took it
        // out of the list (RFC 5802 §6).
        if (rest[0] == 'y' && has(mechanisms(options_), kScramPlus)) return FailureReason::channel_binding;
        if (plus_) return FailureReason::malformed;
        rest.remove_prefix(2);
    } else {
        return FailureReason::malformed;
    }

    if (const std::optional<std::string_view> authzid = take_attribute(rest, 'a')) {
        std::optional<std::string> name = decode_saslname(*authzid);
        if (!name || !is_identity(*name)) return FailureReason::malformed;
        authzid_ = *std::move(name);
    } else if (rest.starts_with(',')) {
        rest.remove_prefix(1);
    }
    if (!rest.empty()) return FailureReason::malformed;
    expected_binding_ = std::string(header) + channel_data;
    return std::nullopt;
}

Outcome Server::scram_first(std::string_view response) {
    const std::size_t first_comma = response.find(',');
    const std::size_t second_comma =
        first_comma == std::string_view::npos ? first_comma : response.find(',', first_comma + 1);
    if (second_comma == std::string_view::npos) return fail(FailureReason::malformed);
    if (const auto error = read_gs2_header(response.substr(0, second_comma + 1))) return fail(*error);

    const std::string_view bare = response.substr(second_comma + 1);
    if (bare.starts_with("m=")) return fail(FailureReason::unsupported_request);
    std::string_view rest = bare;
    const std::optional<std::string_view> user = take_attribute(rest, 'n');
    const std::optional<std::string_view> nonce = user ? take_attribute(rest, 'r') : std::nullopt;
    std::optional<std::string> name = nonce ? decode_saslname(*user) : std::nullopt;
    if (!name || !is_identity(*name) || !is_nonce(*nonce)) return fail(FailureReason::malformed);

    client_first_bare_ = bare;
    authcid_ = *std::move(name);
    if (authzid_.empty()) authzid_ = authcid_;
    nonce_ = std::string(*nonce) + make_nonce(random_);
    state_ = State::scram_secrets;
    return NeedScramSecrets{authcid_};
}

/// The same user always gets the same salt, as real ones do, or the difference would show who exists.
std::string invented_salt(std::string_view secret, std::string_view name) {
    return hmac_sha256(secret, "salt," + std::string(name)).substr(0, kSaltBytes);
}

ScramSecrets Server::invented_secrets(std::string_view name) const {
    return {.salt = invented_salt(options_.fake_salt_secret, name),
            .iterations = options_.fake_iterations,
            .verifiers = {{.stored_key = hmac_sha256(options_.fake_salt_secret, "stored," + std::string(name)),
                           .server_key = hmac_sha256(options_.fake_salt_secret, "server," + std::string(name)),
                           .usable = false}}};
}

Outcome Server::scram_secrets_found(std::optional<ScramSecrets> secrets, std::string_view name) {
    ASSERT(state_ == State::scram_secrets);
    const bool known = secrets && !secrets->salt.empty() && secrets->iterations > 0;
    secrets_ = known ? *std::move(secrets) : invented_secrets(name);
    server_first_ = "r=" + nonce_ + ",s=" + base64::encode(secrets_.salt) + ",i=" + std::to_string(secrets_.iterations);
    state_ = State::scram_final;
    return Challenge{server_first_};
}

/// Which of the secrets the client has proved to know; nothing: none.
std::optional<std::size_t> Server::find_proved(std::string_view proof, std::string_view auth_message) const {
    std::optional<std::size_t> found;
    for (std::size_t at = 0; at < secrets_.verifiers.size(); ++at) {
        const ScramVerifier& verifier = secrets_.verifiers[at];
        if (verifier.stored_key.size() != kScramKeyBytes || verifier.server_key.size() != kScramKeyBytes) continue;
        const std::string client_key = combine(proof, hmac_sha256(verifier.stored_key, auth_message));
        if (equal_in_constant_time(sha256(client_key), verifier.stored_key)) found = at;
    }
    return found;
}

Outcome Server::scram_final(std::string_view response) {
    const std::size_t proof_at = response.rfind(",p=");
    if (proof_at == std::string_view::npos) return fail(FailureReason::malformed);
    const std::string_view without_proof = response.substr(0, proof_at);
    std::string_view rest = without_proof;
    const std::optional<std::string_view> binding = take_attribute(rest, 'c');
    const std::optional<std::string_view> nonce = binding ? take_attribute(rest, 'r') : std::nullopt;
    const std::optional<std::string> proof = base64::decode(response.substr(proof_at + 3));
    if (!nonce || !proof || proof->size() != kScramKeyBytes) return fail(FailureReason::malformed);
    if (!equal_in_constant_time(*nonce, nonce_)) return fail(FailureReason::malformed);
    const std::optional<std::string> bound = base64::decode(*binding);
    if (!bound) return fail(FailureReason::malformed);
    if (!equal_in_constant_time(*bound, expected_binding_)) return fail(FailureReason::channel_binding);

    const std::string auth_message = client_first_bare_ + ',' + server_first_ + ',' + std::string(without_proof);
    const std::optional<std::size_t> proved = find_proved(*proof, auth_message);
    if (!proved) return fail(FailureReason::wrong_credentials);
    if (!secrets_.verifiers[*proved].usable) {
        state_ = State::done;
        return Failure{.reason = FailureReason::wrong_credentials, .authcid = authcid_, .unusable = proved};
    }
    proved_ = *proved;
    state_ = State::scram_acknowledge;
    return Challenge{"v=" + base64::encode(hmac_sha256(secrets_.verifiers[proved_].server_key, auth_message))};
}

} // namespace tegami::sasl
