// Who takes letters that are for the server itself: reports about our domains.
#pragma once

#include "async/awaitable.h"
#include "delivery/plan.h"
#include "message/card.h"
#include "store/types.h"

#include <optional>
#include <string>
#include <vector>

namespace tegami::delivery {

/// A letter as it was stored.
struct ServerLetter {
    store::BlobRef blob;
    message::Card card;
    std::optional<message::Domain> author;  ///< whose letter it is, if DMARC passed
    std::vector<message::Domain> signers{}; ///< whose signatures of it are good (DKIM)
    std::string journey;
};

class ServerMail {
public:
    virtual ~ServerMail() = default;
    /// Reads the letter. What is kept of it is durable on return; one that the server can do nothing with is dropped,
    /// and that is success too. A refusal is temporary. The same letter again changes nothing.
    virtual async::Awaitable<Outcome> take(ServerLetter letter) = 0;
};

} // namespace tegami::delivery
