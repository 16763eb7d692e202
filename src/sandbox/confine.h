// Asks the kernel to keep a process within its rules.
//
// 1. What is given up cannot be had again, by this thread or any thread or process that it makes. Threads that are there
//    already keep what they have: call it before the first.
// 2. Files that are open stay open, sockets that are bound stay bound.
// 3. TCP, UDP and UNIX sockets stay free, unless the rules leave them out: a mail server speaks to everybody. Raw
//    sockets, packets and other families go.
#pragma once

#include "base/result.h"
#include "sandbox/rules.h"

#include <string>
#include <vector>

namespace tegami::sandbox {

struct Confined {
    /// What this kernel does not have, in sentences for the log: the process goes on without it.
    std::vector<std::string> missing;
};

/// Takes every capability away, forbids new rights, and keeps the process to its rules. The error is a sentence.
Result<Confined, std::string> confine(const Rules& rules);

} // namespace tegami::sandbox
