// Starting, failing and ending of whole servers, on real sockets and in a folder of their own.
#include "app/server/log_writer.h"
#include "app/server/server.h"
#include "app/server/server_parts.h"
#include "async/run.h"

#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <stdexcept>

#include <unistd.h>

namespace tegami::app {
namespace {

using ::testing::ExitedWithCode;
using ::testing::HasSubstr;

/// A configuration that works, in a folder that is gone when the test is.
class ServerTest : public ::testing::Test {
protected:
    ServerTest() {
        GTEST_FLAG_SET(death_test_style, "threadsafe");
        std::string pattern = (std::filesystem::temp_directory_path() / "tegami-server-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        config_.file = folder_ / "tegami.toml";
        config_.host_name = "mail.b.test";
        config_.data_directory = folder_ / "data";
        config_.listeners = {{.service = Service::smtp, .endpoint = {kLoopback, 0}, .tls = net::TlsMode::starttls}};
        config_.resolver.mode = ResolverMode::servers;
        config_.resolver.servers = {{kLoopback, 1}};
    }

    ~ServerTest() override { std::filesystem::remove_all(folder_); }

    Result<std::unique_ptr<Server>, std::string> create(const Config& config) {
        return Server::create(config, {.log = log_, .network = network_, .on_failure = [] {}, .manager = manager_});
    }

    std::string why_not(const Config& config) {
        const auto server = create(config);
        if (server) (*server)->stop();
        return server ? "it started" : server.error();
    }

    /// bob@b.test with the password "secret".
    void add_account(const Config& config) {
        boost::asio::io_context context(1);
        async::ThreadLanes lanes(async::lane_sizes(1));
        SystemRandom random;
        const auto backend = Backend::open(
            config, {.context = context, .lanes = lanes.lanes(), .timers = timers_, .random = random, .log = log_});
        ASSERT_TRUE(backend.has_value()) << backend.error();
        directory::Administration& directory = (*backend)->directory().administration();
        ASSERT_TRUE(async::run_on(context, directory.add_domain({.name = config.default_domain})));
        ASSERT_TRUE(
            async::run_on(context, directory.add_account({.address = message::parse_email_address("bob@b.test").value(),
                                                          .password = "secret"})));
    }

    /// In the process of a death test, which has a folder of its own.
    void serve_and_exit(net::Network& network) {
        const int status = run_server(config_, {}, network, manager_);
        std::filesystem::remove_all(folder_);
        std::exit(status);
    }

    static inline const IpAddress kLoopback = IpAddress::v4({127, 0, 0, 1});

    std::filesystem::path folder_;
    Config config_;
    SilentLog log_;
    async::RealTimers timers_;
    net::RealNetwork network_{&timers_};
    ServiceManager manager_;
};

TEST_F(ServerTest, RootLeavesNoFilesInAFolderOfAnother) {
    const std::string data = config_.data_directory;
    EXPECT_TRUE(check_owner(data, 0)) << "not there yet";
    std::filesystem::create_directories(data);
    EXPECT_TRUE(check_owner(data, ::geteuid()));
    if (::geteuid() == 0) ASSERT_EQ(::chown(data.c_str(), 4711, 4711), 0);
    const auto refused = check_owner(data, 0);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error(), HasSubstr("the data directory " + data + " belongs to "));
    EXPECT_THAT(refused.error(), HasSubstr("sudo -u "));
    if (::geteuid() == 0) {
        EXPECT_EQ(why_not(config_), refused.error());
        EXPECT_TRUE(std::filesystem::is_empty(data));
    }
}

TEST_F(ServerTest, AFailedStartSaysWhyAndLeavesNothingBehind) {
    Config wrong = config_;
    wrong.data_directory = "/proc/nowhere";
    EXPECT_THAT(why_not(wrong), HasSubstr("/proc/nowhere"));

    wrong = config_;
    wrong.tls = {.certificate = folder_ / "junk.pem", .key = folder_ / "junk.pem"};
    std::ofstream(folder_ / "junk.pem") << "junk";
    EXPECT_THAT(why_not(wrong), HasSubstr("junk.pem"));

    wrong = config_;
    wrong.resolver.trust_anchor = "/nonexistent/root.key";
    EXPECT_THAT(why_not(wrong), HasSubstr("/nonexistent/root.key"));

    wrong = config_;
    wrong.data_directory = folder_ / std::string(120, 'd'); // no socket has so long a name
    EXPECT_THAT(why_not(wrong), HasSubstr("admin.sock"));

    boost::asio::io_context context(1);
    const auto taken = network_.listen({kLoopback, 0}, context.get_executor()).value();
    wrong = config_;
    wrong.listeners.push_back(wrong.listeners.front());
    wrong.listeners.back().endpoint = taken->local_endpoint();
    EXPECT_THAT(why_not(wrong), HasSubstr(taken->local_endpoint().to_string() + ": another program listens there"));
    wrong.listeners.back().endpoint.address = IpAddress::parse("192.0.2.77").value();
    EXPECT_THAT(why_not(wrong), HasSubstr(": this machine has no such address"));

    const auto server = create(config_);
    ASSERT_TRUE(server.has_value()) << server.error();
    EXPECT_THAT(why_not(config_), HasSubstr("in use by another process"));
    (*server)->start();
    (*server)->stop();
    EXPECT_EQ(why_not(config_), "it started");
}

async::Awaitable<std::unique_ptr<net::Stream>> greeted(net::Network* network, net::Endpoint server) {
    auto stream = co_await network->connect(server, {});
    char octet = 0;
    do {
        const auto got = co_await (*stream)->read_some(&octet, 1);
        EXPECT_TRUE(got.has_value());
        if (!got) break;
    } while (octet != '\n');
    co_return *std::move(stream);
}

/// Logs in and out; all that the server says.
async::Awaitable<std::string> log_in_and_out(net::Stream* stream) {
    const auto written = co_await stream->write_all("a1 LOGIN bob@b.test secret\r\na2 LOGOUT\r\n");
    EXPECT_TRUE(written.has_value());
    std::string heard;
    for (;;) {
        char octets[4096];
        const auto got = co_await stream->read_some(octets, sizeof octets);
        if (!got) co_return heard;
        heard.append(octets, *got);
    }
}

// What a reload says it has applied holds for connections that begin afterwards; one that is there keeps what it began
// with, as a whole.
TEST_F(ServerTest, AReloadHoldsForNewConnections) {
    const auto write_config = [&](std::string_view message_size) {
        std::ofstream(config_.file) << "host_name = \"mail.b.test\"\ndefault_domain = \"b.test\"\ndata_directory = \""
                                    << config_.data_directory
                                    // Sanitizers keep what was freed: the process is larger than the server in it.
                                    << "\"\nmemory_budget = \"8GiB\"\n[limits]\nmessage_size = \"" << message_size
                                    << "\"\n[listen.imap]\naddress = \"127.0.0.1\"\nport = 2143\ntls = \"none\"\n"
                                    << "password_without_tls = true\n";
    };
    write_config("1MiB");
    const ConfigResult loaded = load_config(config_.file);
    ASSERT_TRUE(loaded.has_value()) << loaded.error().front().message;
    Config config = *loaded;
    config.resolver = config_.resolver;
    config.listeners.front().endpoint.port = 0;
    add_account(config);
    const auto server = create(config);
    ASSERT_TRUE(server.has_value()) << server.error();
    (*server)->start();
    boost::asio::io_context context(1);
    const net::Endpoint imap = (*server)->endpoints().front();
    const auto old = async::run_on(context, greeted(&network_, imap));
    write_config("2MiB");
    (*server)->request_reload();
    std::string said;
    while (!said.contains("APPENDLIMIT=2097152")) {
        const auto fresh = async::run_on(context, greeted(&network_, imap));
        said = async::run_on(context, log_in_and_out(fresh.get()));
        ASSERT_THAT(said, HasSubstr("a1 OK"));
    }
    EXPECT_THAT(async::run_on(context, log_in_and_out(old.get())), HasSubstr("APPENDLIMIT=1048576"));
    (*server)->stop();
}

/// The machine's network, where taking connections breaks.
class BrokenNetwork final : public net::Network {
public:
    enum class How : std::uint8_t { throws, ends };

