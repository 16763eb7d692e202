#include "service/jmapd/call.h"

#include "service/jmapd/http_answers.h"
#include "service/jmapd/rights.h"

namespace tegami::jmapd {

std::shared_ptr<const store::MailboxList> Call::mailboxes() const {
    std::shared_ptr<const store::MailboxList> all = entered->mailboxes();
    return is_own() ? all : std::make_shared<const store::MailboxList>(store::part_of(*all, reader()));
}

async::Awaitable<Result<void, jmap::Fault>> enter_account(Call* call, std::string account_id) {
    const auto found = co_await account_of(call->service, call->user, std::move(account_id));
    if (!found) co_return failure(method_fault(*call, found.error()));
    if (!*found) co_return failure(jmap::Fault{.type = "accountNotFound", .description = {}});
    call->entered = *found;
    co_return Result<void, jmap::Fault>();
}

async::Awaitable<Result<void, jmap::Fault>> enter_to_write(Call* call, std::string account_id) {
    CO_TRY_VOID(co_await enter_account(call, std::move(account_id)));
    if (!call->is_own() && is_read_only(*call->mailboxes(), call->reader()))
        co_return failure(jmap::Fault{.type = "accountReadOnly", .description = {}});
    co_return Result<void, jmap::Fault>();
}

async::Awaitable<Result<void, jmap::Fault>> enter_own_account(Call* call, std::string account_id) {
    CO_TRY_VOID(co_await enter_account(call, std::move(account_id)));
    if (call->is_own()) co_return Result<void, jmap::Fault>();
    call->entered = call->user->account;
    co_return failure(jmap::Fault{.type = "accountNotSupportedByMethod", .description = {}});
}

async::Awaitable<store::StoreResult<store::AccountViewPtr>> view_of(const Call* call) {
    co_return co_await store::view_account(call->entered, call->reader());
}

jmap::Fault same_account() {
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
