// Which system calls a confined process may make: a filter of the kernel (seccomp), made with libseccomp.
#pragma once

#include "base/result.h"
#include "sandbox/rules.h"

#include <string>

namespace tegami::sandbox {

/// Refuses, with EPERM, what the rules leave out (other programs, sockets, other processes), and what a mail server never
/// does and attacks on a kernel begin with: other processes' memory, mounts, namespaces, modules, BPF, keys, io_uring, performance counters, devices, the
/// clock, and sockets of other families than UNIX, IPv4, IPv6 and netlink, or raw ones. False: the kernel has no filters.
/// Holds for every thread of the process.
///
/// It is a list of what is refused: what the C library and RocksDB call changes with every release of theirs, and a call that is
/// missing in a list of what is allowed would be an outage. The list of the service manager (@system-service) stands in front.
Result<bool, std::string> restrict_system_calls(const Rules& rules);

} // namespace tegami::sandbox
