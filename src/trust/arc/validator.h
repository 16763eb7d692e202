// Validates the chain of a message as it streams by (RFC 8617 §5.2).
//
// 1. What is kept is the header until it has ended, then the hashes of each set: memory is bounded whatever comes.
// 2. How the octets are cut does not matter, and the body is hashed once for each canonical form.
// 3. The keys of older sets are asked for only when the newest set is good: a made-up chain costs two questions.
#pragma once

#include "base/clock.h"
#include "trust/arc/chain.h"
#include "trust/arc/verdict.h"
#include "trust/dkim/body_hash.h"
#include "trust/dkim/header_hash.h"
#include "trust/dkim/key_cache.h"
#include "trust/dkim/signature.h"
#include "trust/dns_answers.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::arc {

/// Limit: octets of header fields hashed for the message signatures of one chain. The newest always fits; older ones
/// beyond it are taken for broken, which only oldest_pass shows.
inline constexpr std::size_t kHashedHeaderBytesMax = 2 * message::kHeaderBytesMax;

class Validator {
public:
    /// The next octets of the message, from the first one of its header on.
    void feed(std::string_view octets);
    /// The message is complete.
    void finish();

    /// After finish(). Without `keys`, each key is read anew.
    trust::Evaluation<Verdict> evaluate(const trust::DnsAnswers& answers, Timestamp now,
                                        dkim::KeyCache* keys = nullptr) const;

    /// After finish(): those that evaluate() may have to judge; each may cost the checks of some public keys.
    std::size_t signatures() const { return 2 * sets_.size(); }

private:
    struct Candidate {
        dkim::Claims claims;
        Result<dkim::Signature, dkim::Fault> signature;
        std::string header_digest;
        bool is_of_body = false;
    };

    struct CandidateSet {
        std::string results;
        Candidate message_signature;
        Candidate seal;
    };

    void end_header();
    Candidate read_message_signature(const Field& field, const dkim::FieldIndex& index);
    std::optional<dkim::Fault> judge(const Candidate& candidate, const trust::DnsAnswers& answers, Timestamp now,
                                     dkim::KeyCache& keys, trust::OpenQuestions& open) const;
    Verdict failed(Reason reason, std::size_t instance, const dkim::Fault& fault) const;
    Verdict passed(unsigned oldest_pass) const;

    dkim::HeaderOctets header_;
    std::size_t hashed_header_bytes_ = 0;
    std::optional<Flaw> flaw_;
    std::vector<CandidateSet> sets_;
    std::optional<dkim::BodyHasher> body_; ///< from the end of the header on
};

} // namespace tegami::arc
