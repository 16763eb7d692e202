#include "app/server/socket_holder.h"

#include "app/server/log_writer.h"
#include "app/server/service_manager.h"
#include "net/real_network.h"
#include "sandbox/owner.h"

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tegami::app {

namespace {

/// The first open file that LISTEN_FDS counts.
constexpr int kFirstGiven = 3;
/// What a shell says of a program that cannot be run, and of one that a signal ended.
constexpr int kCannotRun = 127;
constexpr int kSignalled = 128;

int complain_in_log(const Config& config, const std::string& reason) {
    LogWriter(config.log).error("the server cannot start", {{"reason", reason}});
    return 1;
}

sigset_t signals_of_interest() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD})
        ::sigaddset(&set, signal);
    return set;
}

/// In the new process, which becomes the server; it does not return.
[[noreturn]] void become_server(const Config& config, std::string program, const std::vector<int>& sockets) {
    const sigset_t set = signals_of_interest();
    ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
    // Without the holder nobody could stop it.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    const int count = static_cast<int>(sockets.size());
    std::vector<int> aside; // beyond the numbers that they are to have
    for (const int socket : sockets)
        aside.push_back(::fcntl(socket, F_DUPFD_CLOEXEC, kFirstGiven + count));
    for (int number = 0; number < count; ++number)
        ::dup2(aside.at(static_cast<std::size_t>(number)), kFirstGiven + number);
    ::setenv("LISTEN_FDS", std::to_string(count).c_str(), 1);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    std::string serve = "serve";
    std::string option = "--config";
    std::string file = config.file;
    char* const arguments[] = {program.data(), serve.data(), option.data(), file.data(), nullptr};
    ::execv(program.c_str(), arguments);
    ::_exit(kCannotRun);
}

/// Passes signals on to the server until it ends; its exit status. One that wanted a successor when it was told to end has
/// ended in order.
int attend(pid_t server) {
    const sigset_t set = signals_of_interest();
    bool told_to_end = false;
    for (;;) {
        const int signal = ::sigwaitinfo(&set, nullptr);
        if (signal > 0 && signal != SIGCHLD) ::kill(server, signal);
        told_to_end = told_to_end || signal == SIGTERM || signal == SIGINT;
        int status = 0;
        if (signal != SIGCHLD || ::waitpid(server, &status, WNOHANG) != server) continue;
        if (WIFSIGNALED(status)) return kSignalled + WTERMSIG(status);
        if (!WIFEXITED(status)) continue;
        return told_to_end && WEXITSTATUS(status) == kStartAgain ? 0 : WEXITSTATUS(status);
    }
}

} // namespace

int hold_sockets(const Config& config, const std::string& program) {
    async::RealTimers timers;
    net::RealNetwork network(&timers);
    for (const Listener& listener : config.listeners)
        if (const auto bound = network.bind(listener.endpoint); !bound) return complain_in_log(config, bound.error());
    if (const auto became = sandbox::become_owner_of(config.data_directory); !became)
        return complain_in_log(config, became.error());
    std::vector<int> sockets;
    for (const auto& [local, socket] : network.bound())
        sockets.push_back(socket);
    const sigset_t set = signals_of_interest();
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    for (;;) {
        const pid_t server = ::fork();
        if (server < 0) return complain_in_log(config, "the system makes no new process");
        if (server == 0) become_server(config, program, sockets);
        const int status = attend(server);
        if (status != kStartAgain) return status;
    }
}

} // namespace tegami::app
