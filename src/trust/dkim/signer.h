// Signs a message that streams by (RFC 6376 §5): the body is hashed on the way, the fields at the end, when it is known
// what stands in front of them.
//
// Signatures are relaxed/relaxed over the whole body and carry no `i=`, `l=`, `x=` or `z=`. Which fields are signed is
// fixed: those that a reader sees or that change how the body is read, once more often than they are there, so that
// nobody adds one (RFC 6376 §5.4, §8.15); those of lists, which lists set anew, as often as they are there.
#pragma once

#include "base/clock.h"
#include "message/header.h"
#include "trust/dkim/body_hash.h"
#include "trust/dkim/header_hash.h"
#include "trust/dkim/signing_key.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::dkim {

class Signer {
public:
    Signer();

    /// The next octets of the message, from the first one of its header on.
    void feed(std::string_view octets);
    /// The message is complete.
    void finish();

    /// After finish(): a DKIM-Signature field for each key, in their order, to be put before everything else. `front`
    /// is the fields that come before `header`, which is that of the message. Nothing if the header has more than its
    /// limits allow: fields that were not seen cannot be signed.
    std::optional<std::string> sign(std::string_view front, const message::Header& header,
                                    const std::vector<SigningKey>& keys, Timestamp now) const;

private:
    HeaderEnd header_end_;
    BodyHasher body_;
};

} // namespace tegami::dkim
