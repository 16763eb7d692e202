// Looks at the machine: the facts that health/machine.h judges. It takes some seconds where nobody answers, never minutes.
#pragma once

#include "app/configuration/config.h"
#include "health/machine.h"

#include <set>
#include <string>
#include <vector>

namespace tegami::app {

struct LookOptions {
    std::vector<IpAddress>
        addresses;                   ///< by which others reach the machine; none: those that it has and that are public
    std::set<std::uint16_t> ours;    ///< ports that a server of ours has already
    std::string probe = "gmail.com"; ///< a domain whose mail servers surely answer at `relay.port`
};

health::Machine look_at_machine(const Config& config, const LookOptions& options);

/// The addresses of `options`, or the machine's own public ones.
std::vector<IpAddress> public_addresses(const LookOptions& options);

/// "0.0.0.0" and, if the machine has IPv6, "::".
std::vector<std::string> every_address();

/// Of the machine, or of the container that this is; 0 if that cannot be known.
std::uint64_t machine_memory_bytes();

/// Whether a root key in this file proves signed answers, with the mode that the configuration has.
bool proves_answers(const ResolverConfig& config);

/// What lists of bad senders say of the addresses, asked of the resolver of the configuration.
std::vector<health::Finding> ask_sender_lists(const Config& config, const std::vector<IpAddress>& addresses);

} // namespace tegami::app
