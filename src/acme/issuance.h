// One certificate from an authority (RFC 8555 §7), as a conversation: each answer gives the next step.
//
// 1. A step is one thing to do; the next comes when it was done, by answered() or ready(). After Issued or Failed
//    nothing more is to be done.
// 2. Every request that the authority refuses for its nonce is made again with another, kNonceTriesMax times; every
//    state that the authority has to come to is asked for kPollsMax times. So it ends.
// 3. An authority that is gone for a moment while it has all that it needs is asked again.
// 4. What is issued has been checked: it is for our key and our names, and valid now.
#pragma once

#include "acme/account_key.h"
#include "acme/answers.h"
#include "acme/jws.h"
#include "base/clock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tegami::acme {

/// Limit: requests made again for their nonce.
inline constexpr unsigned kNonceTriesMax = 10;
/// Limit: questions for one state.
inline constexpr unsigned kPollsMax = 30;
/// Limit: the pause before such a question.
inline constexpr Duration kPollPauseMax = std::chrono::seconds(60);

struct IssuanceOptions {
    std::string directory_url;
    std::string contact; ///< where the authority writes to, "postmaster@example.org"; empty: nowhere
    ExternalAccount external{};
    ChallengeKind challenge = ChallengeKind::http;
    std::vector<std::string> names; ///< at least one, at most kNamesMax; not twice the same
    std::string key;                ///< of the certificate, PEM
    std::string replaces{};         ///< certificate_id() of the one before (RFC 9773 §5); empty: there is none
};

/// A POST of the body, which is application/jose+json; without one, a GET.
struct Ask {
    std::string url;
    std::string body;
};

/// What the authority will look for.
struct Proof {
    std::string name; ///< without the asterisk of a wildcard
    std::string token;
    std::string authorization; ///< as AccountKey::authorization_for()

    bool operator==(const Proof&) const = default;
};

/// These are to be found, all at the same time, until the end; ready() when they are.
struct Present {
    std::vector<Proof> proofs;
};

/// ready() after so long.
struct Pause {
    Duration time{};
};

struct Issued {
    std::string chain; ///< PEM
};

struct Failed {
    std::string reason;                 ///< a sentence for the operator
    std::optional<Duration> not_before; ///< the authority wants to be left alone so long
};

using Step = std::variant<Ask, Present, Pause, Issued, Failed>;

/// An answer over HTTP, with the fields that matter.
struct Answer {
    unsigned status = 0; ///< 0: there was none
    std::string problem; ///< why, in words
    std::string nonce;   ///< Replay-Nonce
    std::string location;
    std::string retry_after;
    std::string body; ///< at most kAnswerBytesMax octets
};

class Issuance {
public:
    /// `key` is of the account, and outlives it.
    Issuance(IssuanceOptions options, const AccountKey& key) : options_(std::move(options)), key_(key) {}

    Step begin();
    Step answered(const Answer& answer, Timestamp now);
    Step ready();

private:
    /// What the request under way is for.
    enum class State : std::uint8_t {
        directory,
        account,
        contact,
        order,
        authorization,
        respond,
        check,
        finalize,
        process,
        certificate
    };

    Step send();
    Step post(State state, std::string url, std::string payload);
    Step failed(std::string reason);
    Step refused(const Answer& answer, Timestamp now);
    Step understood(const Answer& answer, Timestamp now);
    Step wait(const Answer& answer, Timestamp now);
    bool is_polling() const;

    Step take_directory(const Answer& answer);
    Step take_account(const Answer& answer);
    Step take_order(const Answer& answer);
    Step take_authorization(const Answer& answer);
    Step take_check(const Answer& answer, Timestamp now);
    Step take_processed(const Answer& answer, Timestamp now);
    Step take_certificate(const Answer& answer, Timestamp now);

    Step order();
    Step next_authorization();
    Step next_response();
    Step next_check();
    Step finalize();

    IssuanceOptions options_;
    const AccountKey& key_;
    State state_ = State::directory;
    Directory directory_;
    std::string account_;
    std::string order_url_;
    Order order_;
    // The request under way, to be made again with another nonce.
    std::string url_;
    std::string payload_;
    std::string nonce_;
    bool asks_nonce_ = false;
    unsigned nonce_tries_ = 0;
    unsigned polls_ = 0;
    std::size_t at_ = 0; ///< of the authorizations, then of the proofs
    std::vector<Proof> proofs_;
    std::vector<std::string> challenge_urls_;     ///< of the proofs
    std::vector<std::string> authorization_urls_; ///< likewise
};

} // namespace tegami::acme
