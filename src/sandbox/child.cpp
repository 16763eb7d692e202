#include "sandbox/child.h"

#include "sandbox/owner.h"

#include <fmt/format.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace tegami::sandbox {

namespace {

/// Of a child that could not become the owner.
constexpr int kStillRoot = 125;

} // namespace

Result<int, std::string> run_as_owner(const std::string& folder, const std::function<int()>& work) {
    std::fflush(nullptr); // or both would write it
    const pid_t child = ::fork();
    if (child < 0) return failure(fmt::format("no process can be made: {}", std::strerror(errno)));
    if (child == 0) {
        const int status = become_owner_of(folder) ? work() : kStillRoot;
        std::fflush(nullptr);
        ::_exit(status);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status)) return failure(fmt::format("a process broke off (signal {})", WTERMSIG(status)));
    if (WEXITSTATUS(status) == kStillRoot) return failure(fmt::format("root cannot become the owner of {}", folder));
    return WEXITSTATUS(status);
}

} // namespace tegami::sandbox
