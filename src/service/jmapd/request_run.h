// Carries out a request that has been read: over HTTP (api.h) and over a WebSocket (web_socket.h) alike.
#pragma once

#include "async/worker_pool.h"
#include "base/memory_budget.h"
#include "protocol/jmap/request.h"
#include "service/jmapd/user.h"
#include "json/json.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace tegami::jmapd {

/// What a request and its JSON take for each octet (json/json.h).
inline constexpr std::uint64_t kMemoryPerRequestOctet = 11;
/// JSON up to here is read on the I/O thread: well below a millisecond. Workers have a low priority.
inline constexpr std::size_t kReadHereBytesMax = 8 * 1024;

/// What `work` makes of so many octets of JSON.
template <class Work>
async::Awaitable<std::invoke_result_t<Work>> read_beside(Service* service, std::size_t octets, Work work) {
    if (octets <= kReadHereBytesMax) co_return work();
    co_return co_await async::run(&service->with.workers, std::move(work));
}

/// Of an answer that goes over a WebSocket: the id of the request, if that has one.
struct SocketAnswer {
    std::optional<std::string> request_id;
};

/// Its calls one after the other; the whole answer as JSON. `memory` is what the request holds, and afterwards the answer,
/// as far as there is room.
async::Awaitable<std::string> run_request(Service* service, const User* user, jmap::Request request,
                                          MemoryBudget::Charge* memory, std::optional<SocketAnswer> socket = {});

} // namespace tegami::jmapd
