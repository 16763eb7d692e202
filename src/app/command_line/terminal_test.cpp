#include "app/command_line/terminal.h"
#include "app/command_line/transfer_progress.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace tegami::app {
namespace {

/// What comes out of both streams.
template <class Print>
std::string printed(Print print) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    print();
    std::fflush(stdout);
    const std::string output = testing::internal::GetCapturedStdout();
    return output + testing::internal::GetCapturedStderr();
}

TEST(Terminal, ShowsTheTextOfStrangersOnOneLine) {
    const std::pair<std::string, std::string> cases[] = {
        {"見学会", "見学会"},
        {"\x93\x82", "\\x93\\x82"},
        {"\x1b[2J", "\\x1b[2J"},
        {"a\rb", "a\\x0db"},
        {"\xc2\x9b"
         "2J",
         "\\u{9b}2J"},
        {"a\xe2\x80\xaetxt", "a\\u{202e}txt"},
        {"\xe2\x80\xa8", "\\u{2028}"},
        {"pay\xe2\x80\x8bpal", "pay\\u{200b}pal"},
        {"\xee\x80\x80", "\\u{e000}"},
    };
    for (const auto& [text, shown] : cases) {
        EXPECT_EQ(printed([&] { print_line(text); }), shown + "\n");
        EXPECT_EQ(printed([&] { complain(1, text); }), "tegami: " + shown + "\n");
        EXPECT_EQ(printed([&] { print_table({{"x", text}}); }), "x  " + shown + "\n");
    }
    EXPECT_EQ(printed([] { print_line("a\nb"); }), "a\\x0ab\n");
    EXPECT_EQ(printed([] { print_table({{"a\nb", "c"}}); }), "a\\x0ab  c\n");
    EXPECT_EQ(printed([] { complain(1, "a\nb"); }), "tegami: a b\n");
    EXPECT_EQ(printed([] { print_json("\xe2\x80\xae"); }), "\"\\u202e\"\n");
}

TEST(Terminal, ShortensByCharacters) {
    EXPECT_EQ(shortened("見学会"), "見学会");
    std::string many;
    for (int count = 0; count < 70; ++count)
        many += "あ";
    EXPECT_EQ(shortened(many), many.substr(0, 60 * 3) + "…");
    EXPECT_EQ(shortened("a\tb"), "a\\x09b");
}

TEST(Terminal, ToldHowFarAndHowLongYet) {
    using namespace std::chrono_literals;
    constexpr std::uint64_t kMebi = 1u << 20;
    EXPECT_EQ(describe_progress(100, kMebi, 4 * kMebi, 2s), "100 messages, 1.0 MiB of 4.0 MiB, 50 a second, 6 s left");
    EXPECT_EQ(describe_progress({}, 2 * kMebi, 4 * kMebi, 400s), "2.0 MiB of 4.0 MiB, 5.1 KiB a second, 6 min left");
    EXPECT_EQ(describe_progress(1, 300, 200, 10ms), "1 message, 300 B of 300 B");
    EXPECT_EQ(describe_progress({1, Progress::Unit::messages, 400, 1000}, 4s),
              "400 of 1000 messages, 100 a second, 6 s left");
    EXPECT_EQ(describe_progress({1, Progress::Unit::messages, 0, 1}, 4s), "0 of 1 message");
    EXPECT_EQ(describe_progress({1, Progress::Unit::octets, kMebi, kMebi}, 2s),
              "1.0 MiB of 1.0 MiB, 512.0 KiB a second");
}

} // namespace
} // namespace tegami::app
