#include "extraction/helper.h"

#include "extraction/helper_process.h"
#include "extraction/pipe.h"

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

constexpr const char* kGone = "the process that reads attachments has ended";

/// The first descriptors behind the standard ones.
constexpr int kRequests = 3;
constexpr int kAnswers = 4;

/// In the new process.
[[noreturn]] void become_helper(pid_t server, int requests, int answers) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NAME, "tegami-extract");
    if (::getppid() != server) ::_exit(1);
    // Whoever ends the whole group ends the server, and that ends this.
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
        std::signal(number, SIG_IGN);
    // High numbers first, so that neither is written over; then nothing is left but these.
    const int from = ::fcntl(requests, F_DUPFD, kAnswers + 1);
    const int to = ::fcntl(answers, F_DUPFD, kAnswers + 1);
    const int nowhere = ::open("/dev/null", O_RDWR);
    const bool ready = from >= 0 && to >= 0 && nowhere >= 0 && ::dup2(nowhere, STDIN_FILENO) >= 0 &&
                       ::dup2(nowhere, STDOUT_FILENO) >= 0 && ::dup2(nowhere, STDERR_FILENO) >= 0 &&
                       ::dup2(from, kRequests) >= 0 && ::dup2(to, kAnswers) >= 0 &&
                       ::close_range(kAnswers + 1, ~0U, 0) == 0;
    ::_exit(ready ? serve(kRequests, kAnswers) : 1);
}

} // namespace

Result<std::unique_ptr<Helper>, std::string> Helper::start() {
    std::array<int, 2> requests{};
    std::array<int, 2> answers{};
    if (::pipe2(requests.data(), O_CLOEXEC) != 0) return failure(fmt::format("no pipe: {}", std::strerror(errno)));
    Descriptor requests_read(requests[0]);
    Descriptor requests_write(requests[1]);
    if (::pipe2(answers.data(), O_CLOEXEC) != 0) return failure(fmt::format("no pipe: {}", std::strerror(errno)));
    Descriptor answers_read(answers[0]);
    Descriptor answers_write(answers[1]);
    std::fflush(nullptr); // or both would write it
    const pid_t server = ::getpid();
    const pid_t process = ::fork();
    if (process < 0) return failure(fmt::format("no process can be made: {}", std::strerror(errno)));
    if (process == 0) become_helper(server, requests_read.get(), answers_write.get());
    ::close(requests_read.release());
    ::close(answers_write.release());
    std::unique_ptr<Helper> helper(new Helper(process, std::move(requests_write), std::move(answers_read)));
    const auto formats = read_number(helper->answers_.get());
    if (!formats) return failure(std::string(kGone));
    if (*formats == 0) return failure(std::string("this kernel cannot confine the process that would read them"));
    helper->formats_ = static_cast<Formats>(*formats);
    return helper;
}

Helper::~Helper() {
    stop();
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void Helper::stop() {
    ::kill(process_, SIGKILL);
}

void Helper::begin(Format format) {
    if (begun_) write_number(requests_.get(), kForget);
    begun_ = true;
    write_number(requests_.get(), static_cast<std::uint32_t>(format));
}

void Helper::feed(std::string_view octets) {
    if (octets.empty()) return;
    if (write_number(requests_.get(), static_cast<std::uint32_t>(octets.size()))) write_octets(requests_.get(), octets);
}

Result<std::string, std::string> Helper::finish() {
    begun_ = false;
    const bool sent = write_number(requests_.get(), 0);
    const auto size = sent ? read_number(answers_.get()) : std::nullopt;
    if (!size || *size > kTextBytesMax) return failure(std::string(kGone));
    std::string text(*size, '\0');
    if (!read_octets(answers_.get(), text.data(), text.size())) return failure(std::string(kGone));
    return text;
}

} // namespace tegami::extraction
