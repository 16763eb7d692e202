// Any octets as a header of the PROXY protocol, however they are cut, and as what proxies say in fields of HTTP.
#include "base/assert.h"
#include "net/forwarded.h"
#include "net/proxy_header.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace tegami::net;

namespace {

/// What is left behind the header, and the client; nothing if it is none.
std::optional<std::pair<std::string, std::optional<Endpoint>>> read(std::string_view octets, std::size_t at_once) {
    ProxyHeaderReader reader;
    std::size_t taken = 0;
    while (reader.wanted() != 0) {
        ASSERT(taken + reader.wanted() <= kProxyHeaderBytesMax);
        const std::string_view piece = octets.substr(0, std::min(reader.wanted(), at_once));
        if (piece.empty() || !reader.take(piece)) return std::nullopt;
        taken += piece.size();
        octets.remove_prefix(piece.size());
    }
    return std::pair(std::string(octets), reader.client());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    ASSERT(read(octets, size + 1) == read(octets, 1));
    const std::vector<IpNetwork> proxies{*IpNetwork::parse("192.0.2.0/24")};
    const Endpoint peer{.address = *IpAddress::parse("192.0.2.1"), .port = 1};
    for (const char* const name : {"Forwarded", "X-Forwarded-For", "X-Forwarded-Proto"}) {
        const HttpRequest request{
            .method = "GET", .target = "/", .fields = {{name, std::string(octets)}}, .client = peer, .identity = {}};
        ASSERT(forwarded_for(request, proxies).has_value());
    }
    return 0;
}
