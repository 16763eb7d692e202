// The letter that says why a letter could not be delivered (RFC 3464), with a plain explanation first: in English, and for
// whoever writes Japanese or writes from an address in Japan in Japanese above it.
//
// Pure: it writes the text; relay/ decides when, and Delivery carries it.
#pragma once

#include "base/clock.h"
#include "base/words.h"
#include "message/card.h"
#include "store/queue.h"

#include <string>
#include <string_view>
#include <vector>

namespace tegami::delivery {

struct Bounce {
    std::vector<store::QueueRecipient> failed; ///< who did not get it, and why
    Timestamp arrived;                         ///< when we took the original
    std::string subject;                       ///< of the original, decoded; may be empty
    std::string message_id;                    ///< of the original, without brackets; may be empty
    std::string header;                        ///< of the original, to be returned
    std::string host_name;
    message::EmailAddress from; ///< of the header: somebody who reads answers
    message::EmailAddress to;   ///< the reverse-path
    Timestamp now;
    std::string token; ///< random, for the boundary and the Message-ID
};

/// The whole report with CRLF line ends; its envelope has no sender (RFC 3464 §2, RFC 5321 §4.5.5).
std::string build_bounce(const Bounce& bounce);

/// Why one recipient failed, in a sentence: what the other server's status means, then its own words.
std::string explain(const store::QueueRecipient& recipient, Language language = Language::english);

} // namespace tegami::delivery
