// RFC 5256 §5: threads in parentheses, in pieces of any size.
#include "protocol/imap/thread_writer.h"

#include <gtest/gtest.h>

namespace tegami::imap {
namespace {

using message::ThreadForest;

constexpr std::uint32_t kEnd = ThreadForest::kNone;

std::string written(const ThreadForest& forest, std::size_t nodes_max) {
    ThreadWriter writer(&forest);
    std::string out;
    while (writer.write(out, nodes_max, [](std::uint32_t number) { return number; }))
        EXPECT_FALSE(out.ends_with("\r\n"));
    return out;
}

TEST(ThreadWriter, WritesTheExamplesOfTheStandard) {
    // "(2)(3 6 (4 23)(44 7 96))" and "((3)(5))" of RFC 5256 §4.
    const ThreadForest forest{.nodes = {{2, kEnd, 1},
                                        {3, 2, 8},
                                        {6, 3, kEnd},
                                        {4, 4, 5},
                                        {23, kEnd, kEnd},
                                        {44, 6, kEnd},
                                        {7, 7, kEnd},
                                        {96, kEnd, kEnd},
                                        {0, 9, kEnd},
                                        {13, kEnd, 10},
                                        {15, kEnd, kEnd}},
                              .first = 0};
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{100}})
        EXPECT_EQ(written(forest, piece), "* THREAD (2)(3 6 (4 23)(44 7 96))((13)(15))\r\n");
    EXPECT_EQ(written({}, 1), "* THREAD\r\n");
}

TEST(ThreadWriter, GoesAsDeepAsThereAreMessages) {
    ThreadForest chain{.nodes = {}, .first = 0};
    for (std::uint32_t node = 0; node < 200'000; ++node)
        chain.nodes.push_back({node + 1, node + 1 < 200'000 ? node + 1 : kEnd, kEnd});
    EXPECT_GT(written(chain, 1000).size(), 1'000'000U);
}

} // namespace
} // namespace tegami::imap
