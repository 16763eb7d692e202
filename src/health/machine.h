// Whether a machine can be a mail server.
#pragma once

#include "base/ip_address.h"
#include "health/finding.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tegami::health {

/// A port that a service is to listen on.
struct Port {
    std::string service; ///< as in the configuration
    std::uint16_t number = 0;
    bool ours = false;   ///< our server has it already
    std::string problem; ///< why nobody can listen there; empty: somebody can
};

/// An address by which others reach the machine.
struct PublicAddress {
    IpAddress address;
    bool answered = true;           ///< the DNS did
    std::vector<std::string> names; ///< that it has there; those that lead back to it
    bool has_other_names = false;   ///< there are some that do not
};

enum class WayOut : std::uint8_t { not_tried, open, closed };

enum class ClockState : std::uint8_t { unknown, synchronized, free };

struct Machine {
    std::string host_name;
    std::vector<Port> ports;
    std::vector<PublicAddress> addresses; ///< none: all that it has are of private networks
    WayOut way_out = WayOut::not_tried;
    std::string way_out_words;             ///< who was asked, and what came
    WayOut way_out_v6 = WayOut::not_tried; ///< the same over IPv6, where the machine has an address of it
    std::string way_out_v6_words;
    std::string smarthost; ///< that all mail goes through; empty: none
    ClockState clock = ClockState::unknown;
    std::string resolver_problem;    ///< empty: names can be looked up
    bool resolver_validates = false; ///< it has a trust anchor
    bool resolver_proves = false;    ///< and a signed answer came out proven
    std::uint64_t memory_bytes = 0;  ///< of the machine; 0: not known
    std::uint64_t memory_budget = 0;
    bool reads_pdf = true; ///< pdftotext is there
};

/// One finding for each thing looked at, in the order of reading.
std::vector<Finding> judge_machine(const Machine& machine);

} // namespace tegami::health
