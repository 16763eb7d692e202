#include "json/json.h"

#include <gtest/gtest.h>

namespace tegami {
namespace {

TEST(WriteJson, IsUtf8InWhichEverythingIsSeen) {
    const std::pair<std::string, std::string_view> cases[] = {
        {"見学会", R"("見学会")"},
        {"\x93\x82", R"("\\x93\\x82")"},
        {"\x1b[31m\x07", R"("\u001b[31m\u0007")"},
        {"\x7f", R"("\u007f")"},
        {"\xc2\x9b", R"("\u009b")"},
        {"\xe2\x80\xae", R"("\u202e")"},
        {"\xe2\x80\x8b\xe2\x80\xa8", R"("\u200b\u2028")"},
        {"\xf3\xa0\x81\x81", R"("\udb40\udc41")"},
        {"\xf4\x8f\xbf\xbf", R"("\udbff\udfff")"},
        {"\xed\xa0\x80", R"("\\xed\\xa0\\x80")"},
    };
    for (const auto& [text, written] : cases)
        EXPECT_EQ(write_json(json::value(text)), written);
    EXPECT_EQ(write_json(json::object{{"\xff", json::array{"\xe2\x80\xae"}}}), R"({"\\xff":["\u202e"]})");
}

TEST(WriteJson, IsReadBackAsItWas) {
    for (const std::string_view text : {"\x1b]0;x\x07",
                                        "a\xe2\x80\xae"
                                        "b",
                                        "\xf3\xa0\x81\x81", "\xee\x80\x80 \"\\ \n"})
        EXPECT_EQ(json::parse(write_json(json::value(text))).as_string(), text);
}

TEST(ReadJson, TakesWhatIsWellFormedAndNotTooDeep) {
    EXPECT_EQ(read_json(R"({"a":[1]})", 2), (json::value{{"a", json::array{1}}}));
    for (const std::string_view text : {"", "{", "[1] 2", "[[[]]]", "\"\xff\"", "{\"a\":1,}"})
        EXPECT_EQ(read_json(text, 2), std::nullopt) << text;
}

TEST(HasRepeatedNames, LooksAtEachObjectAlone) {
    for (const std::string_view text :
         {R"({"a":1,"b":{"a":1}})", R"([{"a":1},{"a":1}])", R"({"a":1,"A":2})", "1", "[]"})
        EXPECT_FALSE(has_repeated_names(text)) << text;
    for (const std::string_view text :
         {R"({"a":1,"a":1})", R"({"b":[{"a":1,"c":2,"a":1}]})", "{\"a\":1,\"\\u0061\":2}", R"({"":1,"":1})"})
        EXPECT_TRUE(has_repeated_names(text)) << text;
}

} // namespace
} // namespace tegami
