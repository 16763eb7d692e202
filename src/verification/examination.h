// Looks at one message as it arrives, and says at its end who really sent it.
#pragma once

#include "async/awaitable.h"
#include "async/timer.h"
#include "async/worker_pool.h"
#include "net/resolver.h"
#include "verification/verdicts.h"

#include <string_view>

namespace tegami::verification {

/// A message with more signatures than this is judged by the workers: each may cost some public-key operations, which
/// together hold up a thread for long.
inline constexpr std::size_t kQuickSignatures = 3;

/// What was found out about a message.
struct Finding {
    Subject subject;
    Verdicts verdicts;
};

class Examination {
public:
    /// All outlive it; keys and workers may be missing.
    Examination(net::Resolver& resolver, async::Timers& timers, dkim::KeyCache* keys = nullptr,
                async::WorkerPool* workers = nullptr)
        : resolver_(resolver), timers_(timers), keys_(keys), workers_(workers) {}

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
    async::WorkerPool* workers_;
    dkim::Verifier verifier_;
    arc::Validator validator_;
};

} // namespace tegami::verification
