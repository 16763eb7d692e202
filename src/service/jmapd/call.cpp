#include "service/jmapd/call.h"

#include "service/jmapd/http_answers.h"

namespace tegami::jmapd {

Result<void, jmap::Fault> check_account(const Call& call, std::string_view account_id) {
    if (account_id == call.user->account_id) return {};
    return failure(jmap::Fault{.type = "accountNotFound", .description = {}});
}

jmap::Fault no_other_account(std::string_view from, std::string_view to) {
    if (from != to) return {.type = "fromAccountNotFound", .description = {}};
    return jmap::invalid_arguments({"fromAccountId"}, "things are copied from one account to another");
}

jmap::Fault too_large_to_answer() {
    return {.type = "requestTooLarge", .description = "the server has no memory for an answer of this size"};
}

jmap::Fault method_fault(const Call& call, const store::Error& error) {
    log_failure(call.service->with.log, error);
    switch (error.code) {
    case store::ErrorCode::not_found: return {.type = "accountNotFound", .description = {}};
    case store::ErrorCode::damaged:
        return {.type = "serverFail", .description = "something cannot be read from the disk"};
    case store::ErrorCode::unknown:
        return {.type = "serverPartialFail", .description = "it is not known whether this was done"};
    default: return {.type = "serverUnavailable", .description = "the store cannot do this now"};
    }
}

jmap::Fault set_fault(const Call& call, const store::Error& error) {
    switch (error.code) {
    case store::ErrorCode::not_found: return {.type = "notFound", .description = {}};
    case store::ErrorCode::over_quota: return {.type = "overQuota", .description = {}};
    case store::ErrorCode::no_space:
        log_failure(call.service->with.log, error);
        return {.type = "overQuota", .description = "the server has no room left"};
    case store::ErrorCode::invalid: return {.type = "overQuota", .description = "a limit of the account is reached"};
    default: return method_fault(call, error);
    }
}

} // namespace tegami::jmapd
