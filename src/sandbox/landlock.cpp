#include "sandbox/landlock.h"

#include "base/descriptor.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tegami::sandbox {

namespace {

// Later than the headers of Debian 12.
constexpr std::uint64_t kTruncate = 1ULL << 14;
constexpr std::uint64_t kDeviceControl = 1ULL << 15;

constexpr std::uint64_t kReadFile = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t kReadFolder = LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kWriteFile = LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;
/// No devices: mknod is for nobody here.
constexpr std::uint64_t kWriteFolder =
    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER;
constexpr std::uint64_t kNobody =
    LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | kDeviceControl;
constexpr std::uint64_t kEverything =
    LANDLOCK_ACCESS_FS_EXECUTE | kReadFile | kReadFolder | kWriteFile | kWriteFolder | kNobody;

/// What a kernel with this version of the interface can watch over; it refuses a rule set that names more.
std::uint64_t known_to(long version) {
    std::uint64_t known = kEverything;
    if (version < 2) known &= ~std::uint64_t{LANDLOCK_ACCESS_FS_REFER};
    if (version < 3) known &= ~kTruncate;
    if (version < 5) known &= ~kDeviceControl;
    return known;
}

std::string system_failure(std::string_view what) {
    return fmt::format("Landlock: {}: {}", what, std::strerror(errno));
}

} // namespace

Result<bool, std::string> restrict_files(std::span<const Rule> rules, bool may_execute) {
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return false;
    const std::uint64_t known = known_to(version);
    landlock_ruleset_attr attributes{};
    attributes.handled_access_fs = known;
    const Descriptor set(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
    if (set.get() < 0) return failure(system_failure("a set of rules cannot be made"));
    for (const Rule& rule : rules) {
        const Descriptor path(::open(rule.path.c_str(), O_PATH | O_CLOEXEC));
        struct stat found{};
        if (path.get() < 0 || ::fstat(path.get(), &found) != 0) continue;
        std::uint64_t allowed = kReadFile;
        if (rule.access == Access::write) allowed |= kWriteFile;
        if (may_execute) allowed |= LANDLOCK_ACCESS_FS_EXECUTE;
        if (S_ISDIR(found.st_mode)) {
            allowed |= kReadFolder;
            if (rule.access == Access::write) allowed |= kWriteFolder;
        }
        landlock_path_beneath_attr beneath{};
        beneath.allowed_access = allowed & known;
        beneath.parent_fd = path.get();
        if (::syscall(SYS_landlock_add_rule, set.get(), LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0)
            return failure(system_failure(rule.path));
    }
    if (::syscall(SYS_landlock_restrict_self, set.get(), 0) != 0)
        return failure(system_failure("the rules cannot be put in force"));
    return true;
}

} // namespace tegami::sandbox
