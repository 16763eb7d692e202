// Reading a range of any length, one page after the other.
#pragma once

#include "store/engine/engine.h"

#include <optional>
#include <utility>

namespace tegami::store {

/// Where a reader is in a range:
///
///     Scan scan(engine, domain, {.begin = "L", .end = "M"});
///     while (scan.more()) {
///         CO_TRY(const Page page, co_await scan.next());
///         ...
///     }
///
/// Pages are read when they are asked for, so a commit may come between two of them. With `at` all rows belong to that
/// version of the domain, or the answer is `conflict`.
class Scan {
public:
    Scan(Engine* engine, Domain domain, Range range, std::optional<Version> at = {});

    /// False once next() has answered the last page.
    bool more() const { return more_; }

    /// The next page; not after an error. Errors: those of Engine::scan; conflict.
    async::Awaitable<StoreResult<Page>> next();

    /// Goes on at this key, which lies in what is still to come. Only forwards.
    void skip_to(std::string key);

    /// The key at which the next page begins (for a reader that goes on another time). Forwards only.
    const std::string& position() const { return range_.begin; }

private:
    Engine* const engine_;
    const Domain domain_;
    Range range_;
    const std::optional<Version> at_;
    bool more_;
};

} // namespace tegami::store
