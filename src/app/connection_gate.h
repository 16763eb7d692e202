// How many connections there may be, in all and from one address; thread-safe.
#pragma once

#include "app/config.h"
#include "base/ip_address.h"

#include <map>
#include <memory>
#include <mutex>

namespace tegami::app {

class ConnectionGate {
public:
    /// One connection's place; given back when it is destroyed.
    class Place {
    public:
        Place(ConnectionGate* gate, IpAddress address, bool admitted)
            : gate_(gate), address_(address), admitted_(admitted) {}

        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        ~Place() { gate_->leave(address_); }

        /// False: there are too many; tell the client so and close.
        bool admitted() const { return admitted_; }

    private:
        ConnectionGate* gate_;
        IpAddress address_;
        bool admitted_;
    };

    explicit ConnectionGate(LimitsConfig limits) : limits_(limits) {}

    void set_limits(LimitsConfig limits);
    /// Counts a connection. Nothing if there are so many beyond the limit that even telling them costs too much.
    std::unique_ptr<Place> enter(IpAddress address);

private:
    void leave(const IpAddress& address);
    /// IPv6 clients have a /64 each; loopback is not counted.
    static std::optional<IpAddress> counted_address(const IpAddress& address);

    std::mutex guard_;
    LimitsConfig limits_;
    std::size_t total_ = 0;
    std::map<IpAddress, std::size_t> by_address_;
};

} // namespace tegami::app
