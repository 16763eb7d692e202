#include "sandbox/owner.h"

#include "sandbox/capabilities.h"

#include <fmt/format.h>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tegami::sandbox {

Result<bool, std::string> become_owner_of(const std::string& folder) {
    struct stat found{};
    if (::geteuid() != 0 || ::stat(folder.c_str(), &found) != 0 || found.st_uid == 0) return false;
    // Before any other thread: the C library's own buffer is nobody else's.
    const passwd* const user = ::getpwuid(found.st_uid); // NOLINT(concurrency-mt-unsafe)
    const gid_t group = user ? user->pw_gid : found.st_gid;
    drop_bounding_set(); // the user cannot
    const int groups = user ? ::initgroups(user->pw_name, group) : ::setgroups(0, nullptr);
    if (groups != 0 || ::setgid(group) != 0 || ::setuid(found.st_uid) != 0)
        return failure(fmt::format("root cannot become the owner of {} (user {}): {}", folder, found.st_uid,
                                   std::strerror(errno)));
    return true;
}

} // namespace tegami::sandbox
