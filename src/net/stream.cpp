#include "net/stream.h"

namespace tegami::net {

std::string_view describe(IoError error) {
    switch (error) {
    case IoError::end_of_stream: return "the other side closed the connection";
    case IoError::reset: return "the connection broke";
    case IoError::timed_out: return "the other side did not answer in time";
    case IoError::cancelled: return "the operation was cancelled";
    case IoError::tls_failed: return "TLS failed";
    case IoError::refused: return "the connection was refused";
    case IoError::unreachable: return "there is no route to the address";
    case IoError::exhausted: return "this machine has no resources left for a connection";
    case IoError::failed: break;
    }
    return "the connection failed";
}

async::Awaitable<IoResult<>> Stream::start_tls(std::shared_ptr<const TlsServerContext> context) {
    return start_tls(std::move(context), std::vector<std::string>());
}

async::Awaitable<IoResult<>> Stream::write_all(std::string octets) {
    co_return co_await write_all(octets.data(), octets.size());
}

} // namespace tegami::net
