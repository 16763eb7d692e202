#include "app/server/log_line.h"

#include "admin/json.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace tegami::app {
namespace {

constexpr std::chrono::system_clock::time_point kTime{std::chrono::seconds(1'795'715'313) +
                                                      std::chrono::milliseconds(7)};

/// The line behind its time.
std::string shown(std::vector<LogField> fields, LogFormat format = LogFormat::text) {
    const std::string line = log_line(format, kTime, LogLevel::warning, "an event", fields);
    EXPECT_TRUE(line.ends_with('\n'));
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    return format == LogFormat::json ? line : line.substr(line.find(' ') + 1, line.size() - line.find(' ') - 2);
}

TEST(LogLine, HasLevelEventAndFields) {
    EXPECT_EQ(shown({{"client", "192.0.2.1"}, {"count", std::uint64_t{3}}}),
              "warning an event client=192.0.2.1 count=3");
    EXPECT_EQ(shown({{"text", "two words"}, {"empty", ""}}), "warning an event text=\"two words\" empty=\"\"");
    EXPECT_EQ(shown({{"text", "a\nb level=error \"q\""}}), "warning an event text=\"a\\x0ab level=error \\\"q\\\"\"");
    EXPECT_LT(shown({{"text", std::string(100'000, 'x')}}).size(), 1100U);
}

TEST(LogLine, ShowsTheTextOfStrangers) {
    const std::pair<std::string, std::string> cases[] = {
        {"plain", "plain"},
        {"DOMAIN\\user", "DOMAIN\\user"},
        {"見学会", "\"見学会\""},
        {"\x93\x82", "\"\\x93\\x82\""},
        {"a \\", "\"a \\\\\""},
        {"x\" level=\"y", "\"x\\\" level=\\\"y\""},
        {"\x1b[2J\nb", "\"\\x1b[2J\\x0ab\""},
        {"\xc2\x9b", "\"\\u{9b}\""},
        {"a\xe2\x80\xaetxt", "\"a\\u{202e}txt\""},
        {std::string(1001, 'x'), "\"" + std::string(1000, 'x') + "…\""},
    };
    for (const auto& [value, text] : cases)
        EXPECT_EQ(shown({{"name", value}}), "warning an event name=" + text);
}

TEST(LogLine, IsAnObjectInJson) {
    const json::object line =
        json::parse(
            shown({{"to", "a@b.test"}, {"size", "7"}, {"to", "c\xff\n\"@b.test"}, {"to", "d"}}, LogFormat::json))
            .as_object();
    EXPECT_EQ(line.at("level"), "warning");
    EXPECT_EQ(line.at("event"), "an event");
    EXPECT_EQ(line.at("size"), "7");
    EXPECT_EQ(line.at("to"), json::value({"a@b.test", "c\\xff\n\"@b.test", "d"}));
    EXPECT_TRUE(line.at("time").as_string().find(":33.007") != std::string::npos);
}

TEST(LogLine, NamesOfFieldsCannotHideTheTimeOrTheEvent) {
    const std::string line = shown({{"event", "other"}, {"time", "never"}}, LogFormat::json);
    EXPECT_EQ(json::parse(line).as_object().at("event"), "an event");
}

} // namespace
} // namespace tegami::app
