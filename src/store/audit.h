// What was changed through the administration, by whom and with what outcome: kept long, for "who did that?".
// docs/formats/audit.md.
//
// 1. begin() is durable before the change begins, and finish() before its outcome is told: a change that a crash cut off
//    has a row without an outcome, and none has no row.
// 2. Rows are never changed but for their outcome, and go only with their whole day.
// 3. One engine domain per day (UTC), so that forgetting a day is one range.
#pragma once

#include "async/awaitable.h"
#include "async/mutex.h"
#include "base/clock.h"
#include "store/engine/engine.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tegami::store {

struct AuditRow {
    Timestamp time{};
    std::string who;        ///< an address, or "local root"
    std::string from;       ///< the address of a client, or "local"
    std::string operation;  ///< "/account/add"
    std::string about;      ///< the account or domain; empty: the server
    std::string parameters; ///< JSON, without secrets
    /// As HTTP says it: 200, or that of the refusal; nothing: it did not come to an end, or has not yet.
    std::optional<std::uint32_t> status;
    std::string refusal; ///< why not, as a sentence

    bool operator==(const AuditRow&) const = default;
};

/// Where a row is.
struct AuditPlace {
    std::uint64_t day = 0; ///< since 1970
    std::uint32_t number = 0;
};

struct AuditPage {
    std::vector<AuditRow> rows; ///< the newest first
    std::string next; ///< where the next page begins; empty after the last one. A page may have no row and a next one
};

/// Limit: octets of a text of a row; longer ones are cut.
inline constexpr std::size_t kAuditTextBytesMax = 16 << 10;
/// Limit: rows of a day; further changes are refused.
inline constexpr std::uint32_t kAuditRowsADayMax = 1'000'000;
/// Limit: rows of a page, and rows that are looked at for one.
inline constexpr std::size_t kAuditPageMax = 100;
inline constexpr std::size_t kAuditLookedAtMax = 2000;

class Audit {
public:
    /// Both outlive it. One object of an engine writes.
    Audit(Engine* engine, const Clock* clock) : engine_(engine), clock_(clock) {}

    /// Durable on return; the time is set here. Errors: no_space, unavailable, invalid (the day is full).
    async::Awaitable<StoreResult<AuditPlace>> begin(AuditRow row);
    /// Durable on return.
    async::Awaitable<StoreResult<>> finish(AuditPlace place, std::uint32_t status, std::string refusal);
    /// A row that has its outcome already.
    async::Awaitable<StoreResult<>> add(AuditRow row);

    /// Rows from `since` on, the newest first, that `wanted` says are; `from` is empty or AuditPage::next.
    async::Awaitable<StoreResult<AuditPage>> page(Timestamp since, std::function<bool(const AuditRow&)> wanted,
                                                  std::string from);
    /// Forgets whole days that ended before now - `keep`.
    async::Awaitable<StoreResult<>> sweep(std::chrono::days keep);

private:
    async::Awaitable<StoreResult<std::vector<std::uint64_t>>> days(std::uint64_t first);
    async::Awaitable<StoreResult<std::uint32_t>> next_number(std::uint64_t day);

    Engine* engine_;
    const Clock* clock_;
    async::Mutex writing_; ///< numbers are read and then used
};

} // namespace tegami::store