    BrokenNetwork(async::Timers* timers, How how) : real_(timers), timers_(timers), how_(how) {}

    async::Awaitable<net::IoResult<std::unique_ptr<net::Stream>>> connect(net::Endpoint remote,
                                                                          net::ConnectOptions options) override {
        return real_.connect(remote, options);
    }

    Result<std::unique_ptr<net::Listener>, std::string> listen(net::Endpoint local, async::Executor executor) override {
        TRY(auto listener, real_.listen(local, std::move(executor)));
        return std::make_unique<BrokenListener>(std::move(listener), timers_, how_);
    }

private:
    class BrokenListener final : public net::Listener {
    public:
        BrokenListener(std::unique_ptr<net::Listener> real, async::Timers* timers, How how)
            : real_(std::move(real)), timers_(timers), how_(how) {}

        async::Awaitable<net::IoResult<std::unique_ptr<net::Stream>>> accept(async::Executor) override {
            co_await async::sleep(timers_, Duration::zero());
            if (how_ == How::throws) throw std::runtime_error("an injected fault");
            co_return failure(net::IoError::cancelled);
        }

        net::Endpoint local_endpoint() const override { return real_->local_endpoint(); }

        void close() override { real_->close(); }

    private:
        const std::unique_ptr<net::Listener> real_;
        async::Timers* const timers_;
        const How how_;
    };

