// Publishes at the primary name server that the operator named (RFC 2136).
#pragma once

#include "net/dns_primary.h"
#include "signing/record_publisher.h"

#include <functional>
#include <memory>

namespace tegami::signing {

class ZonePublisher final : public RecordPublisher {
public:
    using NewPrimary = std::function<Result<std::unique_ptr<net::DnsPrimary>, std::string>()>;

    /// The server is asked for by each call, so that a key that was replaced on the disk counts.
    explicit ZonePublisher(NewPrimary new_primary) : new_primary_(std::move(new_primary)) {}

    async::Awaitable<Result<Published, std::string>> publish(dns::Name name, dns::Type type,
                                                             std::vector<dns::Data> set) override;

private:
    const NewPrimary new_primary_;
};

} // namespace tegami::signing
