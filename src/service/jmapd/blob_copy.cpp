// Blob/copy (RFC 8620 §6.3).
#include "async/turns.h"
#include "protocol/jmap/standard.h"
#include "service/jmapd/blob.h"
#include "service/jmapd/blob_id.h"
#include "service/jmapd/blob_slice.h"
#include "service/jmapd/copies.h"
#include "service/jmapd/email_create.h"
#include "service/jmapd/methods.h"

namespace tegami::jmapd {

namespace {

using jmap::Fault;

/// What a blob writer gathers, and a piece of another blob.
constexpr std::uint64_t kCopyMemoryBytes = 512 * 1024;

/// The id of the copy in the account that the call is about.
async::Awaitable<Result<std::string, Fault>> copy_blob(Call* call, store::PartPlace source) {
    CO_TRY_VOID(take_copy(*call, source.length));
    MemoryBudget::Charge memory(&call->service->with.memory);
    if (!memory.resize(kCopyMemoryBytes)) co_return failure(Fault{.type = "serverUnavailable", .description = {}});
    const std::unique_ptr<store::BlobWriter> blob = call->service->with.store.new_blob();
    store::PartReader reader(&call->service->with.store, source);
    for (;;) {
        auto piece = co_await reader.next();
        if (!piece) co_return failure(set_fault(*call, piece.error()));
        if (piece->empty()) break;
        const auto written = co_await blob->append(*std::move(piece));
        if (!written) co_return failure(set_fault(*call, written.error()));
        co_await async::give_way();
    }
    const auto written = co_await blob->finish({}, {});
    if (!written) co_return failure(set_fault(*call, written.error()));
    const store::AccountId account = call->account().id();
    const auto durable = co_await keep_for_an_hour(&call->service->with.store, account, written->id);
    if (!durable) co_return failure(set_fault(*call, durable.error()));
    co_return blob_id_of(UploadedBlob{written->id, written->size}, account, call->service->with.secret);
}

} // namespace

async::Awaitable<Result<void, Fault>> enter_source(Call* call, std::string from, std::string to) {
    if (from == to) co_return failure(same_account());
    auto entered = co_await enter_account(call, std::move(from));
    if (!entered && entered.error().type == "accountNotFound")
        co_return failure(Fault{.type = "fromAccountNotFound", .description = {}});
    co_return entered;
}

async::Awaitable<MethodResult> blob_copy(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const std::string from = arguments.id("fromAccountId");
    const std::string to = arguments.id("accountId");
    const auto blobs = arguments.optional_ids("blobIds");
    if (!blobs) arguments.reject("blobIds");
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_to_write(call, to));
    const store::AccountPtr target = call->entered;
    CO_TRY_VOID(co_await enter_source(call, from, to));
    const store::AccountPtr source = call->entered;
    if (blobs->size() > call->limits().objects_in_set)
        co_return failure(Fault{.type = "requestTooLarge", .description = "maxObjectsInSet"});
    json::object copied;
    json::object not_copied;
    for (const std::string& id : *blobs) {
        call->entered = source;
        const auto found = co_await find_blob(call, id);
        call->entered = target;
        if (!found) {
            not_copied[id] = jmap::set_error(set_fault(*call, found.error()));
            continue;
        }
        auto copy = co_await copy_blob(call, *found);
        if (copy)
            copied[id] = *std::move(copy);
        else
            not_copied[id] = jmap::set_error(copy.error());
    }
    const auto or_null = [](json::object object) {
        return object.empty() ? json::value() : json::value(std::move(object));
    };
    co_return json::object{{"fromAccountId", from},
                           {"accountId", to},
                           {"copied", or_null(std::move(copied))},
                           {"notCopied", or_null(std::move(not_copied))}};
}

} // namespace tegami::jmapd
