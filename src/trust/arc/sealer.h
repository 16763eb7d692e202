// Seals a message that streams by (RFC 8617 §5.1): the body is hashed on the way, the fields at the end, when it is
// known what stands in front of them.
//
// The message signature covers what our DKIM signatures cover (trust/dkim/signer.h) and the DKIM-Signature fields that
// are there; it is relaxed/relaxed, without `l=` and `x=`. A set has one key: with one of Ed25519 few could validate
// the chain.
#pragma once

#include "base/clock.h"
#include "message/header.h"
#include "trust/arc/verdict.h"
#include "trust/authentication_results.h"
#include "trust/dkim/body_hash.h"
#include "trust/dkim/header_hash.h"
#include "trust/dkim/signing_key.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::arc {

class Sealer {
public:
    Sealer();

    /// The next octets of the message as it leaves us, from the first one of its header on.
    void feed(std::string_view octets);
    /// The message is complete.
    void finish();

    /// After finish(): ARC-Seal, ARC-Message-Signature and ARC-Authentication-Results with what we found out when the
    /// message came, to be put before everything else. `front` is the fields that come before `header`, which is that
    /// of the message; `status` is what its chain was when it came.
    ///
    /// Nothing if the chain is not to be continued: it has said before that it failed, has no instance left (RFC 8617
    /// §4.2.1), or its fields are not what the status says; or if the header has more than its limits allow.
    std::optional<std::string> seal(std::string_view front, const message::Header& header, Status status,
                                    const trust::AuthenticationResults& results, const dkim::SigningKey& key,
                                    Timestamp now) const;

private:
    dkim::HeaderEnd header_end_;
    dkim::BodyHasher body_;
};

} // namespace tegami::arc
