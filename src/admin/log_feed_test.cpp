// Following the log: what is kept, and what a reader gets of it.
#include "admin/admin_fixture.h"
#include "admin/log_feed.h"

#include <gmock/gmock.h>

namespace tegami::admin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LogFeedTest : public AdminTest {
protected:
    void write(LogLevel level, std::string_view event, std::vector<LogField> fields = {}) {
        feed_.add(Timestamp(std::chrono::seconds(1)), level, event, fields);
    }

    std::unique_ptr<net::BodySource> follow(const json::object& request) {
        net::HttpResponse response = send("/log", json::serialize(request));
        EXPECT_EQ(response.status, 200U) << response.body;
        return std::move(response.stream);
    }

    /// The events, or other lines as they are.
    std::vector<std::string> next(net::BodySource& stream) {
        std::vector<std::string> events;
        const std::string piece = run(stream.read()).value();
        for (std::size_t at = 0; at < piece.size();) {
            const std::size_t end = piece.find('\n', at);
            const std::string line = piece.substr(at, end - at);
            const json::object parsed = json::parse(line).as_object();
            events.push_back(parsed.contains("event") ? std::string(parsed.at("event").as_string()) : line);
            at = end + 1;
        }
        return events;
    }
};

TEST_F(LogFeedTest, AReaderGetsThePastAndThenWhatComes) {
    for (const char* const event : {"one", "two", "three"})
        write(LogLevel::info, event);
    const auto stream = follow({{"last", 2}});
    EXPECT_THAT(next(*stream), ElementsAre("two", "three"));
    write(LogLevel::info, "four");
    EXPECT_THAT(next(*stream), ElementsAre("four"));
    EXPECT_THAT(next(*follow({{"after", 3}})), ElementsAre("four"));
    EXPECT_THAT(next(*follow({{"after", 99}})), ElementsAre("one", "two", "three", "four"))
        << "of the server before this one";
    write(LogLevel::warning, "five", {{"client", "192.0.2.1"}, {"tls", "yes"}});
    EXPECT_EQ(run(stream->read()).value(), R"({"number":5,"milliseconds":1000,"level":"warning","event":"five",)"
                                           R"("fields":[["client","192.0.2.1"],["tls","yes"]]})"
                                           "\n");
    feed_.close();
    EXPECT_THAT(next(*stream), IsEmpty());
}

TEST_F(LogFeedTest, AFilterLooksAtLevelServiceAddressAndLetter) {
    write(LogLevel::debug, "a", {{"service", "imap"}});
    write(LogLevel::info, "b", {{"service", "imap"}, {"account", "Anna@b.test"}, {"client", "192.0.2.1"}});
    write(LogLevel::warning, "c", {{"service", "smtp"}, {"client", "192.0.2.1"}});
    write(LogLevel::error, "d", {{"journey", "j1"}, {"from", "anna@b.test"}});
    EXPECT_THAT(next(*follow({{"level", "warning"}})), ElementsAre("c", "d"));
    EXPECT_THAT(next(*follow({{"service", "imap"}})), ElementsAre("a", "b"));
    EXPECT_THAT(next(*follow({{"service", "imap"}, {"level", "info"}})), ElementsAre("b"));
    EXPECT_THAT(next(*follow({{"address", "anna@b.test"}})), ElementsAre("b", "d"));
    EXPECT_THAT(next(*follow({{"address", "192.0.2.1"}})), ElementsAre("b", "c"));
    EXPECT_THAT(next(*follow({{"journey", "j1"}})), ElementsAre("d"));
    EXPECT_THAT(refusal("/log", {{"level", "loud"}}), HasSubstr("400 level is debug"));
}

TEST_F(LogFeedTest, WhoIsTooSlowMissesLinesAndIsToldHowMany) {
    write(LogLevel::info, "first");
    const auto stream = follow({});
    EXPECT_THAT(next(*stream), ElementsAre("first"));
    for (std::size_t count = 0; count < kLogLinesKept + 5; ++count)
        write(LogLevel::info, "more");
    EXPECT_THAT(next(*stream).front(), R"({"left_out":5})");
    // Large lines are fewer.
    for (std::size_t count = 0; count < kLogLinesKept; ++count)
        write(LogLevel::info, "large", {{"reason", std::string(100'000, 'x')}});
    const LogFeed::Page page = feed_.lines_after(0, kLogLinesKept);
    EXPECT_LT(page.lines.size() * kLogValueBytesMax, kLogBytesKept);
    EXPECT_EQ(page.lines.back()->fields.front().second.size(), kLogValueBytesMax);
}

TEST_F(LogFeedTest, AFewCanReadAtATime) {
    write(LogLevel::info, "one");
    std::vector<std::unique_ptr<net::BodySource>> readers;
    for (std::size_t count = 0; count < kLogReadersMax; ++count)
        readers.push_back(follow({}));
    EXPECT_EQ(refusal("/log"), "503 too many follow the log already");
    readers.pop_back();
    EXPECT_THAT(next(*follow({})), ElementsAre("one"));
}

} // namespace
} // namespace tegami::admin
