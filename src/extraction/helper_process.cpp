#include "extraction/helper_process.h"

#include "base/descriptor.h"
#include "extraction/helper.h"
#include "extraction/job.h"
#include "extraction/pipe.h"
#include "sandbox/channel.h"
#include "sandbox/confine.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>

namespace tegami::extraction {

namespace {

constexpr std::size_t kPieceBytes = std::size_t{64} << 10;
constexpr int kLowestPriority = 19;

/// When memory runs out, this is what the system ends first.
void offer_to_die_first() {
    const Descriptor file(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
    if (file.get() >= 0) write_octets(file.get(), "1000");
}

/// What can be read here: nothing unless everything can be given up that should be.
Formats give_up_rights() {
    offer_to_die_first();
    ::setpriority(PRIO_PROCESS, 0, kLowestPriority);
    Formats formats = static_cast<Formats>(Format::office) | static_cast<Formats>(Format::archive);
    if (::access(kPdfReader, X_OK) == 0) formats |= static_cast<Formats>(Format::pdf);
    const auto confined = sandbox::confine(rules_for(Format::pdf));
    return confined && confined->missing.empty() ? formats : 0;
}

enum class Outcome : std::uint8_t {
    complete,
    unreadable, ///< too large, or there is no memory for it
    forgotten,  ///< by the server
    gone,       ///< the server is
};

/// Puts a foreign file into one in memory.
Outcome receive(int requests, int file) {
    std::string piece(kPieceBytes, '\0');
    std::size_t bytes = 0;
    bool kept = true;
    for (;;) {
        const auto announced = read_number(requests);
        if (!announced) return Outcome::gone;
        if (*announced == 0) break;
        if (*announced == kForget) return Outcome::forgotten;
        for (std::size_t left = *announced; left > 0;) {
            const std::size_t size = std::min(left, piece.size());
            if (!read_octets(requests, piece.data(), size)) return Outcome::gone;
            left -= size;
            bytes += size;
            kept = kept && bytes <= kAttachmentBytesMax && write_octets(file, {piece.data(), size});
        }
    }
    return kept ? Outcome::complete : Outcome::unreadable;
}

/// Waits for the process, and kills it at the deadline. Whether what it has written is the text.
bool has_ended_well(pid_t job) {
    const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, job, 0)));
    pollfd ended{.fd = process.get(), .events = POLLIN, .revents = 0};
    constexpr int kMilliseconds = 1000;
    int ready = -1;
    do {
        ready = process.get() < 0 ? 0 : ::poll(&ended, 1, kJobDeadlineSeconds * kMilliseconds);
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0) ::kill(job, SIGKILL);
    int status = 0;
    while (::waitpid(job, &status, 0) < 0 && errno == EINTR) {
    }
    const bool full = WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ;
    return full || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/// What comes out of the file.
std::string read_file(Format format, int input) {
    const Descriptor output(::memfd_create("text", MFD_CLOEXEC));
    if (output.get() < 0) return {};
    const pid_t helper = ::getpid();
    const pid_t job = ::fork();
    if (job < 0) return {};
    if (job == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != helper) ::_exit(2);
        run_job(format, input, output.get());
    }
    struct stat found{};
    if (!has_ended_well(job) || ::fstat(output.get(), &found) != 0) return {};
    std::string text(std::min<std::size_t>(static_cast<std::size_t>(found.st_size), output_bytes_max(format)), '\0');
    const ssize_t size = ::pread(output.get(), text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return text;
}

bool is_known(Formats formats, Format format) {
    return (format == Format::pdf || format == Format::office || format == Format::archive) && has(formats, format);
}

/// Has files read until the server has closed the pipes. Returns the exit status.
int serve(Formats formats) {
    for (;;) {
        const auto format = read_number(kRequests);
        if (!format) return 0;
        const Descriptor input(::memfd_create("attachment", MFD_CLOEXEC));
        const Outcome outcome = receive(kRequests, input.get());
        if (outcome == Outcome::gone) return 0;
        if (outcome == Outcome::forgotten) continue;
        const auto asked = static_cast<Format>(*format);
        std::string text;
        if (is_known(formats, asked) && outcome == Outcome::complete) text = read_file(asked, input.get());
        if (!write_number(kAnswers, static_cast<std::uint32_t>(text.size())) || !write_octets(kAnswers, text)) return 0;
    }
}

/// In a new process: it has the two pipes and nothing else.
[[noreturn]] void become_helper(pid_t maker, const sandbox::HandedOver& pipes, Formats formats) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != maker) ::_exit(1);
    std::signal(SIGCHLD, SIG_DFL); // it waits for its jobs
    // High numbers first, so that neither is written over.
    const int from = ::fcntl(pipes.first.get(), F_DUPFD, kAnswers + 1);
    const int to = ::fcntl(pipes.second.get(), F_DUPFD, kAnswers + 1);
    const bool ready = from >= 0 && to >= 0 && ::dup2(from, kRequests) >= 0 && ::dup2(to, kAnswers) >= 0 &&
                       ::close_range(kAnswers + 1, ~0U, 0) == 0;
    ::_exit(ready ? serve(formats) : 1);
}

} // namespace

int make_helpers() {
    const Formats formats = give_up_rights();
    std::signal(SIGCHLD, SIG_IGN); // nobody waits for helpers
    if (!write_number(kControl, formats)) return 0;
    const pid_t maker = ::getpid();
    for (;;) {
        const auto pipes = sandbox::take_over(kControl);
        if (!pipes) return 0;
        if (::fork() == 0) become_helper(maker, *pipes, formats);
    }
}

} // namespace tegami::extraction
