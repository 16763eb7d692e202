#include "app/server/host_addresses.h"

namespace tegami::app {

async::Awaitable<std::vector<IpAddress>> addresses_of(net::Resolver* resolver, std::string host) {
    std::vector<IpAddress> addresses;
    const auto name = dns::Name::parse(host);
    if (!name) co_return addresses;
    for (const dns::Type type : {dns::Type::aaaa, dns::Type::a}) {
        const net::DnsAnswer answer = co_await resolver->query(*name, type);
        for (const dns::Record& record : answer.records)
            if (const auto* const data = std::get_if<dns::AddressData>(&record.data))
                addresses.push_back(data->address);
    }
    co_return addresses;
}

} // namespace tegami::app
