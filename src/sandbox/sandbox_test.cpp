// A process that has confined itself tries to get out. Each case runs in a child, which answers with its exit status.
#include "sandbox/child.h"
#include "sandbox/confine.h"
#include "sandbox/owner.h"

#include "base/descriptor.h"

#include <fcntl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace tegami::sandbox {
namespace {

namespace fs = std::filesystem;

/// The exit status of a child that does this; 100 and more: the test itself is wrong.
int in_child(const std::function<int()>& action) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(action());
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 100;
    return WEXITSTATUS(status);
}

/// 0 if it worked, else errno.
int outcome(long result) {
    return result >= 0 ? 0 : errno;
}

class SandboxTest : public ::testing::Test {
protected:
    SandboxTest() {
        std::string pattern = (fs::temp_directory_path() / "tegami-sandbox-XXXXXX").string();
        root_ = ::mkdtemp(pattern.data());
        for (const char* const folder : {"data", "certificates", "outside"})
            fs::create_directory(root_ / folder);
        for (const char* const file : {"data/mail", "certificates/key.pem", "outside/shadow"})
            std::ofstream(root_ / file) << "octets";
        fs::create_symlink(root_ / "outside/shadow", root_ / "data/way-out");
        rules_.files = system_files();
        rules_.files.push_back({.path = root_ / "data", .access = Access::write});
        for (Rule& rule : folder_of((root_ / "certificates/key.pem").string()))
            rules_.files.push_back(std::move(rule));
        rules_.files.push_back({.path = root_ / "not there", .access = Access::write});
    }

    ~SandboxTest() override { fs::remove_all(root_); }

    /// What `attempt` returns in a child that has confined itself.
    int confined(const std::function<int()>& attempt) const {
        return in_child([&] {
            const auto done = confine(rules_);
            if (!done || !done->missing.empty()) return 101;
            return attempt();
        });
    }

    int opened(const std::string& path, int flags) const {
        return confined([&] { return outcome(::open((root_ / path).c_str(), flags, 0600)); });
    }

    fs::path root_;
    Rules rules_;
};

TEST_F(SandboxTest, ReachesItsOwnFilesAndNoOthers) {
    EXPECT_EQ(opened("data/mail", O_RDWR | O_TRUNC), 0);
    EXPECT_EQ(opened("data/new", O_WRONLY | O_CREAT), 0);
    EXPECT_EQ(opened("certificates/key.pem", O_RDONLY), 0);
    EXPECT_EQ(opened("certificates/key.pem", O_WRONLY), EACCES);
    EXPECT_EQ(opened("certificates/new", O_WRONLY | O_CREAT), EACCES);
    EXPECT_EQ(opened("outside/shadow", O_RDONLY), EACCES);
    EXPECT_EQ(opened("outside/new", O_WRONLY | O_CREAT), EACCES);
    EXPECT_EQ(opened("data/way-out", O_RDONLY), EACCES);
    EXPECT_EQ(opened("data/../outside/shadow", O_RDONLY), EACCES);
    EXPECT_EQ(opened("../../etc/shadow", O_RDONLY), EACCES);
    EXPECT_EQ(confined([&] { return outcome(::rename((root_ / "data/mail").c_str(), (root_ / "outside/m").c_str())); }),
              EACCES);
    EXPECT_EQ(confined([&] { return outcome(::unlink((root_ / "outside/shadow").c_str())); }), EACCES);
    EXPECT_EQ(confined([] { return outcome(::open("/etc/hosts", O_RDONLY)); }), 0);
    EXPECT_EQ(confined([] { return outcome(::open("/dev/null", O_RDWR)); }), 0);
}

TEST_F(SandboxTest, StartsNoProgramUnlessHelpersAreAllowed) {
    const auto start = [] {
        char name[] = "true";
        char* const arguments[] = {name, nullptr};
        char* const environment[] = {nullptr};
        ::execve("/usr/bin/true", arguments, environment);
        return errno;
    };
    EXPECT_EQ(confined(start), EPERM);
    rules_.helpers = true;
    EXPECT_EQ(confined(start), EACCES); // not among its files
    rules_.files.push_back({.path = "/usr/bin"});
    EXPECT_EQ(confined(start), 0);
}

TEST_F(SandboxTest, MakesNoCallThatAServerHasNoUseFor) {
    const pid_t parent = ::getpid();
    EXPECT_EQ(confined([&] { return outcome(::ptrace(PTRACE_ATTACH, parent, nullptr, nullptr)); }), EPERM);
    EXPECT_EQ(confined([] { return outcome(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 1)); }), EPERM);
    EXPECT_EQ(confined([] { return outcome(::socket(AF_INET6, SOCK_RAW, 58)); }), EPERM);
    EXPECT_EQ(confined([] { return outcome(::socket(AF_PACKET, SOCK_DGRAM, 0)); }), EPERM);
    EXPECT_EQ(confined([] { return outcome(::socket(AF_VSOCK, SOCK_STREAM, 0)); }), EPERM);
    EXPECT_EQ(confined([] { return outcome(::unshare(CLONE_NEWUSER)); }), EPERM);
    EXPECT_EQ(confined([] { return outcome(::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); }), EPERM);
    EXPECT_EQ(confined([] { return outcome(::syscall(SYS_clone3, nullptr, 0)); }), ENOSYS);
    EXPECT_EQ(confined([] { return outcome(::mount("none", "/tmp", "tmpfs", 0, nullptr)); }), EPERM);
    EXPECT_EQ(confined([] { return outcome(::chroot("/")); }), EPERM);
    for (const long call : {SYS_bpf, SYS_keyctl, SYS_io_uring_setup, SYS_userfaultfd, SYS_perf_event_open,
                            SYS_kexec_load, SYS_init_module, SYS_reboot, SYS_process_vm_readv, SYS_setns,
                            SYS_open_by_handle_at, SYS_pidfd_getfd, SYS_settimeofday})
        EXPECT_EQ(confined([&] { return outcome(::syscall(call, 0, 0, 0, 0, 0, 0)); }), EPERM) << call;
}

