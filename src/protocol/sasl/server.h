// The server's side of SASL (RFC 4422) as pure exchanges: PLAIN (RFC 4616), LOGIN, SCRAM-SHA-256 and
// SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677). Octets in, an Outcome out; base64 and line syntax belong to the protocol.
//
// 1. The driver answers NeedPassword with password_checked() and NeedScramSecrets with scram_secrets_found(); it
//    answers Challenge with step(), fed the client's next response. Success and Failure end the exchange for good.
// 2. Success means that the client proved to be `authcid`. Whether it may act as `authzid` is the driver's decision.
// 3. An unknown user and a wrong password look the same to the client, also in SCRAM (invented salt).
// 4. SCRAM's last server message is sent as a challenge answered by an empty response, because SMTP, POP3 and IMAP
//    carry no data with success (RFC 4954 §4, RFC 5034 §4, RFC 9051 §6.2.2).
#pragma once

#include "base/random.h"
#include "protocol/sasl/scram.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tegami::sasl {

/// Limit: a user name or authorization identity; the longest address is 254 octets (RFC 5321 §4.5.3.1).
inline constexpr std::size_t kIdentityBytesMax = 512;
/// Limit: a password. PBKDF2 hashes longer ones once, so this only bounds memory.
inline constexpr std::size_t kPasswordBytesMax = 1024;
/// Limit: one client response, decoded; the protocols allow 12,288 octets of base64 (RFC 4954 §4).
inline constexpr std::size_t kResponseBytesMax = 9216;

/// A value that only the two ends of this TLS connection know, by the name of how it was made:
/// `tls-exporter` (RFC 9266), `tls-server-end-point` or `tls-unique` (RFC 5929).
struct ChannelBinding {
    std::string type;
    std::string data;
};

/// All mechanisms, strongest first.
inline constexpr std::array<std::string_view, 4> kMechanisms{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"};

/// Without SCRAM-SHA-256-PLUS: mail programs that know it by name but not the channel they speak over (mutt and NeoMutt
/// as Debian builds them) begin it and cannot end it (docs/decisions/0010).
std::vector<std::string> usual_mechanisms();

/// Whether the list has PLAIN or LOGIN, by which the client shows the password itself.
bool take_passwords(std::span<const std::string> mechanisms);

struct ServerOptions {
    /// Those of kMechanisms that may be offered.
    std::vector<std::string> enabled = usual_mechanisms();
    /// PLAIN and LOGIN show the password to the server; offer them only under TLS.
    bool offer_password_mechanisms = true;
    bool offer_scram = true;
    /// Empty without TLS; without any, SCRAM-SHA-256-PLUS is not offered.
    std::vector<ChannelBinding> channel_bindings;
    /// Secret of this server from which salts of unknown users are made; the same after a restart.
    std::string fake_salt_secret;
    /// What unknown users appear to have; should be what new accounts get.
    std::uint32_t fake_iterations = kScramIterationsMin;
};

/// The salt that a user of this name appears to have who does not exist, or has no SCRAM keys.
std::string invented_salt(std::string_view secret, std::string_view name);

/// Names to announce, strongest first.
std::vector<std::string> mechanisms(const ServerOptions& options);

/// Send these octets (possibly none) and give step() the client's response.
struct Challenge {
    std::string bytes;
};

/// Verify this password and call password_checked().
struct NeedPassword {
    std::string authzid;
    std::string authcid;
    std::string password;
};

/// Look up this user's secrets and call scram_secrets_found().
struct NeedScramSecrets {
    std::string authcid;
};

/// The client is `authcid` and asks to act as `authzid` (the same, if it named none).
struct Success {
    std::string authzid;
    std::string authcid;
    std::size_t verifier = 0; ///< of SCRAM: which of the user's secrets was proved
};

enum class FailureReason : std::uint8_t {
    unknown_mechanism,   ///< not offered: answer "bad parameter"
    malformed,           ///< the response broke the mechanism's grammar or a limit
    wrong_credentials,   ///< unknown user, wrong password or wrong proof
    channel_binding,     ///< the two ends see different TLS connections, or the client was lied to about PLUS
    unsupported_request, ///< a mandatory SCRAM extension or a binding type that we do not have
};

struct Failure {
    FailureReason reason;
    /// The user the client tried to be, as far as it said; for counting failures. Not verified.
    std::string authcid;
    /// Which of the user's secrets was proved, though it is none that may be used; not for the client to know.
    std::optional<std::size_t> unusable{};
};

using Outcome = std::variant<Challenge, NeedPassword, NeedScramSecrets, Success, Failure>;

/// One exchange. Made anew for every AUTH command; not thread-safe.
class Server {
public:
    /// `random` makes the nonce and must outlive the exchange.
    Server(ServerOptions options, RandomSource& random);

    /// Begins. No initial response is not the same as an empty one (RFC 4422 §4).
    Outcome start(std::string_view mechanism, std::optional<std::string_view> initial_response);
    /// The client's response to the last Challenge.
    Outcome step(std::string_view response);
    Outcome password_checked(bool correct);
    /// Nothing means no such user, or one without SCRAM secrets: the exchange goes on with invented ones and fails. They
    /// are made of `name`, which is equal for all spellings of one login, as those of a real one are.
    Outcome scram_secrets_found(std::optional<ScramSecrets> secrets, std::string_view name);

private:
    enum class State : std::uint8_t {
        idle,
        plain_message,
        login_user,
        login_password,
        checking_password,
        scram_first,
        scram_secrets,
        scram_final,
        scram_acknowledge,
        done,
    };

    Outcome plain_message(std::string_view response);
    Outcome login_user(std::string_view response);
    Outcome login_password(std::string_view response);
    Outcome scram_first(std::string_view response);
    Outcome scram_final(std::string_view response);
    std::optional<std::size_t> find_proved(std::string_view proof, std::string_view auth_message) const;
    std::optional<FailureReason> read_gs2_header(std::string_view header);
    ScramSecrets invented_secrets(std::string_view name) const;
    Outcome fail(FailureReason reason);

    ServerOptions options_;
    RandomSource& random_;
    State state_ = State::idle;
    bool plus_ = false;
    std::string authzid_;
    std::string authcid_;
    std::string expected_binding_; // gs2 header and channel data, as the client must repeat them
    std::string client_first_bare_;
    std::string server_first_;
    std::string nonce_;
    ScramSecrets secrets_;
    std::size_t proved_ = 0; // which of them
};

} // namespace tegami::sasl
