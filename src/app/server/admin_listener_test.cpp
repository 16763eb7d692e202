// The admin socket from outside: real connections, answers, and the limit of connections.
#include "app/server/admin_listener.h"

#include "admin/dependencies_fixture.h"
#include "async/timer.h"
#include "directory/directory_fixture.h"

#include <filesystem>

namespace tegami::app {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kRequest = "POST /domain/list HTTP/1.1\r\nHost: h\r\n\r\n";

/// Keeps the events of the log and what they say of a request.
class KeptLog final : public Log {
public:
    void write(LogLevel, std::string_view event, LogFields fields) override {
        text += event;
        for (const LogField& field : fields)
            if (field.name != "milliseconds") text += " " + std::string(field.name) + "=" + field.value;
        text += '\n';
    }

    std::string text;
};

class AdminListenerTest : public directory::DirectoryTest {
protected:
    AdminListenerTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tegami-admin-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }

    ~AdminListenerTest() override { std::filesystem::remove_all(folder_); }

    std::string socket() const { return folder_ / "admin.sock"; }

    async::Awaitable<std::unique_ptr<net::Stream>> connect() {
        auto stream = co_await network_.connect_local(socket(), timers_.instant() + 10s);
        co_return std::move(stream).value();
    }

    /// Asks and takes the first octets of the answer, which are all of it; empty if none come in that time.
    async::Awaitable<std::string> ask(net::Stream* stream, Duration patience) {
        const auto written = co_await stream->write_all(std::string(kRequest));
        EXPECT_TRUE(written.has_value());
        co_return co_await hear(stream, patience);
    }

    async::Awaitable<std::string> hear(net::Stream* stream, Duration patience) {
        stream->set_deadline(timers_.instant() + patience);
        std::string answer(1000, '\0');
        const auto size = co_await stream->read_some(answer.data(), answer.size());
        answer.resize(size.value_or(0));
        co_return answer;
    }

    async::Awaitable<> fill_all_places();

    net::RealNetwork network_{&timers_};
    async::RealTimers timers_;
    store::Queue queue_{&engine_, &timers_};
    store::Journeys journeys_{&engine_, &timers_, &random_};
    store::Audit audit_{&engine_, &timers_};
    store::Traffic traffic_{&engine_, &timers_, [](std::string_view) { return true; }};
    admin::Admin admin_{
        admin::dependencies_on(engine_, *store_, *directory_, queue_, journeys_, audit_, traffic_, timers_)};
    KeptLog log_;
    std::filesystem::path folder_;
    AdminListener listener_{{.admin = admin_,
                             .network = network_,
                             .timers = timers_,
                             .random = random_,
                             .log = log_,
                             .executor = context_.get_executor()}};
};

async::Awaitable<> AdminListenerTest::fill_all_places() {
    std::vector<std::unique_ptr<net::Stream>> streams;
    for (std::size_t count = 0; count < kAdminConnectionsMax; ++count) {
        auto stream = co_await connect();
        const std::string answer = co_await ask(stream.get(), 10s);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK")) << answer;
        streams.push_back(std::move(stream));
    }
    // One more is not answered until one of the others ends.
    auto waiting = co_await connect();
    const std::string too_early = co_await ask(waiting.get(), 300ms);
    EXPECT_EQ(too_early, "");
    streams.front()->close();
    const std::string answer = co_await hear(waiting.get(), 10s);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK")) << answer;
    waiting->close();
    for (const auto& stream : streams)
        stream->close();
    co_await listener_.stop();
}

TEST_F(AdminListenerTest, ALimitThatLimits) {
    ASSERT_TRUE(listener_.open(socket()));
    async::TaskGroup tasks(context_.get_executor(),
                           [](std::string_view, std::string_view why) { ADD_FAILURE() << why; });
    tasks.spawn("listener", listener_.run());
    EXPECT_EQ(std::filesystem::status(socket()).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    run(fill_all_places());
    run(tasks.join());
    EXPECT_TRUE(log_.text.starts_with("http request method=POST path=/domain/list status=200 bytes=14 client=local "
                                      "identity=local root\n"))
        << log_.text.substr(0, 200);
}

} // namespace
} // namespace tegami::app
