// A network in memory on virtual time, with seeded faults: whole clusters of servers talk in one process, and the
// same seed gives the same run. TLS over it is the real one.
//
// 1. Octets of one direction arrive in order or not at all, as with TCP; each write is a segment with a delay of its
//    own. A direction holds at most kWindowBytes that its reader has not taken.
// 2. A cut link loses what is under way; nobody is told. Connections over it hang, until their deadlines, or until
//    the link heals: then new segments pass, but a direction that lost octets is reset.
#pragma once

#include "async/virtual_time.h"
#include "net/network.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>

namespace tegami::net {

struct SimulatedFaults {
    Duration latency_min = std::chrono::milliseconds(1);
    Duration latency_max = std::chrono::milliseconds(20);
    /// Chances in a million.
    std::uint32_t connect_refused = 0;
    std::uint32_t connect_lost = 0;  ///< no answer to the connection request, ever
    std::uint32_t segment_reset = 0; ///< part of the segment arrives, then both sides see a reset
    std::uint32_t segment_stuck = 0; ///< this and all later segments of the direction never arrive
    std::uint32_t segment_late = 0;  ///< arrives `lateness` later
    Duration lateness = std::chrono::seconds(30);
};

class SimulatedNetwork {
public:
    static constexpr std::size_t kWindowBytes = 65536;

    /// `time` outlives the network and everything on it.
    explicit SimulatedNetwork(async::VirtualTime* time);
    ~SimulatedNetwork();

    /// The network as a machine with this address sees it; lives as long as the SimulatedNetwork.
    Network& host(const IpAddress& address);

    /// For connections and segments from now on.
    void set_faults(const SimulatedFaults& faults);
    /// Nothing gets from one host to the other any more; the other direction stays as it is.
    void cut_one_way(const IpAddress& from, const IpAddress& to);
    /// Both directions.
    void cut(const IpAddress& one, const IpAddress& other);
    void heal(const IpAddress& one, const IpAddress& other);
    /// The machine loses power: its listeners and connections are gone, peers see resets when they next write.
    void crash(const IpAddress& address);

    struct World; ///< private to the implementation

private:
    std::shared_ptr<World> world_;
};

} // namespace tegami::net
