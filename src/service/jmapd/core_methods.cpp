// Core/echo (RFC 8620 §4).
#include "service/jmapd/methods.h"

namespace tegami::jmapd {

async::Awaitable<MethodResult> core_echo(Call* call) {
    co_return *call->arguments;
}

} // namespace tegami::jmapd
