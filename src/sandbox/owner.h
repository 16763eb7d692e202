// Root becomes somebody who may less.
#pragma once

#include "base/result.h"

#include <string>

namespace tegami::sandbox {

/// If this process is root's and `folder` is somebody else's, the whole process becomes that user, with the groups that
/// the system lists for the user, and cannot go back. Otherwise, and if the folder is not there, nothing changes.
/// Whether something changed. The error is a sentence; the process may have lost a part of its rights then.
Result<bool, std::string> become_owner_of(const std::string& folder);

} // namespace tegami::sandbox
