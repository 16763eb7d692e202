// The parts into which Linux divides root's rights.
#pragma once

#include "base/result.h"

#include <string>

namespace tegami::sandbox {

/// No program that is started from now on can have any, not even root's. Takes a capability itself; without that nothing
/// changes, and `no_new_privs` says the same.
void drop_bounding_set();

/// This thread has none any more, and those that it makes. The error is a sentence.
Result<void, std::string> drop_capabilities();

} // namespace tegami::sandbox
