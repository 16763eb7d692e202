#include "net/host_endpoints.h"

#include "base/address_reach.h"

#include <variant>

namespace tegami::net {

bool is_of_internet(const IpAddress& address) {
    return reach_of(address) == Reach::internet;
}

bool is_of_internet_or_loopback(const IpAddress& address) {
    return is_of_internet(address) || address.unmapped().is_loopback();
}

async::Awaitable<HostEndpoints> find_endpoints(Resolver* resolver, dns::Name host, std::uint16_t port,
                                               AddressCheck may_reach) {
    HostEndpoints found;
    bool any = false;
    for (const dns::Type type : {dns::Type::aaaa, dns::Type::a}) {
        const DnsAnswer answer = co_await resolver->query(host, type);
        for (const dns::Record& record : answer.records) {
            const auto* const data = std::get_if<dns::AddressData>(&record.data);
            if (data == nullptr) continue;
            any = true;
            if (may_reach(data->address)) found.reachable.push_back({data->address, port});
        }
    }
    found.refused = any && found.reachable.empty();
    co_return found;
}

} // namespace tegami::net
