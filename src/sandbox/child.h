// Work that must not be root's, in a process of its own.
#pragma once

#include "base/result.h"

#include <functional>
#include <string>

namespace tegami::sandbox {

/// Runs `work` in a child process that has become the owner of `folder` (owner.h), and waits for it. Returns what `work`
/// returns, 0 to 100. No other thread may run meanwhile. The error is a sentence.
Result<int, std::string> run_as_owner(const std::string& folder, const std::function<int()>& work);

} // namespace tegami::sandbox
