#include "extraction/helpers.h"

#include "extraction/helper_process.h"
#include "extraction/pipe.h"
#include "sandbox/channel.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace tegami::extraction {

namespace {

struct Ends {
    Descriptor read;
    Descriptor write;
};

std::optional<Ends> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
    return Ends{.read = Descriptor(ends[0]), .write = Descriptor(ends[1])};
}

/// In the new process.
[[noreturn]] void become_maker(pid_t server, int control) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NAME, "tegami-extract");
    if (::getppid() != server) ::_exit(1);
    // Whoever ends the whole group ends the server, and that ends this.
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
        std::signal(number, SIG_IGN);
    const int nowhere = ::open("/dev/null", O_RDWR);
    const int from = ::fcntl(control, F_DUPFD, kControl + 1); // so that it is not written over
    const bool ready = nowhere >= 0 && from >= 0 && ::dup2(nowhere, STDIN_FILENO) >= 0 &&
                       ::dup2(nowhere, STDOUT_FILENO) >= 0 && ::dup2(nowhere, STDERR_FILENO) >= 0 &&
                       ::dup2(from, kControl) >= 0 && ::close_range(kControl + 1, ~0U, 0) == 0;
    ::_exit(ready ? make_helpers() : 1);
}

} // namespace

Result<std::unique_ptr<Helpers>, std::string> Helpers::start() {
    TRY(sandbox::Channel channel, sandbox::make_channel());
    std::fflush(nullptr); // or both would write it
    const pid_t server = ::getpid();
    const pid_t process = ::fork();
    if (process < 0) return failure(fmt::format("no process can be made: {}", std::strerror(errno)));
    if (process == 0) become_maker(server, channel.theirs.get());
    ::close(channel.theirs.release());
    std::unique_ptr<Helpers> helpers(new Helpers(process, std::move(channel.ours)));
    const auto formats = read_number(helpers->control_.get());
    if (!formats) return failure(std::string("the process that reads foreign files has ended"));
    if (*formats == 0) return failure(std::string("this kernel cannot confine the process that would read them"));
    helpers->formats_ = static_cast<Formats>(*formats);
    return helpers;
}

Helpers::~Helpers() {
    stop();
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void Helpers::stop() {
    ::kill(process_, SIGKILL);
}

std::optional<HelperPipes> Helpers::make() {
    auto requests = make_pipe();
    auto answers = make_pipe();
    if (!requests || !answers || !sandbox::hand_over(control_.get(), requests->read.get(), answers->write.get()))
        return std::nullopt;
    return HelperPipes{.requests = std::move(requests->write), .answers = std::move(answers->read)};
}

} // namespace tegami::extraction
