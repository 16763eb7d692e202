#include "async/thread_priority.h"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tegami::async {

namespace {

constexpr int kNiceness = 10;
/// The shortest that Linux takes.
constexpr std::uint64_t kSliceNanoseconds = 100'000;
constexpr long kTurnNanoseconds = 500'000;
/// Means nothing where nobody asks for it, so that a debugger lets it pass.
constexpr int kTurnSignal = SIGURG;

/// struct sched_attr of Linux, for which the C library has no name; see sched_setattr(2).
struct SchedulingAttributes {
    std::uint32_t size = sizeof(SchedulingAttributes);
    std::uint32_t policy = SCHED_OTHER;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0; ///< of an ordinary thread its slice
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
};

/// Linux keeps it for each thread.
int niceness() {
    return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
}

void end_turn(int /*signal*/) {
    const int before = errno;
    ::sched_yield();
    errno = before;
}

bool listen_for_turns() {
    struct sigaction action{};
    action.sa_handler = end_turn;
    action.sa_flags = SA_RESTART;
    ::sigemptyset(&action.sa_mask);
    return ::sigaction(kTurnSignal, &action, nullptr) == 0;
}

/// Ends the turns of the thread that made it.
class TurnTimer {
public:
    TurnTimer() {
        static const bool listening = listen_for_turns();
        sigevent event{};
        event.sigev_notify = SIGEV_THREAD_ID;
        event.sigev_signo = kTurnSignal;
        event._sigev_un._tid = ::gettid();
        made_ = listening && ::timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
        if (niceness() < kNiceness)
            static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness));
    }

    ~TurnTimer() {
        if (made_) ::timer_delete(timer_);
    }

    TurnTimer(const TurnTimer&) = delete;
    TurnTimer& operator=(const TurnTimer&) = delete;

    void run(bool on) {
        const timespec interval{.tv_sec = 0, .tv_nsec = on ? kTurnNanoseconds : 0};
        const itimerspec times{.it_interval = interval, .it_value = interval};
        if (made_) ::timer_settime(timer_, 0, &times, nullptr);
    }

private:
    timer_t timer_{};
    bool made_ = false;
};

TurnTimer& turns_of_this_thread() {
    thread_local TurnTimer timer;
    return timer;
}

} // namespace

void expect_short_work() {
    SchedulingAttributes attributes{.nice = niceness(), .runtime = kSliceNanoseconds};
    static_cast<void>(::syscall(SYS_sched_setattr, 0, &attributes, 0));
}

Computing::Computing() {
    turns_of_this_thread().run(true);
}

Computing::~Computing() {
    turns_of_this_thread().run(false);
}

} // namespace tegami::async
