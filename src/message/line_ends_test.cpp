// RFC 5322 §2.3: lines end in CRLF, and neither octet stands alone.
#include "message/line_ends.h"

#include "testing/splits.h"

#include <gtest/gtest.h>

namespace tegami::message {
namespace {

std::string completed(std::string_view octets) {
    std::optional<std::string> first;
    testing::for_every_split(octets, [&](const std::vector<std::string_view>& pieces) {
        LineEnds ends;
        std::string out;
        for (const std::string_view piece : pieces)
            out += ends.complete(std::string(piece));
        out += ends.finish();
        if (!first) first = out;
        EXPECT_EQ(out, *first);
    });
    return *first;
}

TEST(LineEnds, AreAllOfOneKind) {
    struct Case {
        std::string_view octets, stored;
    };

    for (const Case& each : {
             Case{"A: b\r\n\r\nbody\r\n", "A: b\r\n\r\nbody\r\n"},
             Case{"A: b\n\nbody\n", "A: b\r\n\r\nbody\r\n"},
             Case{"A: b\r\rbody\r", "A: b\r\n\r\nbody\r\n"},
             Case{"A: b\r\r\nC: d\r\r\r\n", "A: b\r\nC: d\r\n"},
             Case{"A: b\rBcc: c\r\n", "A: b\r\nBcc: c\r\n"},
             Case{"a\r\r\r\r\r\r\r\r\r\r\nb", "a\r\n\r\n\r\nb\r\n"},
             Case{"a\n\rb", "a\r\n\r\nb\r\n"},
             Case{"a\r\nb\nc\rd", "a\r\nb\r\nc\r\nd\r\n"},
             Case{"\n", "\r\n"},
             Case{"", ""},
             Case{"no end", "no end\r\n"},
         })
        EXPECT_EQ(completed(each.octets), each.stored) << each.octets;
}

TEST(LineEnds, GrowNoFasterThanTheMessage) {
    LineEnds ends;
    std::size_t size = ends.complete(std::string(1 << 20, '\r')).size();
    EXPECT_GE(size, (2U << 20) - 2 * kWaitingCrMax) << "no more than a few wait to be given out at once";
    size += ends.complete("x").size();
    EXPECT_EQ(size, (2U << 20) + 1);
}

} // namespace
} // namespace tegami::message
