// Who puts the records of our keys into the DNS, if the operator leaves that to us.
#pragma once

#include "async/awaitable.h"
#include "base/result.h"
#include "protocol/dns/name.h"

#include <cstdint>
#include <string>

namespace tegami::signing {

enum class Published : std::uint8_t {
    done,
    elsewhere, ///< the record belongs into a zone that we cannot change: somebody else publishes it
};

class RecordPublisher {
public:
    virtual ~RecordPublisher() = default;

    // Errors are in plain words for the log; the same call may be made again at any time.

    /// The text is the only one that stands at the name from now on.
    virtual async::Awaitable<Result<Published, std::string>> publish(dns::Name name, std::string text) = 0;
    /// No text stands at the name any more.
    virtual async::Awaitable<Result<Published, std::string>> withdraw(dns::Name name) = 0;
};

} // namespace tegami::signing
