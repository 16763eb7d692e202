// Writes down what is asked of the administration: before it is done, and what came of it before that is told.
#pragma once

#include "admin/operation.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace tegami::admin {

/// Limit: how often the same look at somebody's mail, or piece of it, is written down: once in this time.
inline constexpr auto kSameMailTime = std::chrono::hours(1);
/// Limit: looks at mail that are remembered for that.
inline constexpr std::size_t kSameMailMax = 1000;

/// How a sign-in stands in the log, which is no operation.
inline constexpr std::string_view kSignInOperation = "sign-in";

class AuditTrail {
public:
    /// Both outlive it.
    AuditTrail(store::Audit& audit, const Clock& clock) : audit_(audit), clock_(clock) {}

    /// Where the outcome belongs; nothing if there is nothing to write down. Refused (503) if it cannot be: then nothing is done.
    async::Awaitable<Result<std::optional<store::AuditPlace>, Refusal>> begin(Caller caller, const Operation* operation,
                                                                              json::object parameters);

    /// Refused (503) if the outcome cannot be written.
    async::Awaitable<Result<void, Refusal>> finish(std::optional<store::AuditPlace> place,
                                                   std::optional<Refusal> refusal);

    /// Somebody with a role was refused a change.
    async::Awaitable<> note_refusal(Caller caller, const Operation* operation, json::object parameters,
                                    Refusal refusal);

private:
    bool is_known(const store::AuditRow& row);

    store::Audit& audit_;
    const Clock& clock_;
    std::mutex guard_;
    std::map<std::string, Instant> mail_; ///< when it was written down
};

/// The parameters as they are kept: without secrets, and without what the operation does not know.
json::object kept_parameters(const Operation& operation, const json::object& parameters);

} // namespace tegami::admin
