// What a method sees of a request, and how it answers.
#pragma once

#include "async/awaitable.h"
#include "base/memory_budget.h"
#include "base/result.h"
#include "protocol/jmap/arguments.h"
#include "protocol/jmap/batch.h"
#include "protocol/jmap/fault.h"
#include "service/jmapd/user.h"
#include "json/json.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::jmapd {

/// One call of a request, while its method runs.
struct Call {
    Service* service;
    const User* user;
    jmap::Batch* batch;
    const json::object* arguments; ///< with their references in place
    MemoryBudget::Charge* memory;  ///< what the request holds
    /// Responses that follow that of the method, with names of their own (RFC 8621 §7.5).
    std::vector<std::pair<std::string, json::object>> following{};

    store::Account& account() const { return *user->account; }

    const jmap::RequestLimits& limits() const { return service->limits.request; }

    /// Whether the answer may take so many octets more; false: fail with too_large_to_answer().
    [[nodiscard]] bool reserve(std::uint64_t octets) const { return memory->resize(memory->bytes() + octets); }
};

/// The arguments of the response, which has the method's name.
using MethodResult = Result<json::object, jmap::Fault>;
/// A method: a coroutine that takes its arguments by jmap::Arguments and jmap::take_get() and the like.
using Method = async::Awaitable<MethodResult> (*)(Call* call);

/// Whether the account that a method names is the user's. Faults: accountNotFound.
Result<void, jmap::Fault> check_account(const Call& call, std::string_view account_id);

/// Why nothing is copied between these two (RFC 8620 §5.4), the second of which is the user's only one.
jmap::Fault no_other_account(std::string_view from, std::string_view to);

/// What the server has no memory for: the client may ask for less.
jmap::Fault too_large_to_answer();

/// The error of a method, or of a record, that stands for what the store said (RFC 8620 §3.6.2, §5.3). What is nobody's
/// fault but ours is in the log.
jmap::Fault method_fault(const Call& call, const store::Error& error);
jmap::Fault set_fault(const Call& call, const store::Error& error);

} // namespace tegami::jmapd
