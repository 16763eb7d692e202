// Verifies all signatures of a message as it streams by (RFC 6376 §6).
//
// 1. What is kept is the header until it has ended, then the hashes of each signature: memory is bounded whatever
//    comes.
// 2. How the octets are cut does not matter, and the body is hashed once for each canonical form.
// 3. Signatures over the limit cost nothing. It is the topmost that are evaluated: those put there last, by whoever
//    touched the message last.
#pragma once

#include "base/clock.h"
#include "trust/dkim/header_hash.h"
#include "trust/dkim/key_cache.h"
#include "trust/dkim/result.h"
#include "trust/dkim/signature.h"
#include "trust/dns_answers.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::dkim {

/// Limit: signatures of one message that are evaluated; people and lists add two or three each (RFC 6376 §8.4).
inline constexpr std::size_t kSignaturesMax = 10;
/// Limit: octets of header fields hashed for all signatures of one message.
inline constexpr std::size_t kHashedHeaderBytesMax = 2 * message::kHeaderBytesMax;

class Verifier {
public:
    /// The next octets of the message, from the first one of its header on.
    void feed(std::string_view octets);
    /// The message is complete.
    void finish();

    /// After finish(): what became of the signatures, in the order of the header; none if there are none.
    /// Without `keys`, each key is read anew.
    trust::Evaluation<std::vector<SignatureResult>> evaluate(const trust::DnsAnswers& answers, Timestamp now,
                                                             KeyCache* keys = nullptr) const;

    /// After finish(): those that evaluate() judges; each may cost the checks of some public keys.
    std::size_t signatures() const { return candidates_.size(); }

    /// After finish(): whether what evaluate() says at this place is about a signature that covers fields of that name.
    bool covers(std::size_t place, std::string_view field) const;

    /// Signatures beyond kSignaturesMax.
    std::size_t left_out() const { return left_out_; }

private:
    struct Candidate {
        SignatureResult result;             ///< verified until something speaks against it
        std::optional<Signature> signature; ///< if it can be read
        std::string header_digest;
    };

    void end_header();
    Candidate read(const message::Header& header, const message::HeaderField& field, const FieldIndex& index);

    HeaderOctets header_;
    bool header_too_long_ = false;
    std::size_t hashed_header_bytes_ = 0;
    std::size_t left_out_ = 0;
    std::vector<Candidate> candidates_;
    std::optional<BodyHasher> body_; ///< from the end of the header on
};

} // namespace tegami::dkim