TEST_F(SandboxTest, IsAloneWithoutNetworkAndProcesses) {
    rules_.network = false;
    rules_.processes = false;
    for (const int family : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK})
        EXPECT_EQ(confined([&] { return outcome(::socket(family, SOCK_DGRAM, 0)); }), EPERM) << family;
    EXPECT_EQ(confined([] {
                  int pair[2];
                  return outcome(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
              }),
              EPERM);
    EXPECT_EQ(confined([] { return outcome(::fork()); }), EPERM);
    EXPECT_EQ(confined([] { return outcome(::syscall(SYS_vfork)); }), EPERM);
    EXPECT_EQ(confined([] { return outcome(::kill(::getppid(), 0)); }), EPERM);
    EXPECT_EQ(confined([] {
                  const rlimit limit{.rlim_cur = 1, .rlim_max = 1};
                  return outcome(::prlimit(::getppid(), RLIMIT_NOFILE, &limit, nullptr));
              }),
              EPERM);
    EXPECT_EQ(confined([] {
                  const rlimit limit{.rlim_cur = 20, .rlim_max = 20};
                  return outcome(::setrlimit(RLIMIT_NOFILE, &limit));
              }),
              0);
    EXPECT_EQ(confined([] { return outcome(::setpriority(PRIO_PROCESS, static_cast<id_t>(::getppid()), 19)); }), EPERM);
}

TEST_F(SandboxTest, KeepsNoRightAndGetsNoneBack) {
    const auto held = [] {
        std::ifstream file("/proc/self/status");
        int found = 0;
        for (std::string line; std::getline(file, line);)
            if (line.starts_with("Cap") || line.starts_with("NoNewPrivs")) {
                ++found;
                const std::string value = line.substr(line.find('\t') + 1);
                // Without root's rights the bounding set stays, which then gives nobody anything.
                if (line.starts_with("CapBnd") || value == "0000000000000000" || value == "1") continue;
                return 1;
            }
        return found == 6 ? 0 : 2;
    };
    EXPECT_EQ(confined(held), 0);
    EXPECT_EQ(confined([] { return outcome(::setuid(::getuid() + 1)); }), EPERM);
}

TEST_F(SandboxTest, HoldsForThreadsAndLeavesThemTheirWork) {
    EXPECT_EQ(confined([&] {
                  int inside = -1;
                  int outside = -1;
                  int network = -1;
                  std::thread([&] {
                      inside = outcome(::open((root_ / "data/mail").c_str(), O_RDWR));
                      outside = outcome(::open((root_ / "outside/shadow").c_str(), O_RDONLY));
                      network = outcome(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
                  }).join();
                  return inside == 0 && outside == EACCES && network == 0 ? 0 : 1;
              }),
              0);
}

TEST_F(SandboxTest, WorkIsDoneByTheOwnerInAProcessOfItsOwn) {
    const std::string data = root_ / "data";
    EXPECT_EQ(run_as_owner(data, [] { return 7; }).value(), 7);
    EXPECT_FALSE(run_as_owner(data, []() -> int { std::abort(); }));
    if (::geteuid() != 0) return;
    constexpr uid_t kNobody = 65534;
    ASSERT_EQ(::chown(data.c_str(), kNobody, kNobody), 0);
    fs::permissions(root_, fs::perms::all);
    EXPECT_EQ(run_as_owner(data, [] { return ::geteuid() == kNobody ? 1 : 0; }).value(), 1);
    EXPECT_EQ(::geteuid(), 0U);
}

TEST_F(SandboxTest, RootBecomesTheOwnerOfTheFolder) {
    if (::geteuid() != 0) {
        EXPECT_EQ(become_owner_of(root_), false);
        return;
    }
    constexpr uid_t kUser = 64'321; // nobody that the system knows
    EXPECT_EQ(become_owner_of(root_ / "data"), false);
    ASSERT_EQ(::chown((root_ / "data").c_str(), kUser, kUser), 0);
    EXPECT_EQ(in_child([&] {
                  if (become_owner_of(root_ / "data") != true) return 1;
                  if (::prctl(PR_CAPBSET_READ, 0, 0, 0, 0) != 0) return 3;
                  return ::geteuid() == kUser && ::getegid() == kUser && ::getgroups(0, nullptr) == 0 ? 0 : 2;
              }),
              0);
    EXPECT_EQ(in_child([&] { return become_owner_of(root_ / "data") == true ? outcome(::setuid(0)) : 1; }), EPERM);
}

} // namespace
} // namespace tegami::sandbox
