#include "sandbox/confine.h"

#include "sandbox/capabilities.h"
#include "sandbox/landlock.h"
#include "sandbox/system_calls.h"

#include <fmt/format.h>

#include <sys/prctl.h>

#include <cerrno>
#include <cstring>

namespace tegami::sandbox {

Result<Confined, std::string> confine(const Rules& rules) {
    Confined confined;
    TRY_VOID(drop_capabilities());
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return failure(fmt::format("new rights cannot be forbidden: {}", std::strerror(errno)));
    TRY(const bool files, restrict_files(rules.files, rules.helpers));
    if (!files)
        confined.missing.emplace_back("this kernel has no Landlock: the server could open every file of its user");
    TRY(const bool calls, restrict_system_calls(rules));
    if (!calls) confined.missing.emplace_back("this kernel has no seccomp: the server may make every system call");
    return confined;
}

} // namespace tegami::sandbox
