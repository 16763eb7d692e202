// Core/echo (RFC 8620 §4) and Blob/copy (§6.3).
#include "service/jmapd/methods.h"

namespace tegami::jmapd {

async::Awaitable<MethodResult> core_echo(Call* call) {
    co_return *call->arguments;
}

/// Nobody has more than one account yet, so there is never another one to copy from.
async::Awaitable<MethodResult> blob_copy(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const std::string from = arguments.id("fromAccountId");
    const std::string to = arguments.id("accountId");
    const auto blobs = arguments.optional_ids("blobIds");
    if (!blobs) arguments.reject("blobIds");
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(check_account(*call, to));
    co_return failure(no_other_account(from, to));
}

} // namespace tegami::jmapd
