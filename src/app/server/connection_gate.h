// How many connections there may be: in all, from one address, and as the memory budget allows; thread-safe.
// The last quarter of the places is for addresses that have few: a hundred machines that each take what one may take
// do not keep everybody else out.
#pragma once

#include "app/configuration/config.h"
#include "base/ip_address.h"
#include "base/memory_budget.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace tegami::app {

class ConnectionGate {
public:
    /// One connection's place; given back when it is destroyed.
    class Place {
    public:
        Place(ConnectionGate* gate, std::optional<IpAddress> address, bool admitted, MemoryBudget::Charge memory)
            : gate_(gate), address_(address), admitted_(admitted), memory_(std::move(memory)) {}

        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        ~Place() { gate_->leave(*this); }

        /// False: there are too many; tell the client so and close.
        bool admitted() const { return admitted_; }

    private:
        friend ConnectionGate;

        ConnectionGate* gate_;
        std::optional<IpAddress> address_;
        bool admitted_;
        MemoryBudget::Charge memory_;
    };

    /// `memory` outlives it.
    ConnectionGate(LimitsConfig limits, MemoryBudget& memory) : limits_(limits), memory_(memory) {}

    void set_limits(LimitsConfig limits);
    /// Counts a connection; one without an address, of a proxy, in all alone. Nothing if so many are being turned away that even telling them costs too much.
    std::unique_ptr<Place> enter(std::optional<IpAddress> address);

    struct Use {
        std::size_t connections = 0;
        std::size_t connections_max = 0;
    };

    Use use();

private:
    void leave(const Place& place);
    /// IPv6 clients have a /64 each; loopback is not counted.
    static std::optional<IpAddress> counted_address(const std::optional<IpAddress>& address);

    std::mutex guard_;
    LimitsConfig limits_;
    MemoryBudget& memory_;
    std::size_t total_ = 0;   ///< admitted
    std::size_t refused_ = 0; ///< being told that there are too many
    std::map<IpAddress, std::size_t> by_address_;
};

} // namespace tegami::app
