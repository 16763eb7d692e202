#include "trust/srs/rewriter.h"

#include "base/ascii.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::srs {
namespace {

using ::testing::MatchesRegex;
using ::testing::StartsWith;

const Timestamp kNow{std::chrono::seconds(1'790'000'000)};

message::EmailAddress address(std::string_view text) {
    return message::parse_email_address(text).value();
}

class RewriterTest : public ::testing::Test {
protected:
    Rewriter ours_{"secret", *message::Domain::parse("b.test")};
    Rewriter theirs_{"other", *message::Domain::parse("c.test")};
    Rewriter third_{"third", *message::Domain::parse("d.test")};
};

TEST_F(RewriterTest, ReportsFindTheirWayBack) {
    for (const std::string sender :
         {"anna@a.test", "\"odd one\"@a.test", "a=b=c@a.test", "ANNA+tag@a.test", "x@[192.0.2.1]",
          "b\u00fcro@xn--bro-hoa.test", "SRS@a.test", "SRS0@a.test", "srs0x@a.test", "\"taro.\"@a.test"}) {
        const auto rewritten = ours_.rewrite(address(sender), kNow);
        ASSERT_TRUE(rewritten) << sender;
        EXPECT_EQ(rewritten->domain.ascii(), "b.test");
        EXPECT_THAT(rewritten->local_part, MatchesRegex("SRS0=[a-z2-7]{10}=[a-z2-7]{2}=.*"));
        EXPECT_TRUE(Rewriter::is_rewritten(*rewritten));
        EXPECT_EQ(ours_.restore(*rewritten, kNow), address(sender));
        // As it comes back from the wire.
        EXPECT_EQ(ours_.restore(address(rewritten->to_string()), kNow), address(sender));
    }
}

TEST_F(RewriterTest, ServersMayChangeTheCaseOfLetters) {
    message::EmailAddress rewritten = *ours_.rewrite(address("anna@a.test"), kNow);
    for (const std::string& text : {ascii::lower(rewritten.local_part), ascii::upper(rewritten.local_part)}) {
        rewritten.local_part = text;
        const auto restored = ours_.restore(rewritten, kNow);
        ASSERT_TRUE(restored) << text;
        EXPECT_EQ(ascii::lower(restored->to_string()), "anna@a.test");
    }
}

TEST_F(RewriterTest, ALetterThatIsPassedOnSeveralTimesKeepsAShortAddress) {
    const auto first = theirs_.rewrite(address("anna@a.test"), kNow);
    const auto second = ours_.rewrite(*first, kNow);
    EXPECT_THAT(second->local_part, StartsWith("SRS1="));
    EXPECT_EQ(ours_.restore(*second, kNow), *first);
    EXPECT_EQ(theirs_.restore(*first, kNow), address("anna@a.test"));
    const auto third = third_.rewrite(*second, kNow);
    EXPECT_EQ(third->local_part.size(), second->local_part.size());
    EXPECT_EQ(third_.restore(*third, kNow), *first) << "past the second, straight to the first";
    EXPECT_FALSE(ours_.rewrite(address(std::string(240, 'x') + "@a.test"), kNow));
}

TEST_F(RewriterTest, OnlyWhatWeWroteAndNotLongAgo) {
    const message::EmailAddress good = *ours_.rewrite(address("anna@a.test"), kNow);
    EXPECT_TRUE(ours_.restore(good, kNow + std::chrono::days(kValidDays)));
    EXPECT_EQ(ours_.restore(good, kNow + std::chrono::days(kValidDays + 1)).error(), Fault::expired);
    EXPECT_EQ(ours_.restore(good, kNow - std::chrono::days(2)).error(), Fault::expired) << "of the day after tomorrow";
    EXPECT_EQ(theirs_.restore(good, kNow).error(), Fault::forged);
    message::EmailAddress changed = good;
    for (std::size_t at = 5; at < good.local_part.size(); ++at) {
        changed.local_part = good.local_part;
        changed.local_part[at] = changed.local_part[at] == 'q' ? 'z' : 'q';
        EXPECT_FALSE(ours_.restore(changed, kNow)) << changed.local_part;
    }
    for (const std::string local_part :
         {"SRS0=", "SRS0==", "SRS0=aaaaaaaaaa", "SRS0=aaaaaaaaaa=aa=a.test=x", "SRS1=aaaaaaaaaa=a.test==x",
          "SRS0=a=b=c=d=e", "SRS1=", "SRS1===", "SRS2=a=b", "anna", ""}) {
        changed.local_part = local_part;
        EXPECT_FALSE(ours_.restore(changed, kNow)) << local_part;
    }
}

} // namespace
} // namespace tegami::srs
