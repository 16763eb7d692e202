// What every /set does in the same way (RFC 8620 §5.3).
#pragma once

#include "protocol/jmap/answers.h"
#include "service/jmapd/call.h"

#include <string>

namespace tegami::jmapd {

/// The records of one kind that a call works on. What becomes of one stops no other.
class SetWork {
public:
    virtual ~SetWork() = default;

    /// The whole record as it is shown, with its id. `name`: the creation id.
    virtual async::Awaitable<Result<json::object, jmap::Fault>> create(std::string name,
                                                                       const json::object* wanted) = 0;
    /// What changed beyond the patch; empty: nothing.
    virtual async::Awaitable<Result<json::object, jmap::Fault>> update(std::string id, const json::object* patch) = 0;
    virtual async::Awaitable<Result<void, jmap::Fault>> destroy(std::string id) = 0;
};

/// Creates first, then updates, then what is destroyed; other calls of the request know what was created. What is created and
/// destroyed by one call is not updated before.
async::Awaitable<jmap::SetAnswer> carry_out(Call* call, const jmap::SetArguments* set, SetWork* work);

} // namespace tegami::jmapd
