#include "sandbox/confine.h"

#include "sandbox/landlock.h"
#include "sandbox/system_calls.h"

#include <fmt/format.h>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace tegami::sandbox {

namespace {

Result<void, std::string> drop_capabilities() {
    // The bounding set first: taking from it is a capability, too. Where that is not ours, no new rights says the same.
    for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
        ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL)
        return failure(fmt::format("the ambient capabilities stay: {}", std::strerror(errno)));
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    if (::syscall(SYS_capset, &header, none.data()) != 0)
        return failure(fmt::format("the capabilities stay: {}", std::strerror(errno)));
    return {};
}

} // namespace

Result<Confined, std::string> confine(const Rules& rules) {
    Confined confined;
    TRY_VOID(drop_capabilities());
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return failure(fmt::format("new rights cannot be forbidden: {}", std::strerror(errno)));
    TRY(const bool files, restrict_files(rules.files, rules.helpers));
    if (!files) confined.missing.emplace_back("this kernel has no Landlock: the server could open every file of its user");
    TRY(const bool calls, restrict_system_calls(rules.helpers));
    if (!calls) confined.missing.emplace_back("this kernel has no seccomp: the server may make every system call");
    return confined;
}

} // namespace tegami::sandbox
