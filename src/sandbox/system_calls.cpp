#include "sandbox/system_calls.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

namespace tegami::sandbox {

namespace {

/// Names that this libseccomp or processor does not know are left out: then the kernel's number of it is unknown, too.
constexpr auto kRefused = std::to_array<std::string_view>(
    {// Other processes.
     "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
     // The tree of files.
     "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount",
     "fspick", "mount_setattr", "swapon", "swapoff", "quotactl", "quotactl_fd", "name_to_handle_at",
     "open_by_handle_at", "fanotify_init", "acct",
     // The kernel and the machine.
     "init_module", "finit_module", "delete_module", "create_module", "bpf", "perf_event_open", "userfaultfd",
     "kexec_load", "kexec_file_load", "reboot", "syslog", "iopl", "ioperm", "modify_ldt", "lookup_dcookie", "uselib",
     "vhangup", "sethostname", "setdomainname", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "stime",
     "nfsservctl", "_sysctl",
     // Keys, and a second way to nearly every call, past this filter.
     "add_key", "request_key", "keyctl", "io_uring_setup", "io_uring_enter", "io_uring_register",
     // Namespaces and other ABIs.
     "setns", "unshare", "personality", "migrate_pages", "move_pages", "mbind", "set_mempolicy", "vm86"});

/// Without a network.
constexpr auto kSockets =
    std::to_array<std::string_view>({"socket", "socketpair", "connect", "bind", "listen", "accept", "accept4"});

/// Without other processes: to make them, to signal them, to change how they run, to share memory with them.
constexpr auto kProcesses = std::to_array<std::string_view>({"fork",
                                                             "vfork",
                                                             "clone",
                                                             "kill",
                                                             "tkill",
                                                             "tgkill",
                                                             "rt_sigqueueinfo",
                                                             "rt_tgsigqueueinfo",
                                                             "pidfd_open",
                                                             "pidfd_send_signal",
                                                             "setpriority",
                                                             "ioprio_set",
                                                             "sched_setattr",
                                                             "sched_setparam",
                                                             "sched_setscheduler",
                                                             "sched_setaffinity",
                                                             "shmget",
                                                             "shmat",
                                                             "msgget",
                                                             "semget",
                                                             "mq_open"});

/// Of clone, where the bits of CLONE_NEWTIME belong to the signal.
constexpr auto kNamespaces = std::to_array<unsigned long>(
    {CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET});

struct ReleaseFilter {
    void operator()(void* filter) const { ::seccomp_release(filter); }
};

/// Collects rules and remembers the first that failed.
class Filter {
public:
    Filter() : filter_(::seccomp_init(SCMP_ACT_ALLOW)) {
        if (!filter_) error_ = ENOMEM;
    }

    void refuse(std::string_view name, unsigned refusal = EPERM) { refuse_if(name, {}, refusal); }

    void refuse_if(std::string_view name, std::initializer_list<scmp_arg_cmp> arguments, unsigned refusal = EPERM) {
        const int call = ::seccomp_syscall_resolve_name(std::string(name).c_str());
        if (call == __NR_SCMP_ERROR || call < 0 || error_ != 0) return;
        const int added = ::seccomp_rule_add_array(filter_.get(), SCMP_ACT_ERRNO(refusal), call,
                                                   static_cast<unsigned>(arguments.size()), arguments.begin());
        if (added != 0) error_ = -added;
    }

    /// 0, or why it is not in force.
    int load() {
        if (error_ == 0) error_ = -::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_TSYNC, 1);
        // confine() has set it before, and says why it failed.
        if (error_ == 0) error_ = -::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_NNP, 0);
        if (error_ == 0) error_ = -::seccomp_load(filter_.get());
        return error_;
    }

private:
    std::unique_ptr<void, ReleaseFilter> filter_;
    int error_ = 0;
};

/// Of the bits in `mask`, just those of `value`.
scmp_arg_cmp with_bits(unsigned argument, scmp_datum_t mask, scmp_datum_t value) {
    return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}

void refuse_sockets(Filter& filter) {
    // The kernel takes 32 bits of the argument.
    constexpr scmp_datum_t kWord = 0xffffffff;
    constexpr scmp_datum_t kTypeBits = 0xf;
    for (const int family : {AF_INET, AF_INET6})
        for (const int type : {SOCK_RAW, SOCK_PACKET})
            filter.refuse_if("socket", {with_bits(0, kWord, static_cast<scmp_datum_t>(family)),
                                        with_bits(1, kTypeBits, static_cast<scmp_datum_t>(type))});
    for (int family = 0; family < 64; ++family)
        if (family != AF_UNIX && family != AF_INET && family != AF_INET6 && family != AF_NETLINK)
            filter.refuse_if("socket", {with_bits(0, kWord, static_cast<scmp_datum_t>(family))});
}

} // namespace

Result<bool, std::string> restrict_system_calls(const Rules& rules) {
    Filter filter;
    for (const std::string_view name : kRefused)
        filter.refuse(name);
    if (!rules.helpers)
        for (const std::string_view name : {"execve", "execveat"})
            filter.refuse(name);
    if (rules.processes) {
        for (const unsigned long flag : kNamespaces)
            filter.refuse_if("clone", {with_bits(0, flag, flag)});
    } else {
        for (const std::string_view name : kProcesses)
            filter.refuse(name);
        // Of other processes.
        filter.refuse_if("prlimit64", {{.arg = 0, .op = SCMP_CMP_NE, .datum_a = 0, .datum_b = 0}});
    }
    // Its flags stand in memory, where no filter sees them; the C library then calls clone.
    filter.refuse("clone3", ENOSYS);
    for (const mode_t device : {S_IFCHR, S_IFBLK}) {
        filter.refuse_if("mknod", {with_bits(1, S_IFMT, device)});
        filter.refuse_if("mknodat", {with_bits(2, S_IFMT, device)});
    }
    // Puts words into somebody else's terminal.
    filter.refuse_if("ioctl", {with_bits(1, 0xffffffff, TIOCSTI)});
    if (rules.network)
        refuse_sockets(filter);
    else
        for (const std::string_view name : kSockets)
            filter.refuse(name);
    const int error = filter.load();
    if (error == EINVAL || error == ENOSYS || error == EOPNOTSUPP) return false;
    if (error != 0) return failure(fmt::format("the filter of system calls: {}", std::strerror(error)));
    return true;
}

} // namespace tegami::sandbox
