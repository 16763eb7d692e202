// Looks at one message as it arrives, and says at its end who really sent it.
#pragma once

#include "async/awaitable.h"
#include "async/timer.h"
#include "net/resolver.h"
#include "verification/verdicts.h"

#include <string_view>

namespace tegami::verification {

/// What was found out about a message.
struct Finding {
    Subject subject;
    Verdicts verdicts;
};

class Examination {
public:
    /// All outlive it; `keys` may be missing.
    Examination(net::Resolver& resolver, async::Timers& timers, dkim::KeyCache* keys = nullptr)
        : resolver_(resolver), timers_(timers), keys_(keys) {}

    /// The next octets of the message.
    void feed(std::string_view octets) {
        verifier_.feed(octets);
        validator_.feed(octets);
    }

    /// The message is complete. Asks the DNS, within the limits of inquiry.h; `header` outlives the call.
    async::Awaitable<Finding> finish(Subject subject, const message::Header* header);

private:
    net::Resolver& resolver_;
    async::Timers& timers_;
    dkim::KeyCache* keys_;
    dkim::Verifier verifier_;
    arc::Validator validator_;
};

} // namespace tegami::verification
