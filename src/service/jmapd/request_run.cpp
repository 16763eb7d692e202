#include "service/jmapd/request_run.h"

#include "async/turns.h"
#include "protocol/jmap/socket_message.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/session_resource.h"

namespace tegami::jmapd {

namespace {

/// Answers that take as much memory are written on the I/O thread: well below a millisecond.
constexpr std::uint64_t kWriteHereMemoryMax = 256 * 1024;

/// `memory_bytes`: what the request takes by now.
async::Awaitable<std::string> write(Service* service, json::object answer, std::uint64_t memory_bytes) {
    if (memory_bytes <= kWriteHereMemoryMax) co_return write_json(answer);
    const auto work = [&answer] { return write_json(answer); };
    co_return co_await async::run(&service->with.workers, work);
}

async::Awaitable<> carry_out(Call* call, const jmap::Invocation* invocation) {
    const MethodEntry* const method = find_method(invocation->name);
    if (method == nullptr || !call->batch->uses(method->capability)) {
        call->batch->fail({.type = "unknownMethod", .description = {}});
        co_return;
    }
    MethodResult result = co_await method->run(call);
    if (result)
        call->batch->answer(invocation->name, *std::move(result));
    else
        call->batch->fail(result.error());
    for (auto& [name, response] : call->following)
        call->batch->answer(std::move(name), std::move(response));
}

} // namespace

async::Awaitable<std::string> run_request(Service* service, const User* user, jmap::Request request,
                                          MemoryBudget::Charge* memory, std::optional<SocketAnswer> socket) {
    jmap::Batch batch(std::move(request), service->limits.request);
    std::size_t copied = 0;
    while (const jmap::Invocation* const invocation = batch.next()) {
        const std::uint64_t more = (batch.copied() - copied) * kMemoryPerRequestOctet;
        copied = batch.copied();
        if (!memory->resize(memory->bytes() + more)) {
            batch.fail(too_large_to_answer());
            continue;
        }
        Call call{
            .service = service, .user = user, .batch = &batch, .arguments = &invocation->arguments, .memory = memory};
        co_await carry_out(&call, invocation);
        // Whoever gives way lets the whole machine go first: not for the last call.
        if (!batch.is_done()) {
            co_await async::give_way();
        }
    }
    const auto shared = co_await shared_with(service, user);
    json::object answer = std::move(batch).finish(session_state(*service, *user, shared));
    if (socket) jmap::mark_for_socket(answer, "Response", socket->request_id);
    std::string text = co_await write(service, std::move(answer), memory->bytes());
    // What methods made is gone; the text is counted as far as there is room.
    static_cast<void>(memory->resize(text.size()));
    co_return text;
}

} // namespace tegami::jmapd
