// The process that reads one foreign file.
//
// It has its standard input (the file), its standard output (what comes out of it) and nothing else: no network, no other process,
// no file but those that pdftotext is made of, and limits for time, memory and output. Without the kernel's help for all of
// that it does not begin.
#pragma once

#include "extraction/limits.h"
#include "sandbox/rules.h"

#include <cstddef>

namespace tegami::extraction {

/// Limits of a job: seconds of computing, octets of memory, open files.
inline constexpr unsigned kJobSeconds = 20;
inline constexpr std::size_t kJobMemoryBytes = std::size_t{512} << 20;
inline constexpr unsigned kJobFiles = 32;

/// What a process keeps that reads this format; the helper keeps what is for PDF, and may make processes.
sandbox::Rules rules_for(Format format);

/// Becomes the job, in a process of its own: reads `input` from its beginning and writes to `output`. Never returns; the exit
/// status is 0 if all went well, and SIGXFSZ ends it when it has written what it may.
[[noreturn]] void run_job(Format format, int input, int output);

} // namespace tegami::extraction