    net::RealNetwork real_;
    async::Timers* const timers_;
    const How how_;
};

/// Says which part does not answer.
class LateParts final : public Log {
public:
    void write(LogLevel level, std::string_view, LogFields fields) override {
        const std::lock_guard lock(guard_);
        if (level == LogLevel::warning) part_ = fields.front().value;
        told_.notify_all();
    }

    std::string next() {
        std::unique_lock lock(guard_);
        told_.wait(lock, [this] { return !part_.empty(); });
        return std::exchange(part_, "");
    }

private:
    std::mutex guard_;
    std::condition_variable told_;
    std::string part_;
};

// Not a thread that always ticks: whatever hangs, the service manager hears no more of us.
TEST_F(ServerTest, NoHeartbeatWhileAThreadALaneOrTheCommitterHangs) {
    boost::asio::io_context context(1);
    SystemRandom random;
    async::ThreadLanes lanes(async::lane_sizes(1));
    const auto backend = Backend::open(
        config_, {.context = context, .lanes = lanes.lanes(), .timers = timers_, .random = random, .log = log_});
    ASSERT_TRUE(backend.has_value()) << backend.error();
    store::RocksEngine& engine = (*backend)->engine();
    async::ContextPool contexts(2, [](std::string_view reason) { FAIL() << reason; });
    async::TaskGroup tasks(contexts.executor(0), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    LateParts log;
    std::atomic<int> beats = 0;
    Heartbeat heartbeat(
        parts_that_may_hang(contexts, lanes.lanes(), engine), [&beats] { ++beats, beats.notify_all(); }, timers_, log);
    tasks.spawn("heartbeat", heartbeat.run(std::chrono::milliseconds(20)));
    const auto wait_for_more = [&beats] {
        for (const int end = beats + 3; beats < end;)
            beats.wait(beats);
    };
    const auto with_all_threads = [&](async::WorkerPool& lane, std::size_t threads, const auto& job) {
        for (std::size_t thread = 0; thread < threads; ++thread)
            lane.submit(job);
    };
    const async::LaneSizes sizes = async::lane_sizes(1);
    for (const std::string_view part :
         {"I/O thread 1", "worker lane for reads", "worker lane for hashes", "worker lane for parsing", "committer"}) {
        wait_for_more();
        std::promise<void> goes_on;
        const auto hang = [hanging = goes_on.get_future().share()] { hanging.wait(); };
        if (part.starts_with("I/O")) boost::asio::post(contexts.executor(1), hang);
        if (part.ends_with("reads")) with_all_threads(lanes.lanes().reads, sizes.reads, hang);
        if (part.ends_with("hashes")) with_all_threads(lanes.lanes().hashes, sizes.hashes, hang);
        if (part.ends_with("parsing")) with_all_threads(lanes.lanes().parsing, sizes.parsing, hang);
        if (part == "committer") engine.ask_committer(hang);
        const int before = beats;
        EXPECT_EQ(log.next(), part);
        EXPECT_LE(beats, before + 1) << "the one whose answers were there already";
        goes_on.set_value();
        wait_for_more();
    }
    tasks.cancel();
    async::run_on(context, tasks.join());
}

// A deaf port in a process that looks healthy would be the worst: the process ends, and the service manager starts it.
TEST_F(ServerTest, AListenerThatThrowsEndsTheProcess) {
    BrokenNetwork broken(&timers_, BrokenNetwork::How::throws);
    EXPECT_EXIT(serve_and_exit(broken), ExitedWithCode(1),
                "everybody needs has ended.*part=\"listener smtp\" reason=\"an injected fault\"");
}

TEST_F(ServerTest, AListenerThatEndsEndsTheProcess) {
    BrokenNetwork broken(&timers_, BrokenNetwork::How::ends);
    EXPECT_EXIT(serve_and_exit(broken), ExitedWithCode(1), "part=\"listener smtp\" reason=\"it ended\"");
}

} // namespace
} // namespace tegami::app
