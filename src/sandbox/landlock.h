// Files, by the kernel's Landlock (Linux 5.13; what later versions add is used where it is there).
#pragma once

#include "base/result.h"
#include "sandbox/rules.h"

#include <span>
#include <string>

namespace tegami::sandbox {

/// The calling thread, and those that it makes, reach no file but those of the rules. False: the kernel has no Landlock,
/// or it is switched off.
Result<bool, std::string> restrict_files(std::span<const Rule> rules, bool may_execute);

} // namespace tegami::sandbox
