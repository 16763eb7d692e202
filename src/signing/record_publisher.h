// Who puts records of our keys into the DNS, if the operator leaves that to us.
#pragma once

#include "async/awaitable.h"
#include "base/result.h"
#include "protocol/dns/name.h"
#include "protocol/dns/record.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tegami::signing {

enum class Published : std::uint8_t {
    done,
    already,   ///< it is so
    elsewhere, ///< the record belongs into a zone that we cannot change: somebody else publishes it
};

class RecordPublisher {
public:
    virtual ~RecordPublisher() = default;

    // Errors are in plain words for the log; the same call may be made again at any time.

    /// These are the only records of the type at the name from now on; none: there are none.
    virtual async::Awaitable<Result<Published, std::string>> publish(dns::Name name, dns::Type type,
                                                                     std::vector<dns::Data> set) = 0;
};

} // namespace tegami::signing
