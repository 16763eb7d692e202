#include "base/visible.h"

#include <gtest/gtest.h>

namespace tegami {
namespace {

struct Case {
    std::string text;
    std::string_view shown;
};

TEST(Visible, ShowsWhatIsNotSeen) {
    const Case cases[] = {
        {"plain text \\ \"x\"", "plain text \\ \"x\""},
        {"見学会 Grüße 🎏", "見学会 Grüße 🎏"},
        {"\x93\x82", "\\x93\\x82"},                                // Shift_JIS
        {"\xe8\xa6", "\\xe8\\xa6"},                                // cut in a character
        {"\xc0\xaf", "\\xc0\\xaf"},                                // longer than it need be
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},                       // a surrogate
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},              // beyond Unicode
        {"\x1b[31mred\x07\x1b]0;x", "\\x1b[31mred\\x07\\x1b]0;x"}, // escape sequences
        {"a\r\nb\tc", "a\\x0d\\x0ab\\x09c"},                       // line ends
        {std::string("a\0b", 3), "a\\x00b"},                       // NUL
        {"\x7f", "\\x7f"},                                         // DEL
        {"\xc2\x9b"
         "31m",
         "\\u{9b}31m"},          // C1: CSI in one character
        {"\xc2\x85", "\\u{85}"}, // C1: next line
        {"a\xe2\x80\xae"
         "txt.exe",
         "a\\u{202e}txt.exe"},                                                    // right-to-left override
        {"\xe2\x81\xa6x\xe2\x81\xa9", "\\u{2066}x\\u{2069}"},                     // isolates
        {"pay\xe2\x80\x8bpal", "pay\\u{200b}pal"},                                // zero-width space
        {"\xe2\x81\xa0\xef\xbb\xbf", "\\u{2060}\\u{feff}"},                       // word joiner, byte order mark
        {"co\xc2\xadop", "co\\u{ad}op"},                                          // soft hyphen
        {"\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}"},                       // line and paragraph separator
        {"\xf3\xa0\x81\x81", "\\u{e0041}"},                                       // a tag
        {"\xee\x80\x80", "\\u{e000}"},                                            // private use
        {"\xef\xb7\x90", "\\u{fdd0}"},                                            // a noncharacter
        {"\xcd\xb8", "\\u{378}"},                                                 // unassigned
        {"\xe3\x85\xa4", "\\u{3164}"},                                            // Hangul filler
        {"葛\xf3\xa0\x84\x80 ❤\xef\xb8\x8f", "葛\xf3\xa0\x84\x80 ❤\xef\xb8\x8f"}, // a selector after what it selects
        {"❤\xef\xb8\x8f\xef\xb8\x8f", "❤\xef\xb8\x8f\\u{fe0f}"},                  // and a second one
    };
    for (const auto& [text, shown] : cases)
        EXPECT_EQ(visible(text), shown);
}

TEST(Visible, ChangesNothingThatItHasShown) {
    for (int first = 0; first < 256; ++first)
        for (int second = 0; second < 256; ++second) {
            const std::string text{static_cast<char>(first), static_cast<char>(second)};
            const std::string shown = visible(text);
            EXPECT_EQ(visible(shown), shown) << first << " " << second;
        }
}

} // namespace
} // namespace tegami
